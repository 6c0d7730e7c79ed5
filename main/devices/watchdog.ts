/**
 * A script can keep its thread for itself, in a builtin that QuickJS cannot interrupt. So the worker writes down, in
 * memory that both threads see, which device it is running and how many visits to scripts it has begun; the main thread
 * looks now and then. The same visit seen for too long means that its device does not come back.
 */

const running = 0
const visits = 1

export function createMarks(): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)
}

/** The worker's side. */
export class RunMark {
  readonly #marks: Int32Array

  constructor(marks: SharedArrayBuffer) {
    this.#marks = new Int32Array(marks)
  }

  enter(device: number): void {
    Atomics.add(this.#marks, visits, 1)
    Atomics.store(this.#marks, running, device)
  }

  leave(): void {
    Atomics.store(this.#marks, running, 0)
  }
}

/** The main thread's side. */
export class Watchdog {
  readonly #marks: Int32Array
  readonly #patience: number
  readonly #longestLook: number
  #visit = 0
  #seenFor = 0
  #lastLook = 0

  /**
   * @param patience how long a visit may last, in milliseconds
   * @param interval how often `look` will be called, in milliseconds
   */
  constructor(marks: SharedArrayBuffer, patience: number, interval: number) {
    this.#marks = new Int32Array(marks)
    this.#patience = patience
    this.#longestLook = interval * 2
  }

  /**
   * @param now milliseconds, monotonic
   * @returns the number of the device that does not come back, or undefined
   */
  look(now: number): number | undefined {
    const device = Atomics.load(this.#marks, running)
    const visit = Atomics.load(this.#marks, visits)
    // A main thread that was itself held up, or a machine that slept, says nothing about the worker: such a gap counts
    // as no more than two looks.
    const elapsed = Math.min(this.#longestLook, now - this.#lastLook)
    this.#seenFor = device !== 0 && visit === this.#visit ? this.#seenFor + elapsed : 0
    this.#visit = visit
    this.#lastLook = now
    return this.#seenFor > this.#patience ? device : undefined
  }
}
