import type { Outcome } from '../../../app/script-api/crossing.ts'
import type { Meter } from '../meter.ts'

interface OpenCall {
  readonly qos: 0 | 1 | 2
  /** When its PUBLISH was written; undefined while it waits. */
  at: number | undefined
}

/** Counts what a device publishes, and how long each handshake takes. */
export class PublishedCalls {
  readonly #meter: Meter
  readonly #now: () => number
  /** Calls that have no outcome. */
  readonly #open = new Map<number, OpenCall>()

  /** @param now milliseconds, monotonic */
  constructor(meter: Meter, now: () => number) {
    this.#meter = meter
    this.#now = now
  }

  asked(call: number, qos: 0 | 1 | 2): void {
    this.#open.set(call, { qos, at: undefined })
  }

  /** Its PUBLISH goes out; that of a call that was not asked for in this life counts as well. */
  written(call: number): void {
    this.#meter.published()
    const open = this.#open.get(call)
    if (open !== undefined) open.at = this.#now()
  }

  settled(call: number, { type }: Outcome): void {
    const open = this.#open.get(call)
    if (open === undefined) return
    this.#open.delete(call)
    const { at, qos } = open
    if (type === 'refused') this.#meter.failed('a message was refused')
    else if (type === 'lost') this.#meter.failed(at === undefined ? dropped : lost)
    else if (qos > 0 && at !== undefined) this.#meter.acknowledged(this.#now() - at)
  }
}

const dropped = 'a message was dropped: too much was waiting'
const lost = 'a message was lost with its connection'
