import type { PacketType, QoS } from '../mqtt/control-packet.ts'
import type { Direction } from '../mqtt/network-connection.ts'
import { append } from './append.ts'
import type { Exchange, ExchangeState, Step, StepFate } from './message.ts'
import { replay, type Standing } from './replay.ts'

/** A packet of an exchange, as it is kept: what becomes of it may be known much later. */
export interface PacketRung {
  readonly kind: 'packet'
  readonly number: number
  readonly time: number
  readonly connection: number
  readonly direction: Direction
  readonly type: PacketType
  readonly packetId: number | undefined
  readonly qos: QoS | undefined
  readonly dup: boolean
  readonly code: number | undefined
  fate: StepFate | undefined
  by: string
  delay: number
  copies: number
  recognizable: boolean
  /** Records are missing after it. */
  gap: boolean
  /** What is true of it whatever comes later. */
  readonly note: string | undefined
  /** What follows from it as things stand. */
  remark: string | undefined
  readonly exchange: TrackedExchange
}

/** All exchanges that were under way share it. */
export interface ConnectionRung {
  readonly kind: 'connection'
  readonly number: number
  readonly time: number
  readonly connection: number
  readonly what: 'lost' | 'reconnected'
  readonly text: string
  readonly sessionKept: boolean
}

export type Rung = PacketRung | ConnectionRung

/** Who has a Client Identifier; it may be learned later. */
export interface Named {
  readonly clientId: string
  /** The broker that it is at, where that is not the workbench's own. */
  readonly target?: string
}

/** The client of an exchange. */
export interface Peer extends Named {
  /** Whether its Session outlives its Network Connection; undefined where no CONNECT was seen. */
  readonly kept: boolean | undefined
  /** How its connection was lost the last time, and got back. */
  readonly lost: ConnectionRung | undefined
  readonly reconnected: ConnectionRung | undefined
}

/** More steps than this of one exchange are not kept: the first few and the newest are. */
const mostRungs = 200
const firstRungs = 50
const leftOutAtOnce = 50
const nothing = { steps: 0, sends: 0, deliveries: 0 }

/** One handshake over one hop, as it grows. */
export class TrackedExchange {
  /** The number of its Message. */
  readonly message: number
  readonly role: 'publisher' | 'subscriber'
  readonly peer: Peer
  readonly qos: QoS
  readonly packetId: number | undefined
  readonly retain: boolean
  rungs: Rung[] = []
  /** Where it is found by its Packet Identifier, as long as no newer one has it. */
  readonly home: Map<number, TrackedExchange> | undefined
  /** The Network Connection of its newest packet. */
  connection = 0
  #abandonedAt: number | undefined
  #remembered = false
  #standing: Standing | undefined
  /** What those steps counted that were left out. */
  #leftOut = nothing

  constructor(options: {
    readonly message: number
    readonly role: 'publisher' | 'subscriber'
    readonly peer: Peer
    readonly qos: QoS
    readonly packetId: number | undefined
    readonly retain: boolean
    readonly home: Map<number, TrackedExchange> | undefined
  }) {
    this.message = options.message
    this.role = options.role
    this.peer = options.peer
    this.qos = options.qos
    this.packetId = options.packetId
    this.retain = options.retain
    this.home = options.home
    if (this.packetId !== undefined) this.home?.set(this.packetId, this)
  }

  /** Its Message is no longer kept. */
  leaveHome(): void {
    if (this.packetId !== undefined && this.home?.get(this.packetId) === this) this.home.delete(this.packetId)
  }

  /** When its Packet Identifier was used for something else; undefined otherwise. */
  get abandonedAt(): number | undefined {
    return this.#abandonedAt
  }

  /** See `ReplayedExchange`. */
  get remembered(): boolean {
    return this.#remembered
  }

  set remembered(remembered: boolean) {
    if (remembered === this.#remembered) return
    this.#remembered = remembered
    this.#standing = undefined
  }

  /** How it stands, as far as the capture goes. */
  get standing(): Standing {
    this.#standing ??= this.#replay()
    return this.#standing
  }

  /** Nothing more is to come: it is complete, lost or refused. */
  get finished(): boolean {
    // Most of what passes is QoS 0 that nothing was done to: there is nothing to find out.
    const [first] = this.rungs
    if (this.qos === 0 && first?.kind === 'packet' && first.fate === undefined) return true
    const { state } = this.standing
    return state !== 'waiting' && state !== 'held'
  }

  /** Nothing more is to come, or nobody can know: records are missing after its newest packet. */
  get expendable(): boolean {
    return this.finished || this.unsure
  }

  /** It is not finished, and records are missing after its newest packet. */
  get unsure(): boolean {
    return this.#newest?.gap === true && !this.finished
  }

  /** Records are missing here; gives whether that matters to it. */
  miss(): boolean {
    const newest = this.#newest
    if (newest === undefined || newest.gap || this.finished) return false
    newest.gap = true
    return true
  }

  get #newest(): PacketRung | undefined {
    for (let at = this.rungs.length - 1; at >= 0; at--) {
      const rung = this.rungs[at] as Rung
      if (rung.kind === 'packet') return rung
    }
    return undefined
  }

  /** Whether the record with this number tells what happened to its connection. */
  isInterruptedBy(number: number): boolean {
    return this.rungs.some((rung) => rung.number === number && rung.kind === 'connection')
  }

  get clientId(): string {
    return this.peer.clientId
  }

  get steps(): readonly Rung[] {
    return this.rungs
  }

  get state(): ExchangeState {
    return this.standing.state
  }

  get deliveries(): number {
    return this.standing.deliveries
  }

  get endedAt(): number | undefined {
    return this.standing.endedAt
  }

  get startedAt(): number {
    return this.rungs[0]?.time ?? 0
  }

  /** Takes a packet that is newer than all others; gives how many steps more there are now. */
  push(rung: PacketRung): number {
    const bridge = this.connection !== rung.connection && this.rungs.length > 0 ? this.bridge() : 0
    this.rungs = append(this.rungs, rung)
    this.connection = rung.connection
    this.#standing = undefined
    return bridge + 1 - this.#bound()
  }

  /** Takes what happened to the connection, at its place; gives how many steps more there are now. */
  insert(rung: ConnectionRung): number {
    let at = this.rungs.length
    while (at > 0 && (this.rungs[at - 1] as Rung).number > rung.number) at -= 1
    if (this.rungs[at - 1] === rung) return 0
    this.rungs.splice(at, 0, rung)
    this.#standing = undefined
    return 1 - this.#bound()
  }

  /** What became of one of its packets is known. */
  touch(): void {
    this.#standing = undefined
  }

  /** It goes on, or is not finished after all: then what happened to its connection meanwhile belongs to it. */
  bridge(): number {
    const first = this.rungs[0]?.number ?? 0
    const { lost, reconnected } = this.peer
    let more = 0
    if (lost !== undefined && lost.number > first) more += this.insert(lost)
    if (reconnected !== undefined && reconnected.number > first) more += this.insert(reconnected)
    return more
  }

  /** Its Packet Identifier is used for something else from now on. */
  abandon(time: number): void {
    this.#abandonedAt ??= time
    this.#standing = undefined
  }

  snapshot(): Exchange {
    const { state, expects, sends, deliveries, endedAt } = this.standing
    const { role, qos, packetId, retain, startedAt } = this
    const gap = this.#gap()
    const steps = this.rungs.map((rung) => (rung.kind === 'packet' ? packetStep(rung, gap) : connectionStep(rung)))
    const { clientId, kept: sessionKept } = this.peer
    const what = { role, clientId, qos, packetId, retain, sessionKept, steps }
    return { ...what, state, expects, sends, deliveries, startedAt, endedAt }
  }

  /** Where steps were left out: the packet that follows, or else the one before, and what to say there. */
  #gap(): { rung: Rung | undefined; text: string } | undefined {
    const { steps } = this.#leftOut
    if (steps === 0) return undefined
    const after = this.rungs.find((rung, i) => i >= firstRungs && rung.kind === 'packet')
    if (after) return { rung: after, text: `${steps} steps before this one are left out` }
    return {
      rung: this.rungs.findLast(({ kind }) => kind === 'packet'),
      text: `${steps} steps after this one are left out`,
    }
  }

  /** Leaves steps out where there are too many, and gives how many. */
  #bound(): number {
    if (this.rungs.length <= mostRungs) return 0
    const before = this.#replay()
    const count = this.rungs.splice(firstRungs, leftOutAtOnce).length
    const after = this.#replay()
    const { steps, sends, deliveries } = this.#leftOut
    this.#leftOut = {
      steps: steps + count,
      sends: sends + before.sends - after.sends,
      deliveries: deliveries + before.deliveries - after.deliveries,
    }
    return count
  }

  #replay(): Standing {
    for (const rung of this.rungs) if (rung.kind === 'packet') rung.remark = undefined
    const standing = replay(this.rungs, this, remark)
    const { steps, sends, deliveries } = this.#leftOut
    if (steps === 0) return standing
    return { ...standing, sends: standing.sends + sends, deliveries: standing.deliveries + deliveries }
  }
}

function remark(rung: PacketRung, text: string): void {
  rung.remark = rung.remark === undefined ? text : `${rung.remark}; ${text}`
}

function packetStep(rung: PacketRung, gap: { rung: Rung | undefined; text: string } | undefined): Step {
  const { kind, number, time, connection, direction, type, packetId, qos, dup, code, fate, by, delay } = rung
  const missing = rung.gap ? 'some packets after this one were not seen' : undefined
  const remarks = [gap?.rung === rung ? gap.text : undefined, rung.note, rung.remark, missing]
  const remark = remarks.filter((text) => text !== undefined).join('; ') || undefined
  return { kind, number, time, connection, direction, type, packetId, qos, dup, code, fate, by, delay, remark }
}

function connectionStep({ kind, number, time, connection, what, text }: ConnectionRung): Step {
  return { kind, number, time, connection, what, text }
}
