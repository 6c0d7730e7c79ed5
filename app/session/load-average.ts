const secondsPerMinute = 60

/**
 * How much happens in a minute, as a moving average whose weights fall by 1/e with each `minutes`: what Mosquitto shows
 * under `$SYS/broker/load/`, computed as there. Pure: is told how much time has passed.
 */
export class LoadAverage {
  readonly #minutes: number
  #value = 0

  /** @param minutes over which it is taken, such as 1, 5 and 15 */
  constructor(minutes: number) {
    this.#minutes = minutes
  }

  /** Per minute. */
  get value(): number {
    return this.#value
  }

  /**
   * @param events that have happened since the last call
   * @param seconds that have passed since then, above 0
   */
  add(events: number, seconds: number): void {
    const perMinute = (events * secondsPerMinute) / seconds
    const kept = Math.exp(-seconds / (this.#minutes * secondsPerMinute))
    this.#value = perMinute + kept * (this.#value - perMinute)
  }
}
