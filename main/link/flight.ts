import type { Clock } from '../../app/base/clock.ts'
import { Alarm, isDue } from './alarm.ts'
import type { Cargo, Ending, Traffic } from './passage.ts'
import { Queue } from './queue.ts'

/** How a packet is to be overtaken: by so many packets, within so many milliseconds. */
export interface Postponement {
  readonly packets: number
  readonly ms: number
}

export interface FlightHost {
  readonly clock: Clock
  /** It has arrived at the far end of the wire. */
  land(traffic: Traffic): void
  /** It does not go on. */
  drop(cargo: Cargo, by: string): void
  /** Something went on because its time has come. */
  moved(): void
}

interface Flying {
  readonly traffic: Traffic
  /** Monotonic time, in nanoseconds. */
  readonly due: number
  readonly postponement: Postponement | undefined
}

interface Overtaken {
  readonly cargo: Cargo
  /** How many packets are still to overtake it. */
  left: number
  readonly due: number
}

/** The second stage: the wire. What is delayed keeps back what comes behind it; what is postponed is overtaken. */
export class Flight {
  readonly #host: FlightHost
  readonly #alarm: Alarm
  readonly #flying = new Queue<Flying>()
  #lastDue = 0
  #lastBy: string | undefined
  #overtaken: Overtaken[] = []
  /** The last part of a packet that is streamed has not landed yet: nothing may come in between. */
  #midPacket = false
  #busy = false
  /** Packets that are to be overtaken, on their way or waiting. */
  #postponed = 0

  constructor(host: FlightHost) {
    this.#host = host
    this.#alarm = new Alarm(host.clock, () => {
      this.#land()
      host.moved()
    })
  }

  get empty(): boolean {
    return this.#flying.length === 0 && this.#overtaken.length === 0 && !this.#busy
  }

  /** A packet waits, or will wait, to be overtaken. */
  get isOvertaken(): boolean {
    return this.#postponed > 0
  }

  /** @param delayMs how much longer it takes than what is not delayed. */
  depart(traffic: Traffic, delayMs = 0, postponement?: Postponement): void {
    if (postponement) this.#postponed += 1
    // The common case, without asking for the time: that is the dearest part.
    if (delayMs === 0 && postponement === undefined && this.empty) {
      this.#landAtOnce(traffic)
      return
    }
    const due = this.#host.clock.monotonic() + delayMs * 1e6
    const behind = this.#flying.length > 0
    const late = behind && this.#lastDue > due
    if (traffic.kind === 'cargo') {
      // Also where all before it is due and only the timer has not come: it leaves behind them, not at its own time.
      if (behind) traffic.passage.waits(this.#lastBy)
      else if (delayMs > 0) traffic.passage.waits()
    }
    if (!late) {
      this.#lastDue = due
      this.#lastBy = traffic.kind === 'cargo' ? traffic.passage.by : undefined
    }
    this.#flying.push({ traffic, due: this.#lastDue, postponement })
    this.#land()
  }

  /** Nothing that is on its way is to go on any more. */
  drop(by: string): void {
    this.#alarm.dispose()
    this.#postponed = 0
    const overtaken = this.#overtaken.splice(0)
    for (const { cargo } of overtaken) this.#host.drop(cargo, by)
    for (let next = this.#flying.shift(); next; next = this.#flying.shift()) {
      if (next.traffic.kind === 'cargo') this.#host.drop(next.traffic, by)
    }
  }

  dispose(): void {
    this.#alarm.dispose()
  }

  #landAtOnce(traffic: Traffic): void {
    this.#busy = true
    try {
      this.#landOne({ traffic, due: 0, postponement: undefined })
    } finally {
      this.#busy = false
    }
    if (this.#flying.length > 0) this.#land()
  }

  /** Lets land what is due. What departs meanwhile has its place behind. */
  #land(): void {
    if (this.#busy) return
    this.#busy = true
    try {
      for (let next = this.#flying.first; next && isDue(this.#host.clock, next.due); next = this.#flying.first) {
        this.#flying.shift()
        this.#landOne(next)
      }
      if (!this.#midPacket) this.#landOvertaken(({ due }) => isDue(this.#host.clock, due))
    } finally {
      this.#busy = false
    }
    const dues = this.#midPacket ? [] : this.#overtaken.map(({ due }) => due)
    const next = this.#flying.first
    if (next) dues.push(next.due)
    this.#alarm.set(dues.length === 0 ? undefined : Math.min(...dues))
  }

  #landOne({ traffic, postponement }: Flying): void {
    if (traffic.kind !== 'cargo') {
      this.#landEnding(traffic)
      return
    }
    if (postponement) {
      traffic.passage.waits()
      const due = this.#host.clock.monotonic() + postponement.ms * 1e6
      this.#overtaken.push({ cargo: traffic, left: postponement.packets, due })
      return
    }
    const before = this.#overtaken.length
    this.#midPacket = traffic.part === 'middle'
    this.#host.land(traffic)
    if (this.#midPacket || before === 0) return
    for (const overtaken of this.#overtaken) overtaken.left -= 1
    this.#landOvertaken(({ left }) => left <= 0)
  }

  /** What was sent before FIN or RST arrives before it. A cut takes what is on its way. */
  #landEnding(ending: Ending): void {
    if (ending.kind !== 'cut') this.#landOvertaken(() => true)
    this.#host.land(ending)
  }

  #landOvertaken(lands: (overtaken: Overtaken) => boolean): void {
    const landing = this.#overtaken.filter(lands)
    if (landing.length === 0) return
    this.#overtaken = this.#overtaken.filter((overtaken) => !landing.includes(overtaken))
    this.#postponed -= landing.length
    for (const { cargo } of landing) this.#host.land(cargo)
  }
}
