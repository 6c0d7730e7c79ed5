/** What sensors measure, for devices that have none. */
declare module 'faultline' {
  /** A source of values over time. One whose type is `Signal<number | undefined>` gives undefined for a lost sample. */
  export interface Signal<T extends number | undefined = number> {
    /** The next value; of a signal that follows the clock, its value at this moment. */
    next(): T
  }

  /**
   * Data as sensors give it. Chance is seeded like `random`, and each sensor has a stream of its own. What follows the
   * clock counts from the moment when it was made, in the factory: from power on. Sensors go into one another:
   *
   * ```ts
   * const day = sensor.sine({ min: 12, max: 24, period: '1d' })
   * const celsius = sensor.quantize(sensor.withNoise(day, { deviation: 0.2 }), { step: 0.1 })
   * every('1s', () => client.publish('room/temperature', celsius.next()))
   * ```
   */
  export const sensor: Sensors

  export interface Sensors {
    /** Always the same value: `sensor.constant(21.5)`. */
    constant(value: number): Signal
    /** Any value between `min` and `max`, all as likely: `sensor.uniform({ min: 0, max: 100 })`. */
    uniform(options: { readonly min: number; readonly max: number }): Signal
    /** Normally distributed; `deviation` is the standard deviation: `sensor.normal({ mean: 230, deviation: 1.5 })`. */
    normal(options: { readonly mean: number; readonly deviation: number }): Signal
    /**
     * Wanders: each value is the one before, plus or minus up to `step`, kept within `min` and `max` (default: no bounds):
     * `sensor.randomWalk({ start: 64, step: 0.4, min: 20, max: 95 })`.
     */
    randomWalk(options: {
      readonly start: number
      readonly step: number
      readonly min?: number
      readonly max?: number
    }): Signal
    /** Swings between `min` and `max`, from the middle upwards: `sensor.sine({ min: 10, max: 30, period: '1d' })`. */
    sine(options: Wave): Signal
    /**
     * At `max` for the part `duty` of each period (0 to 1, default 0.5), then at `min`:
     * `sensor.square({ min: 0, max: 1, period: '10s', duty: 0.3 })`.
     */
    square(options: Wave & { readonly duty?: number }): Signal
    /** Rises evenly from `min` to `max`, then falls at once: `sensor.sawtooth({ min: 0, max: 100, period: '1m' })`. */
    sawtooth(options: Wave): Signal
    /**
     * One value after the other, each for the time `every`; from the first again, or with `repeat: false` staying at the
     * last: `sensor.steps({ values: [20, 60, 40], every: '5m' })`.
     */
    steps(options: { readonly values: readonly number[]; readonly every: Duration; readonly repeat?: boolean }): Signal
    /**
     * Gains `rate` in each time `per`, evenly, from `start` (default 0); a negative rate falls. Add it to a sensor that
     * ages: `sensor.sum(celsius, sensor.drift({ rate: 0.5, per: '1d' }))`.
     */
    drift(options: { readonly start?: number; readonly rate: number; readonly per: Duration }): Signal
    /**
     * Plays what was recorded: one column of a CSV file of the workspace, by its name in the first line or its number from
     * 1. The path counts from the workspace's folder. Each row lasts for the time `every`, or, without it, for one sample.
     * After the last row comes the first again, or with `repeat: false` it stays at the last:
     * `sensor.playback({ file: 'data/day.csv', column: 'celsius', every: '1m' })`.
     *
     * Commas, semicolons or tabs separate; numbers may have a decimal comma. A cell that holds no number is a mistake, or,
     * with `gaps: 'lost'`, a lost sample. A device whose file is changed restarts.
     */
    playback(options: Playback): Signal
    playback(options: Playback & { readonly gaps: 'lost' }): Signal<number | undefined>
    /**
     * Now and then (`probability` of each sample, 0 to 1) a sample is off by `size`, `'up'`, `'down'` or (default) `'both'`:
     * `sensor.spikes(celsius, { probability: 0.01, size: 30 })`.
     */
    spikes<T extends number | undefined>(
      source: Signal<T>,
      options: { readonly probability: number; readonly size: number; readonly direction?: 'up' | 'down' | 'both' },
    ): Signal<T>
    /**
     * Now and then (`probability` of each sample, 0 to 1) the value stays the same for a while, however the source moves:
     * `sensor.stuck(celsius, { probability: 0.01, for: '30s' })`.
     */
    stuck<T extends number | undefined>(
      source: Signal<T>,
      options: { readonly probability: number; readonly for: Duration },
    ): Signal<T>
    /**
     * Now and then (`probability` of each sample, 0 to 1) a sample is lost, and all others for the time `for` (default 0:
     * only that one). A lost sample is undefined: `const value = sensor.dropout(celsius, { probability: 0.05 }).next()`,
     * then `if (value !== undefined) client.publish(topic, value)`.
     */
    dropout(
      source: Signal<number | undefined>,
      options: { readonly probability: number; readonly for?: Duration },
    ): Signal<number | undefined>
    /** All values added up; lost when one of them is lost: `sensor.sum(base, ripple)`. */
    sum<T extends number | undefined>(...sources: readonly Signal<T>[]): Signal<T>
    /** What is below `min` becomes `min`, above `max` `max`; one may be left out: `sensor.clamp(level, { min: 0 })`. */
    clamp<T extends number | undefined>(
      source: Signal<T>,
      options: { readonly min?: number; readonly max?: number },
    ): Signal<T>
    /** The nearest multiple of `step`, as a converter of that resolution shows it: `sensor.quantize(celsius, { step: 0.5 })`. */
    quantize<T extends number | undefined>(source: Signal<T>, options: { readonly step: number }): Signal<T>
    /** Adds normally distributed noise; `deviation` is its standard deviation: `sensor.withNoise(day, { deviation: 0.2 })`. */
    withNoise<T extends number | undefined>(source: Signal<T>, options: { readonly deviation: number }): Signal<T>
    /**
     * Can be made to fail, by `fail` and `heal` or by `schedule`, whose times count from when it was made. `spike` is what a
     * spike adds. `const level = sensor.withFault(tank, { schedule: [{ fault: 'stuck', after: '1m', for: '10s' }] })`.
     */
    withFault(
      source: Signal<number | undefined>,
      options?: {
        readonly spike?: number
        readonly schedule?: readonly { readonly fault: SensorFault; readonly after: Duration; readonly for: Duration }[]
      },
    ): FaultySignal
  }

  export interface Playback {
    readonly file: string
    readonly column: string | number
    readonly every?: Duration
    /** @default true */
    readonly repeat?: boolean
  }

  /** `phase` is the part of a period by which a wave is ahead, from 0 to 1. @default 0 */
  export interface Wave {
    readonly min: number
    readonly max: number
    readonly period: Duration
    readonly phase?: number
  }

  /** `stuck` repeats the last value from before, `dropout` loses every sample, `spike` adds the option `spike` to each. */
  export type SensorFault = 'stuck' | 'dropout' | 'spike'

  export interface FaultySignal extends Signal<number | undefined> {
    /** What is wrong now; undefined when nothing is. */
    readonly fault: SensorFault | undefined
    /** Begins a fault, in place of any other, until `heal` or for a time: `level.fail('stuck', { for: '10s' })`. */
    fail(fault: SensorFault, options?: { readonly for?: Duration }): void
    /** Ends the fault of now. What is scheduled for later still comes. */
    heal(): void
  }
}
