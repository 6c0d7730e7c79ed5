import { Framer, type Malformation } from '../mqtt/framer.ts'
import type { CloseCause, Direction } from '../mqtt/network-connection.ts'
import type { Captured, ConnectionEvent } from './captured.ts'
import type { PcapFrame } from './pcap-file.ts'
import { type TcpSegment, tcpSegment, type Unusable } from './pcap-frame.ts'
import { PcapStream } from './pcap-stream.ts'

export interface PcapImportOptions {
  /** TCP with this port is MQTT, whatever it begins with. */
  readonly brokerPort: number
  /** Of a packet larger than this only so much is kept. */
  readonly keeps: number
}

/** So many connections that have ended are remembered, because their last segments may come late. */
const mostEnded = 10_000
/** What does not begin with a CONNECT within its first octets is not MQTT. */
const longestStart = 16
const connectStarts = ['\u0000\u0004MQTT', '\u0000\u0006MQIsdp']

type Side = 'client' | 'broker'

interface Conversation {
  /** Its number in the capture; 0 while nobody knows whether it is MQTT. */
  connection: number
  /** Whether it is MQTT; undefined while nobody knows. */
  mqtt: boolean | undefined
  ended: boolean
  /** Address and port of who is taken for the client. */
  readonly client: string
  readonly broker: string
  /** It was the other way round: the one taken for the broker has sent CONNECT. */
  flipped: boolean
  /** The sequence number of the client's SYN. */
  syn: number | undefined
  readonly streams: Record<Side, PcapStream>
  readonly framers: Record<Side, Framer>
  /** Octets are missing: what follows cannot be framed any more. */
  readonly torn: Record<Side, boolean>
  /** Who sent FIN first. */
  firstFin: Side | undefined
  /** Octets of a conversation that may become MQTT. */
  early: { side: Side; octets: Uint8Array }[]
}

/**
 * Finds the MQTT connections in frames of a network, and makes of them what a capture of our own would be. What was not
 * captured is not guessed: behind a gap a direction's octets are malformed, `cut short`.
 */
export class PcapImport {
  readonly #options: PcapImportOptions
  readonly #sink: (record: Captured) => void
  readonly #conversations = new Map<string, Conversation>()
  readonly #ended = new Set<string>()
  readonly #unusable = new Map<Unusable, number>()
  #start: bigint | undefined
  #time = 0
  #number = 0
  #connections = 0
  #gaps = 0
  #gapOctets = 0
  #cutPackets = 0

  constructor(options: PcapImportOptions, sink: (record: Captured) => void) {
    this.#options = options
    this.#sink = sink
  }

  /** Wall time of the first frame in milliseconds since 1970; the capture's time is 0 then. */
  get captureStart(): number {
    // In two steps, because nanoseconds since 1970 do not fit in a double.
    const start = this.#start ?? 0n
    return Number(start / 1_000_000n) + Number(start % 1_000_000n) / 1e6
  }

  frame(frame: PcapFrame): void {
    this.#start ??= frame.time
    // Frames of several interfaces may be a little out of order; a capture's time never goes back.
    this.#time = Math.max(this.#time, Number(frame.time - this.#start))
    const segment = tcpSegment(frame)
    if (typeof segment === 'string') this.#unusable.set(segment, (this.#unusable.get(segment) ?? 0) + 1)
    else this.#segment(segment)
  }

  /** There are no more frames. What came of them that should be known, in words. */
  end(): string[] {
    for (const [key, conversation] of this.#conversations) {
      if (conversation.ended) continue
      this.#finish(conversation)
      const { client, broker } = conversation.streams
      if (client.ended && broker.ended) this.#close(key, conversation, conversation.firstFin ?? 'client', 'fin')
    }
    const problems: string[] = []
    const unusable = (why: Unusable) => this.#unusable.get(why) ?? 0
    if (this.#connections === 0) {
      problems.push(`no MQTT was found: nothing at port ${this.#options.brokerPort}, nothing that begins with CONNECT`)
    }
    const say = (count: number, one: string, many: string) => {
      if (count > 0) problems.push(count === 1 ? one : many)
    }
    const [gaps, octets, large] = [this.#gaps, this.#gapOctets, this.#cutPackets]
    const what = 'what followed could not be framed any more'
    say(
      gaps,
      `${octets} octets were not captured, at one place; ${what}`,
      `${octets} octets were not captured, at ${gaps} places; ${what}`,
    )
    say(
      large,
      'of 1 very large packet only the first part was kept',
      `of ${large} very large packets only the first part was kept`,
    )
    const [links, fragments, short] = [unusable('link type'), unusable('fragment'), unusable('cut short')]
    say(links, '1 frame is of an unknown link type', `${links} frames are of an unknown link type`)
    say(fragments, '1 fragment of an IP packet was left out', `${fragments} fragments of IP packets were left out`)
    say(short, '1 frame is shorter than its headers', `${short} frames are shorter than their headers`)
    return problems
  }

  #segment(segment: TcpSegment): void {
    const { source, target, syn, rst } = segment
    const key = source < target ? `${source} ${target}` : `${target} ${source}`
    let conversation = this.#conversations.get(key)
    if (conversation !== undefined && beginsAgain(conversation, segment)) {
      if (!conversation.ended) this.#close(key, conversation, 'client', 'rst', 'its ports were opened again')
      this.#ended.delete(key)
      conversation = undefined
    }
    if (conversation === undefined) {
      // Nothing is known of what only acknowledges or ends.
      if (!syn && segment.length === 0) return
      conversation = this.#begin(segment)
      this.#conversations.set(key, conversation)
    }
    if (conversation.ended) return
    const side: Side = source === conversation.client ? 'client' : 'broker'
    if (syn) conversation.streams[side].start(segment.seq)
    if (syn && side === 'client') conversation.syn ??= segment.seq
    const seq = syn ? (segment.seq + 1) >>> 0 : segment.seq
    if (segment.length > 0 || segment.fin) {
      conversation.streams[side].push(seq, segment.payload, segment.length, segment.fin)
      if (segment.fin) conversation.firstFin ??= side
    }
    const { client, broker } = conversation.streams
    if (rst) this.#close(key, conversation, side, 'rst')
    else if (client.ended && broker.ended) this.#close(key, conversation, conversation.firstFin ?? side, 'fin')
    else if (conversation.mqtt === false) this.#forget(key, conversation)
  }

  #begin({ source, target, sourcePort, targetPort, syn, ack }: TcpSegment): Conversation {
    const { brokerPort } = this.#options
    // With the usual port on one side only, that is the broker; else who begins is the client.
    const fromBroker = sourcePort === brokerPort && targetPort !== brokerPort
    const toBroker = targetPort === brokerPort && sourcePort !== brokerPort
    const answered = fromBroker || (!toBroker && syn && ack)
    const framer = (side: Side) =>
      new Framer((octets, malformed) => this.#packet(conversation, side, octets, malformed))
    const stream = (side: Side) =>
      new PcapStream({
        octets: (octets) => this.#octets(conversation, side, octets),
        gap: (octets) => this.#gap(conversation, side, octets),
      })
    const conversation: Conversation = {
      connection: 0,
      mqtt: undefined,
      ended: false,
      client: answered ? target : source,
      broker: answered ? source : target,
      flipped: false,
      syn: undefined,
      streams: { client: stream('client'), broker: stream('broker') },
      framers: { client: framer('client'), broker: framer('broker') },
      torn: { client: false, broker: false },
      firstFin: undefined,
      early: [],
    }
    if (sourcePort === brokerPort || targetPort === brokerPort) this.#adopt(conversation, syn)
    return conversation
  }

  /** It is MQTT. */
  #adopt(conversation: Conversation, opened: boolean): void {
    conversation.mqtt = true
    conversation.connection = ++this.#connections
    // One that was open before the capture began has no beginning in it either.
    const remote = conversation.flipped ? conversation.broker : conversation.client
    if (opened) this.#event(conversation, { type: 'opened', transport: 'tcp', remote })
  }

  #octets(conversation: Conversation, side: Side, octets: Uint8Array): void {
    if (conversation.mqtt === undefined) this.#decide(conversation, side, octets)
    else if (conversation.mqtt) this.#frameOctets(conversation, side, octets)
  }

  /** Whether octets at an unknown port are MQTT shows in the first of them. */
  #decide(conversation: Conversation, side: Side, octets: Uint8Array): void {
    conversation.early.push({ side, octets })
    const [first] = conversation.early
    const sent = conversation.early.filter((piece) => piece.side === first?.side)
    const verdict = beginsWithConnect(sent.flatMap((piece) => [...piece.octets.subarray(0, longestStart)]))
    if (verdict === undefined && conversation.early.length < 16) return
    const { early } = conversation
    conversation.early = []
    conversation.mqtt = verdict === true
    if (!conversation.mqtt) return
    // Who sends CONNECT is the client, whoever opened.
    conversation.flipped = first?.side === 'broker'
    this.#adopt(conversation, true)
    for (const piece of early) this.#frameOctets(conversation, piece.side, piece.octets)
  }

  #frameOctets(conversation: Conversation, side: Side, octets: Uint8Array): void {
    if (conversation.torn[side]) this.#packet(conversation, side, octets, 'cut short')
    else conversation.framers[side].push(octets)
  }

  #gap(conversation: Conversation, side: Side, octets: number): void {
    if (!conversation.mqtt) {
      conversation.mqtt ??= false
      return
    }
    this.#gaps += 1
    this.#gapOctets += octets
    if (!conversation.torn[side]) conversation.framers[side].end()
    conversation.torn[side] = true
  }

  #close(key: string, conversation: Conversation, side: Side, cause: CloseCause, reason?: string): void {
    this.#finish(conversation)
    const by = roleOf(conversation, side)
    const event = { type: 'closed', by, cause, ...(reason !== undefined && { reason }) } as const
    if (conversation.mqtt) this.#event(conversation, event)
    this.#forget(key, conversation)
  }

  #finish(conversation: Conversation): void {
    for (const side of ['client', 'broker'] as const) {
      conversation.streams[side].finish()
      if (conversation.mqtt && !conversation.torn[side]) conversation.framers[side].end()
    }
  }

  #forget(key: string, conversation: Conversation): void {
    conversation.ended = true
    this.#ended.add(key)
    const [oldest] = this.#ended
    if (this.#ended.size <= mostEnded || oldest === undefined) return
    this.#ended.delete(oldest)
    this.#conversations.delete(oldest)
  }

  #packet(conversation: Conversation, side: Side, whole: Uint8Array, malformed: Malformation | false): void {
    const { keeps } = this.#options
    const direction: Direction = roleOf(conversation, side) === 'client' ? 'to broker' : 'to client'
    const octets = whole.length > keeps ? whole.slice(0, keeps) : whole
    if (octets !== whole) this.#cutPackets += 1
    const { length } = whole
    const what = { direction, octets, length, malformed, origin: undefined } as const
    this.#sink({ kind: 'packet', ...this.#common(conversation), ...what })
  }

  #event(conversation: Conversation, event: ConnectionEvent): void {
    this.#sink({ kind: 'event', ...this.#common(conversation), event })
  }

  #common({ connection }: Conversation): { number: number; time: number; connection: number } {
    return { number: ++this.#number, time: this.#time, connection }
  }
}

/** A SYN of its client that is not a repeated one. */
function beginsAgain({ ended, streams, syn }: Conversation, segment: TcpSegment): boolean {
  if (!segment.syn || segment.ack) return false
  return ended || (syn === undefined ? streams.client.begun : syn !== segment.seq)
}

function roleOf({ flipped }: Conversation, side: Side): Side {
  if (!flipped) return side
  return side === 'client' ? 'broker' : 'client'
}

/** Undefined while there are too few octets to say. */
function beginsWithConnect(octets: readonly number[]): boolean | undefined {
  if (octets[0] !== 0x10) return octets.length > 0 ? false : undefined
  let at = 1
  while (at < 5 && (octets[at] ?? 0) >= 0x80) at += 1
  const name = String.fromCharCode(...octets.slice(at + 1, at + 9))
  const fits = connectStarts.filter((start) => start.startsWith(name) || name.startsWith(start))
  if (fits.length === 0) return false
  return fits.some((start) => name.startsWith(start)) || undefined
}
