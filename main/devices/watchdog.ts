import type { ToGuest } from '../../app/script-api/crossing.ts'

/**
 * A script can keep its thread for itself, in a builtin that QuickJS cannot interrupt. So the worker writes down, in
 * memory that both threads see, which device it is running and how many visits to scripts it has begun; the main thread
 * looks now and then. The same visit seen for too long means that its device does not come back.
 */

/** A visit may take so many times its time, when most of it was spent on waiting for a core, or for a disk. */
const mostWaiting = 5

const running = 0
const visits = 1
const thread = 2
const kind = 3

/** What a script is visited for, and what it is called where a visit to it does not come to an end. */
const visitNames: Readonly<Record<VisitKind, string>> = {
  start: 'its script',
  'power on': 'powerOn',
  connected: 'connected',
  message: 'message',
  disconnected: 'disconnected',
  timer: 'a callback of every or after',
  settled: 'what follows an await',
}
const visitKinds = Object.keys(visitNames) as VisitKind[]
export type VisitKind = 'start' | ToGuest['type']

export function createMarks(): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * Int32Array.BYTES_PER_ELEMENT)
}

/** The worker's side. */
export class RunMark {
  readonly #marks: Int32Array

  constructor(marks: SharedArrayBuffer) {
    this.#marks = new Int32Array(marks)
  }

  /** @param number of the worker's thread, as the system counts them */
  identify(number: number): void {
    Atomics.store(this.#marks, thread, number)
  }

  /** What the next visits are for. */
  visitFor(what: VisitKind): void {
    Atomics.store(this.#marks, kind, visitKinds.indexOf(what))
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
  readonly #timeOf: (thread: number) => number | undefined
  #visit = 0
  #seenFor = 0
  /** As `#seenFor`, without the time in which the thread had no core to run on. */
  #workedFor = 0
  #time: number | undefined
  #lastLook = 0

  /**
   * @param patience how long a visit may last, in milliseconds
   * @param interval how often `look` will be called, in milliseconds
   * @param timeOf how long a thread has run on a core, in milliseconds, if the system tells
   */
  constructor(
    marks: SharedArrayBuffer,
    patience: number,
    interval: number,
    timeOf: (thread: number) => number | undefined = () => undefined,
  ) {
    this.#timeOf = timeOf
    this.#marks = new Int32Array(marks)
    this.#patience = patience
    this.#longestLook = interval * 2
  }

  /** What the visit is for that `look` has seen, as a user would call it. */
  get visited(): string {
    return visitNames[visitKinds[Atomics.load(this.#marks, kind)] ?? 'start']
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
    const time = device === 0 ? undefined : this.#timeOf(Atomics.load(this.#marks, thread))
    const worked = time === undefined || this.#time === undefined ? elapsed : Math.min(elapsed, time - this.#time)
    const same = device !== 0 && visit === this.#visit
    this.#seenFor = same ? this.#seenFor + elapsed : 0
    this.#workedFor = same ? this.#workedFor + worked : 0
    this.#time = time
    this.#visit = visit
    this.#lastLook = now
    // On a machine with too much to do, a script that has done nothing wrong can wait for its core for a second.
    const overdue = this.#workedFor > this.#patience || this.#seenFor > this.#patience * mostWaiting
    return overdue ? device : undefined
  }
}
