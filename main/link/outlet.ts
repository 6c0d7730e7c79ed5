import type { Clock } from '../../app/base/clock.ts'
import type { Piece } from '../../app/faults/fault.ts'
import type { Origin } from '../../app/mqtt/network-connection.ts'
import type { ActiveRule } from './active-rule.ts'
import { Alarm, isDue } from './alarm.ts'
import type { Cargo, Ending, Traffic } from './passage.ts'
import { Queue } from './queue.ts'

export interface OutletHost {
  readonly clock: Clock
  /** The rule that lets octets vanish at this moment. */
  readonly halfOpen: ActiveRule | undefined
  /** The rules that shape the octets of a packet that is to leave. */
  shapers(): readonly ActiveRule[]
  /** Cuts octets that are ready to leave into pieces. */
  shape(rule: ActiveRule, length: number): readonly Piece[]
  write(octets: Uint8Array, origin: Origin | undefined): void
  /** All of it was written. */
  left(cargo: Cargo): void
  drop(cargo: Cargo, by: string): void
  /** A packet of which a part has left does not go on: what comes after it cannot be read by its receiver. */
  torn(by: string): void
  tell(ending: Ending): void
  /** Something left because its time has come. */
  moved(): void
}

/** Rules are asked about so many octets at a time: they may cut them into pieces of one. */
const mostShaped = 8 * 1024

/** When timers come late, so much time is made good, in nanoseconds; the rest is lost. */
const mostMadeGood = 1000e6

interface Cut extends Piece {
  /** It is a segment of its own: nothing else is written in the same turn of the event loop. */
  readonly alone: boolean
}

/** What is leaving piece by piece. */
interface Leaving {
  readonly cargo: Cargo
  shapers: readonly ActiveRule[]
  copiesLeft: number
  /** Octets of this copy that have left. */
  offset: number
  /** How the next octets are cut, and how many of these pieces have left. */
  pieces: readonly Cut[]
  used: number
}

/** The last stage: octets leave, shaped by the faults below packets. */
export class Outlet {
  readonly #host: OutletHost
  readonly #alarm: Alarm
  readonly #queue = new Queue<Traffic>()
  #leaving: Leaving | undefined
  /** When the last piece left, or should have left had timers been exact. */
  #lastDue = 0
  /** What starts to leave had to wait for what left before it. */
  #continues = false
  #busy = false

  constructor(host: OutletHost) {
    this.#host = host
    this.#alarm = new Alarm(host.clock, () => {
      this.#goOn(true)
      host.moved()
    })
  }

  get empty(): boolean {
    return this.#queue.length === 0 && this.#leaving === undefined && !this.#busy
  }

  send(traffic: Traffic): void {
    if (this.#leaving && traffic.kind === 'cargo') traffic.passage.waits(this.#leaving.cargo.passage.by)
    this.#queue.push(traffic)
    if (this.#leaving || this.#busy) return
    this.#continues = false
    this.#goOn(false)
  }

  /** Other rules are in force than before. */
  rulesChanged(): void {
    const leaving = this.#leaving
    if (!leaving || leaving.shapers.every((rule) => rule.inForce)) return
    leaving.shapers = leaving.shapers.filter((rule) => rule.inForce)
    leaving.cargo.passage.shapers = leaving.shapers
    leaving.pieces = []
    leaving.used = 0
    this.#goOn(false)
  }

  /** Nothing that is here is to go on any more. */
  drop(by: string): void {
    this.#alarm.dispose()
    const leaving = this.#leaving
    this.#leaving = undefined
    if (leaving) this.#host.drop(leaving.cargo, by)
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      if (next.kind === 'cargo') this.#host.drop(next, by)
    }
  }

  dispose(): void {
    this.#alarm.dispose()
  }

  /** @param turn whether this is a turn of the event loop in which nothing was written yet. */
  #goOn(turn: boolean): void {
    if (this.#busy) return
    this.#busy = true
    try {
      let fresh = turn
      for (;;) {
        if (this.#leaving) {
          if (!this.#leave(this.#leaving, fresh)) return
          fresh = false
          continue
        }
        const next = this.#queue.shift()
        if (next === undefined) return
        if (next.kind === 'cargo') this.#start(next)
        else this.#host.tell(next)
      }
    } finally {
      this.#busy = false
    }
  }

  #start(cargo: Cargo): void {
    const { passage } = cargo
    const vanishes = this.#host.halfOpen?.name
    if (vanishes !== undefined && passage.begun && !passage.dropped) this.#host.torn(vanishes)
    if (vanishes !== undefined || passage.dropped) {
      this.#host.drop(cargo, vanishes ?? passage.by)
      return
    }
    passage.shapers ??= this.#host.shapers()
    const shapers = passage.shapers.filter((rule) => rule.inForce)
    if (shapers.length === 0 || cargo.octets.length === 0) this.#leaveWhole(cargo)
    else this.#leaveInPieces(cargo, shapers)
  }

  #leaveInPieces(cargo: Cargo, shapers: readonly ActiveRule[]): void {
    const { passage } = cargo
    for (const rule of shapers) passage.touched(rule.name)
    passage.waits()
    const now = this.#host.clock.monotonic()
    this.#lastDue = this.#continues ? Math.max(this.#lastDue, now - mostMadeGood) : now
    this.#leaving = { cargo, shapers, copiesLeft: passage.copies, offset: 0, pieces: [], used: 0 }
  }

  #leaveWhole(cargo: Cargo): void {
    const { passage, octets, origin } = cargo
    for (let copy = 0; copy < passage.copies; copy++) this.#host.write(octets, origin)
    passage.begun = true
    this.#host.left(cargo)
  }

  /** Lets go of the next piece, if it is due. False when it has to wait. */
  #leave(leaving: Leaving, fresh: boolean): boolean {
    const { clock, halfOpen } = this.#host
    if (halfOpen) return this.#vanish(leaving, halfOpen.name)
    const piece = this.#nextPiece(leaving)
    const due = this.#lastDue + piece.waitMs * 1e6
    const now = clock.monotonic()
    if (!isDue(clock, due) || (piece.alone && !fresh)) {
      this.#alarm.set(Math.max(due, now))
      return false
    }
    this.#lastDue = Math.max(due, now - mostMadeGood)
    this.#write(leaving, piece)
    if (!piece.alone || (this.#leaving === undefined && this.#queue.length === 0)) return true
    this.#alarm.set(now)
    return false
  }

  #vanish({ cargo, offset, copiesLeft }: Leaving, by: string): boolean {
    this.#leaving = undefined
    if (offset > 0 || (cargo.part !== 'whole' && cargo.passage.begun)) this.#host.torn(by)
    // Where whole copies have gone on it was not dropped.
    if (copiesLeft === cargo.passage.copies) this.#host.drop(cargo, by)
    else {
      cargo.passage.copies -= copiesLeft
      this.#host.left(cargo)
    }
    return true
  }

  #write(leaving: Leaving, { octets: count }: Cut): void {
    const { octets, origin, passage } = leaving.cargo
    const start = leaving.offset
    const end = start + count
    passage.begun = true
    leaving.used += 1
    leaving.offset = end
    if (end < octets.length) {
      this.#host.write(octets.subarray(start, end), undefined)
      return
    }
    leaving.offset = 0
    leaving.copiesLeft -= 1
    const done = leaving.copiesLeft === 0
    if (done) {
      this.#leaving = undefined
      this.#continues = true
    }
    this.#host.write(octets.subarray(start, end), origin)
    if (done) this.#host.left(leaving.cargo)
  }

  #nextPiece(leaving: Leaving): Cut {
    if (leaving.used === leaving.pieces.length) {
      const length = Math.min(leaving.cargo.octets.length - leaving.offset, mostShaped)
      leaving.pieces = this.#cut(leaving.shapers, length)
      leaving.used = 0
    }
    return leaving.pieces[leaving.used] as Cut
  }

  /** Each rule cuts what the one before it has left; without rules nothing is cut. */
  #cut(shapers: readonly ActiveRule[], length: number): readonly Cut[] {
    let pieces: readonly Piece[] = [{ octets: length, waitMs: 0 }]
    for (const rule of shapers) {
      pieces = pieces.flatMap(({ octets, waitMs }) => {
        const [first, ...others] = this.#host.shape(rule, octets)
        return first ? [{ octets: first.octets, waitMs: waitMs + first.waitMs }, ...others] : []
      })
    }
    // Packets that a slow line lets out whole may leave together when timers were late; segments may not.
    const segments = shapers.length > 0 && (pieces.length > 1 || pieces[0]?.waitMs === 0)
    return pieces.map((piece) => ({ ...piece, alone: segments }))
  }
}
