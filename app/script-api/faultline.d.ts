/**
 * All that a device's script can import. The editor, `tsc` and the sandbox read this one file.
 *
 * A device in ten lines:
 *
 * ```ts
 * import { device, every, sensor } from 'faultline'
 *
 * export default device(({ id }) => {
 *   const temperature = sensor.randomWalk({ start: 20, step: 0.2, min: 0, max: 40 })
 *   return {
 *     connected({ client }) {
 *       every('1s', () => client.publish(`room/${id}/temperature`, temperature.next()))
 *     },
 *   }
 * })
 * ```
 */
declare module 'faultline' {
  /** A length of time: a number of milliseconds, or text such as `'250ms'`, `'1.5s'`, `'2m'`, `'1h'`, `'1d'`. */
  export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

  /** Quality of Service: 0 at most once, 1 at least once, 2 exactly once. */
  export type QoS = 0 | 1 | 2

  /** What can be published: text, octets, or any value that JSON can hold (sent as JSON). */
  export type Payload =
    | string
    | Uint8Array
    | number
    | boolean
    | null
    | readonly unknown[]
    | { readonly [key: string]: unknown }

  /**
   * Describes a device. The factory runs once for each device and again whenever it is powered on, so what it declares
   * is that device's own RAM.
   */
  export function device(factory: (context: DeviceContext) => DeviceBehaviour): DeviceScript

  /** What `device` gives; a script's default export. */
  export interface DeviceScript {
    readonly kind: 'device'
  }

  export interface DeviceContext {
    /** The device's id, unique in its workspace, such as `pump-01`. */
    readonly id: string
    /** Seeded by the workspace's seed and the device's id: the same device draws the same numbers in every run. */
    readonly random: Random
  }

  /** How a device behaves. Everything is optional. */
  export interface DeviceBehaviour {
    /** How its MQTT client connects. */
    readonly client?: ClientOptions
    /** The broker has accepted the connection; called after every connect and reconnect. */
    connected?(event: ConnectedEvent): void | Promise<void>
    /** A message arrived for one of the device's subscriptions. */
    message?(event: MessageEvent): void | Promise<void>
    /** The connection is gone, and with it the timers that `connected` started. */
    disconnected?(event: DisconnectedEvent): void | Promise<void>
    /** The device was switched on: called before it connects. RAM is fresh. */
    powerOn?(): void | Promise<void>
  }

  export interface ClientOptions {
    /** 4 is MQTT 3.1.1. @default 4 */
    readonly protocolVersion?: 3 | 4
    /** The Client Identifier. @default the device's id */
    readonly clientId?: string
    /** False keeps the session over connections: subscriptions and queued messages survive. @default true */
    readonly cleanStart?: boolean
    /** How long the client may be silent before the broker takes it for dead, after half as much again. 0 is off. @default '60s' */
    readonly keepAlive?: Duration
    readonly username?: string
    readonly password?: string
    /** The Will Message: the broker publishes it when the connection ends without DISCONNECT. */
    readonly will?: Will
    /** When to try again after the connection was lost. `false` never tries. */
    readonly reconnect?: ReconnectPolicy | false
  }

  export interface Will {
    readonly topic: string
    readonly payload: Payload
    /** @default 0 */
    readonly qos?: QoS
    /** @default false */
    readonly retain?: boolean
  }

  /** The wait before attempt n is `after × factor^(n-1)`, at most `max`, give or take `jitter`. */
  export interface ReconnectPolicy {
    /** The first wait. @default '1s' */
    readonly after?: Duration
    /** At least 1. @default 2 */
    readonly factor?: number
    /** The longest wait. @default '30s' */
    readonly max?: Duration
    /** From 0 to 1: 0.3 makes each wait up to 30 % shorter or longer, seeded. @default 0 */
    readonly jitter?: number
  }

  export interface ConnectedEvent {
    readonly client: Client
    /** True when the broker still had the session: subscriptions need not be made again. */
    readonly sessionPresent: boolean
  }

  export interface DisconnectedEvent {
    /** Why, in words: `connection lost`, `disconnected`, `refused: not authorized`. */
    readonly reason: string
    readonly willReconnect: boolean
  }

  export interface MessageEvent {
    /** The Topic Name that the message was published to. */
    readonly topic: string
    readonly payload: Uint8Array
    /** The payload as UTF-8 text. */
    readonly text: string
    /** The payload read as JSON; undefined when it is not JSON. */
    // biome-ignore lint/suspicious/noExplicitAny: what arrives is the business of the script
    readonly json: any
    /** The PUBLISH as it arrived. */
    readonly packet: {
      readonly qos: QoS
      readonly retain: boolean
      readonly dup: boolean
      readonly packetId: number | undefined
    }
    readonly client: Client
  }

  export interface Client {
    /** The Client Identifier. */
    readonly id: string
    readonly connected: boolean
    /**
     * Publishes a message. The promise settles when the handshake is complete: at QoS 0 when the packet was written, at
     * QoS 1 with PUBACK, at QoS 2 with PUBCOMP. While there is no connection, messages wait for the next one.
     *
     * It is rejected for a wrong argument, and when the connection is lost before the handshake is complete and the
     * session does not outlive it (at QoS 0 in any case). The latter need not be caught: no script can help it.
     */
    publish(topic: string, payload: Payload, options?: PublishOptions): Promise<void>
    /**
     * Subscribes. The promise gives the granted QoS; it is rejected when the broker refuses. A rejection because the
     * connection was lost first need not be caught: `connected` runs again on the next one.
     */
    subscribe(filter: string, options?: SubscribeOptions): Promise<QoS>
    unsubscribe(filter: string): Promise<void>
  }

  export interface PublishOptions {
    /** @default 0 */
    readonly qos?: QoS
    /** The broker keeps the message for later subscribers. @default false */
    readonly retain?: boolean
  }

  export interface SubscribeOptions {
    /** The highest QoS in which messages shall arrive. @default 0 */
    readonly qos?: QoS
  }

  /** A running `every` or `after`. */
  export interface Timer {
    stop(): void
  }

  /**
   * Runs something again and again, first after one interval. A timer that was started in `connected` (also after an
   * `await` of the client in it) belongs to that connection and stops when it ends, so timers never pile up over
   * reconnects. Every other timer runs until the device loses its power.
   */
  export function every(interval: Duration, run: () => unknown): Timer

  /** Runs something once, later. It stops as `every` does. */
  export function after(delay: Duration, run: () => unknown): Timer

  /** The workbench's clock. `Date` shows the same time. */
  export const clock: {
    /** Milliseconds since 1970-01-01T00:00Z. */
    now(): number
  }

  /** Writes a line to the device's console. Values that are not text are shown as JSON. */
  export function log(...values: unknown[]): void

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

  export interface Random {
    /** Uniform in [0, 1). */
    next(): number
    /** Uniform integer in [min, max]. */
    integer(min: number, max: number): number
    /** Normally distributed with mean 0 and standard deviation 1. */
    normal(): number
  }

  /** Believable made-up data from @faker-js/faker, seeded like `random`. */
  export const faker: Faker

  export interface Faker {
    readonly string: {
      alphanumeric(length?: number): string
      hexadecimal(options?: { readonly length?: number; readonly prefix?: string }): string
      numeric(length?: number): string
      uuid(): string
    }
    readonly number: {
      int(options?: { readonly min?: number; readonly max?: number }): number
      float(options?: { readonly min?: number; readonly max?: number; readonly fractionDigits?: number }): number
    }
    readonly datatype: { boolean(options?: { readonly probability?: number }): boolean }
    readonly helpers: { arrayElement<T>(items: readonly T[]): T }
    readonly internet: {
      ipv4(): string
      mac(): string
      username(): string
    }
    readonly location: {
      city(): string
      country(): string
      latitude(): number
      longitude(): number
      streetAddress(): string
    }
    readonly person: {
      firstName(): string
      fullName(): string
      lastName(): string
    }
    readonly commerce: { productName(): string }
    readonly company: { name(): string }
    readonly vehicle: {
      vin(): string
      vrm(): string
    }
    readonly word: {
      adjective(): string
      noun(): string
    }
    readonly lorem: {
      sentence(): string
      word(): string
    }
    readonly system: { semver(): string }
    readonly color: { human(): string }
  }
}
