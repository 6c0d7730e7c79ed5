import type { CapturedPacket } from '../../app/capture/captured.ts'
import type { HeldPacket } from '../../app/contract/wire.ts'
import type { Holder } from './breakpoints.ts'
import type { Decision, Held, HeldPackets } from './held-packets.ts'
import type { Cargo, Traffic } from './passage.ts'
import { Queue } from './queue.ts'

/** Who a decision about a held packet is ascribed to. */
const somebody = 'you'

/** Of a held packet so many octets are in its snapshot: enough for its topic, because there may be many of them. */
const mostShown = 2 * 1024

export interface HoldQueueHost {
  readonly held: HeldPackets
  /** Asks the breakpoints; undefined lets it go on. */
  heldBy(record: CapturedPacket): Holder | undefined
  /** Wall time. */
  now(): number
  keepAliveEndsAt(): number | undefined
  /** It goes on to the next stage. */
  pass(traffic: Traffic): void
  /** It does not go on. */
  drop(cargo: Cargo, by: string): void
  /** Something went on or was dropped because somebody said so. */
  moved(): void
}

/** The first stage: breakpoints. A held packet stops its direction: what comes behind it waits, as TCP order means. */
export class HoldQueue {
  readonly #host: HoldQueueHost
  #held: HeldCargo | undefined
  /** The breakpoints were not asked about these yet. */
  readonly #behind = new Queue<Traffic>()
  #packetsBehind = 0
  #busy = false

  constructor(host: HoldQueueHost) {
    this.#host = host
  }

  get empty(): boolean {
    return this.#held === undefined && this.#behind.length === 0 && !this.#busy
  }

  /** How many packets wait behind the one that is held. */
  get packetsBehind(): number {
    return this.#packetsBehind
  }

  arrive(traffic: Traffic): void {
    if (this.#held && traffic.kind === 'cargo') traffic.passage.waits(this.#held.holder.by)
    this.#behind.push(traffic)
    this.#packetsBehind += packetsIn(traffic)
    this.#goOn()
  }

  /** Nothing that waits here is to go on any more. */
  drop(by: string): void {
    const held = this.#release()
    if (held) this.#host.drop(held, by)
    for (let next = this.#shift(); next; next = this.#shift()) if (next.kind === 'cargo') this.#host.drop(next, by)
  }

  decide({ action, octets }: Decision): void {
    const cargo = this.#release()
    if (cargo === undefined) return
    if (action === 'drop') this.#host.drop(cargo, somebody)
    else {
      if (octets !== undefined) {
        cargo.octets = octets
        cargo.passage.changed(somebody, octets)
      }
      if (action === 'twice') {
        cargo.passage.copies = 2
        cargo.passage.touched(somebody)
      }
      this.#pass(cargo)
    }
    this.#goOn()
    this.#host.moved()
  }

  /** All that waits at this moment goes on, and the breakpoints are not asked. Gives the number of packets. */
  letGo(): number {
    if (this.#held === undefined) return 0
    const packets = 1 + this.#packetsBehind
    for (const traffic of this.#behind.list()) if (traffic.kind === 'cargo') traffic.passage.released = true
    this.decide({ action: 'deliver' })
    return packets
  }

  /** Lets traffic pass, each in its turn, until a packet is held. What arrives meanwhile has its place behind. */
  #goOn(): void {
    if (this.#busy) return
    while (this.#held === undefined) {
      const next = this.#shift()
      if (next === undefined) break
      if (!this.#holds(next)) this.#pass(next)
    }
  }

  #pass(traffic: Traffic): void {
    this.#busy = true
    try {
      this.#host.pass(traffic)
    } finally {
      this.#busy = false
    }
  }

  #holds(traffic: Traffic): boolean {
    if (traffic.kind !== 'cargo') return false
    const { passage } = traffic
    if (passage.record === undefined || passage.released) return false
    const holder = this.#host.heldBy(passage.record)
    if (holder === undefined) return false
    this.#held = new HeldCargo(this, this.#host, traffic, passage.record, holder)
    this.#host.held.add(this.#held)
    passage.held(holder.by)
    return true
  }

  #release(): Cargo | undefined {
    const held = this.#held
    if (held === undefined) return undefined
    this.#held = undefined
    this.#host.held.delete(held.packet)
    return held.cargo
  }

  #shift(): Traffic | undefined {
    const next = this.#behind.shift()
    if (next) this.#packetsBehind -= packetsIn(next)
    return next
  }
}

/** Of a packet that is streamed, the last part counts. */
function packetsIn(traffic: Traffic): number {
  return traffic.kind === 'cargo' && traffic.part !== 'middle' ? 1 : 0
}

class HeldCargo implements Held {
  readonly packet: number
  readonly cargo: Cargo
  readonly holder: Holder
  readonly #queue: HoldQueue
  readonly #host: HoldQueueHost
  readonly #record: CapturedPacket
  readonly #since: number

  constructor(queue: HoldQueue, host: HoldQueueHost, cargo: Cargo, record: CapturedPacket, holder: Holder) {
    this.packet = record.number
    this.cargo = cargo
    this.holder = holder
    this.#queue = queue
    this.#host = host
    this.#record = record
    this.#since = host.now()
  }

  get breakpoint(): string | undefined {
    return this.holder.breakpoint
  }

  get waiting(): number {
    return this.#queue.packetsBehind
  }

  decide(decision: Decision): void {
    this.#queue.decide(decision)
  }

  letGo(): number {
    return this.#queue.letGo()
  }

  get octets(): Uint8Array {
    return this.#record.octets
  }

  snapshot(): HeldPacket {
    const { connection, direction, octets, length } = this.#record
    return {
      packet: this.packet,
      connection,
      direction,
      since: this.#since,
      ...this.holder,
      octets: octets.subarray(0, mostShown),
      length,
      waiting: this.waiting,
      keepAliveEndsAt: this.#host.keepAliveEndsAt(),
    }
  }
}
