import type { PacketType, QoS } from '../mqtt/control-packet.ts'
import type { Direction } from '../mqtt/network-connection.ts'
import { type ReceiverState, stepReceiver } from '../qos/receiver.ts'
import { refuses, type SenderState, stepSender } from '../qos/sender.ts'
import type { ExchangeState, StepFate } from './message.ts'

/** A packet of an exchange, as far as it decides how the exchange stands. A `Step` is one. */
export interface ReplayedPacket {
  readonly kind: 'packet'
  readonly time: number
  readonly direction: Direction
  readonly type: PacketType
  readonly packetId: number | undefined
  readonly dup: boolean
  readonly code: number | undefined
  readonly fate: StepFate | undefined
  readonly delay: number
  /** How many arrive; where it is not known, two of a duplicated packet. */
  readonly copies?: number
  /** False for one that was changed so that it arrives as something else. */
  readonly recognizable?: boolean
}

export interface ReplayedConnection {
  readonly kind: 'connection'
  readonly time: number
  readonly what: 'lost' | 'reconnected'
  /** Whether the Session outlives this; taken for granted where it is not known. */
  readonly sessionKept?: boolean
}

/** How an exchange stands: what both ends hold, and what follows from it. */
export interface Standing {
  readonly state: ExchangeState
  readonly expects: PacketType | undefined
  readonly sends: number
  readonly deliveries: number
  readonly endedAt: number | undefined
  readonly sender: SenderState
  readonly receiver: ReceiverState
  /** What the receiver has put on the wire last. */
  readonly answered: PacketType | undefined
  /** What the receiver has got and not answered yet. */
  readonly owes: PacketType | undefined
  readonly online: boolean
}

export interface ReplayedExchange {
  readonly role: 'publisher' | 'subscriber'
  readonly qos: QoS
  readonly packetId: number | undefined
  /** When its Packet Identifier was used for something else, so that it will never end. */
  readonly abandonedAt?: number | undefined
  /** The receiver is known to have kept what it had stored, although it said that it has no Session. */
  readonly remembered?: boolean
}

/** Hears what follows from a packet. */
type Remark<P> = (packet: P, text: string) => void

/**
 * Drives the state machines of both ends with the packets of one exchange: each leaves one end at its time, and arrives
 * at the other when its fate lets it.
 */
export function replay<P extends ReplayedPacket>(
  steps: readonly (P | ReplayedConnection)[],
  exchange: ReplayedExchange,
  remark?: Remark<P>,
): Standing {
  const run = new Replay(exchange, remark)
  if (steps.some((step) => step.kind === 'packet' && step.delay > 0)) {
    for (const { step, arrives, at } of inOrder(steps)) {
      if (step.kind === 'connection') run.connection(step)
      else if (arrives) run.arrived(step, at)
      else run.left(step)
    }
  } else {
    for (const step of steps) {
      if (step.kind === 'connection') {
        run.connection(step)
      } else {
        run.left(step)
        run.arrived(step, step.time)
      }
    }
  }
  return run.standing()
}

interface Happening<P> {
  readonly step: P | ReplayedConnection
  readonly arrives: boolean
  readonly at: number
}

/** In the order of time: a packet that is late arrives after others have left. */
function inOrder<P extends ReplayedPacket>(steps: readonly (P | ReplayedConnection)[]): Happening<P>[] {
  const happenings = steps.flatMap((step): Happening<P>[] => {
    const leaves = { step, arrives: false, at: step.time }
    return step.kind === 'connection' ? [leaves] : [leaves, { step, arrives: true, at: step.time + step.delay }]
  })
  return happenings.sort((a, b) => a.at - b.at)
}

class Replay<P extends ReplayedPacket> {
  readonly #exchange: ReplayedExchange
  readonly #remark: Remark<P> | undefined
  #sender: SenderState = 'idle'
  #receiver: ReceiverState = 'idle'
  /** What the sender has to send next. */
  #next: PacketType | undefined
  #answered: PacketType | undefined
  #owes: PacketType | undefined
  #sends = 0
  #deliveries = 0
  #held = 0
  #online = true
  #end: 'complete' | 'refused' | 'lost' | undefined
  #endedAt: number | undefined

  constructor(exchange: ReplayedExchange, remark: Remark<P> | undefined) {
    this.#exchange = exchange
    this.#remark = remark
  }

  /** A packet leaves the end that sends it. */
  left(packet: P): void {
    if (packet.fate === 'held') this.#held += 1
    if (packet.type === 'PUBLISH') this.#published(packet)
    else if (packet.type === 'PUBREL') this.#released(packet)
    else this.#answers(packet)
  }

  /** A packet arrives at the other end, unless its fate is another. */
  arrived(packet: P, at: number): void {
    if (packet.fate === 'dropped' || packet.fate === 'held') {
      if (packet.type === 'PUBLISH' && this.#exchange.qos === 0 && packet.fate === 'dropped') this.#finish('lost', at)
      return
    }
    if (packet.recognizable === false) {
      this.#remark?.(packet, 'changed so that it does not arrive as what it was')
      if (packet.type === 'PUBLISH' && this.#exchange.qos === 0) this.#finish('lost', at)
      return
    }
    const copies = packet.copies ?? (packet.fate === 'duplicated' ? 2 : 1)
    for (let copy = 0; copy < copies; copy++) {
      if (packet.type === 'PUBLISH') this.#publishArrived(packet, at)
      else if (packet.type === 'PUBREL') this.#pubrelArrived(packet)
      else this.#answerArrived(packet, at)
    }
  }

  connection({ what, time, sessionKept = true }: ReplayedConnection): void {
    this.#online = what === 'reconnected'
    if (this.#end !== undefined) return
    if (!sessionKept) {
      // The broker forgets at once what was in flight; the client cannot go on where nobody knows of it.
      this.#sender = 'idle'
      if (!this.#exchange.remembered) this.#receiver = 'idle'
      this.#next = this.#owes = undefined
      this.#finish('lost', time)
      return
    }
    this.#next = stepSender(this.#sender, reconnected, 5).send
    // The sender will ask again, and the receiver answers that.
    this.#owes = undefined
  }

  standing(): Standing {
    const { abandonedAt } = this.#exchange
    if (abandonedAt !== undefined && this.#end === undefined) this.#finish('lost', abandonedAt)
    const state = this.#held > 0 ? 'held' : (this.#end ?? 'waiting')
    return {
      state,
      expects: this.#end === undefined ? (this.#next ?? awaited[this.#sender]) : undefined,
      sends: this.#sends,
      deliveries: this.#deliveries,
      endedAt: state === 'held' ? undefined : this.#endedAt,
      sender: this.#sender,
      receiver: this.#receiver,
      answered: this.#answered,
      owes: this.#owes,
      online: this.#online,
    }
  }

  #finish(end: 'complete' | 'refused' | 'lost', at: number): void {
    this.#end = end
    this.#endedAt = at
  }

  /** Whatever was the end before: the sender goes on with it. */
  #goOn(): void {
    this.#end = undefined
    this.#endedAt = undefined
    this.#next = undefined
  }

  #published(packet: P): void {
    const { qos } = this.#exchange
    this.#sends += packet.copies ?? (packet.fate === 'duplicated' ? 2 : 1)
    if (qos === 0) return
    if (this.#sender === 'awaiting PUBCOMP') {
      this.#remark?.(packet, 'sent again although PUBREL was sent [MQTT-4.3.3-1]')
    } else if (this.#sends > 1 && !packet.dup && packet.fate !== 'duplicated') {
      this.#remark?.(packet, 'sent again without DUP [MQTT-3.3.1-1]')
    }
    this.#goOn()
    this.#sender = stepSender('idle', qos === 1 ? publishOnce : publishTwice, 5).state
  }

  #released(packet: P): void {
    if (this.#sender === 'awaiting PUBREC') this.#remark?.(packet, 'sent although no PUBREC has arrived')
    this.#goOn()
    this.#sender = 'awaiting PUBCOMP'
  }

  /** An answer leaves the receiver: one that refuses takes back that the message was taken. */
  #answers({ type, code }: P): void {
    this.#answered = type
    if (this.#owes === type) this.#owes = undefined
    if (code === undefined || !refuses(code) || type === 'PUBCOMP') return
    this.#receiver = 'idle'
    this.#deliveries = Math.max(0, this.#deliveries - 1)
  }

  #publishArrived(packet: P, at: number): void {
    const { qos, packetId } = this.#exchange
    const { state, deliver, repeated, send } = stepReceiver(this.#receiver, publishes[qos], 5)
    this.#receiver = state
    this.#owes = send
    if (deliver) this.#deliveries += 1
    if (repeated) this.#remark?.(packet, `Packet Identifier ${packetId} is stored already: not delivered again`)
    else if (deliver && this.#deliveries > 1) this.#remark?.(packet, 'taken for a new message: delivered again')
    if (qos === 0) this.#finish('complete', at)
  }

  #pubrelArrived(packet: P): void {
    const { state, repeated, send } = stepReceiver(this.#receiver, pubrel, 5)
    this.#receiver = state
    this.#owes = send
    if (repeated)
      this.#remark?.(packet, `Packet Identifier ${packet.packetId} is released already: answered all the same`)
  }

  #answerArrived(packet: P, at: number): void {
    const { type, code = 0 } = packet
    if (type !== 'PUBACK' && type !== 'PUBREC' && type !== 'PUBCOMP') return
    const { state, send, end, unexpected, violation } = stepSender(this.#sender, { type, code }, 5)
    this.#sender = state
    if (end === 'done') this.#finish('complete', at)
    else if (end === 'refused') this.#finish('refused', at)
    else if (send === 'PUBREL' && !unexpected) this.#next = 'PUBREL'
    if (violation !== undefined) this.#remark?.(packet, violation)
    else if (unexpected) this.#remark?.(packet, 'answers nothing that is waited for')
  }
}

const publishOnce = { type: 'publish', qos: 1 } as const
const publishTwice = { type: 'publish', qos: 2 } as const
const reconnected = { type: 'reconnected', sessionPresent: true } as const
const pubrel = { type: 'PUBREL' } as const
const publishes = [
  { type: 'PUBLISH', qos: 0 },
  { type: 'PUBLISH', qos: 1 },
  { type: 'PUBLISH', qos: 2 },
] as const

const awaited: Readonly<Record<SenderState, PacketType | undefined>> = {
  idle: undefined,
  'awaiting PUBACK': 'PUBACK',
  'awaiting PUBREC': 'PUBREC',
  'awaiting PUBCOMP': 'PUBCOMP',
}
