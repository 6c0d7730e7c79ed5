import { type Captured, type CapturedEvent, type CapturedPacket, isFate, type PacketFate } from './captured.ts'
import type { Encoder, ExportContext } from './export-encoder.ts'
import { fromHex, wallTimeText } from './export-text.ts'
import { type Pair, PcapAddresses } from './pcap-addresses.ts'
import { otherSide, type Side, TcpConversation, udpDatagram } from './pcap-conversation.ts'
import { enhancedPacket, interfaceDescription, linkRaw, sectionHeader } from './pcapng-blocks.ts'
import { describeEvent, describePacket, describeSent, visible } from './pcapng-comments.ts'

interface Conversation {
  readonly tcp: TcpConversation
  readonly pair: Pair
}

/** Port of syslog: what belongs to no conversation is told there, readable in the packet list. */
const syslog = 514
/** Facility user, severity notice [RFC 5424 §6.2.1]. */
const syslogPriority = '<13>'

const utf8 = new TextEncoder()

/**
 * pcapng with a made-up TCP connection for each Network Connection, as the receivers saw them: what was dropped is not in
 * it, what was delayed is where it left, what was changed is as it went on; comments say what happened. Octets that the
 * capture did not keep of a very large packet are zeros, and a comment says so.
 */
export class PcapngEncoder implements Encoder {
  readonly #context: ExportContext
  readonly #addresses: PcapAddresses
  readonly #conversations = new Map<number, Conversation>()
  readonly #start: bigint

  /** @param brokerPort the broker's port in the file. */
  constructor(context: ExportContext, brokerPort: number) {
    this.#context = context
    this.#addresses = new PcapAddresses(brokerPort)
    // Whole microseconds: a wall time of today has no more in a double.
    this.#start = BigInt(Math.round(context.captureStart * 1000)) * 1000n
  }

  begin(): Uint8Array {
    const { captureStart, filter, program } = this.#context
    const chosen = filter === '' ? '' : ` Only what the filter ${filter} matches is in it.`
    const comment =
      `Exported by Faultline ${program}; the capture began at ${wallTimeText(captureStart, 0)}. ` +
      `TCP/IP is made up around the Control Packets as they went on to their receivers: ` +
      `what was dropped is only in comments.${chosen}`
    const header = sectionHeader({ program: `Faultline ${program}`, comment })
    const description = interfaceDescription(linkRaw, 'faultline')
    const octets = new Uint8Array(header.length + description.length)
    octets.set(header)
    octets.set(description, header.length)
    return octets
  }

  *add(record: Captured): Iterable<Uint8Array> {
    if (record.kind === 'packet') yield* this.#packet(record)
    else if (isFate(record.event)) yield* this.#fate(record, record.event)
    else yield* this.#event(record)
  }

  end(): Uint8Array {
    return new Uint8Array(0)
  }

  *#packet(record: CapturedPacket): Iterable<Uint8Array> {
    // With a fate it goes on where that is told, or never.
    if (this.#context.fatesOf(record.number).length > 0) return
    const comments = record.origin?.kind === 'will' ? [this.#willOf(record)] : []
    yield* this.#send(record.time, record, record.octets, record.length, comments)
  }

  *#fate({ time, connection }: CapturedEvent, fate: PacketFate): Iterable<Uint8Array> {
    const packet = this.#context.packet(fate.packet)
    const what = packet ? this.#describe(packet) : `packet ${fate.packet}, which is not in this capture`
    if (fate.type === 'packet held') {
      const final = this.#context.fatesOf(fate.packet).some(({ event }) => event.type !== 'packet held')
      const still = final ? '' : '; it was still held when this capture ended'
      yield* this.#remark(time, connection, `held by ${visible(fate.by)}${still}: ${what}`)
    } else if (fate.type === 'packet dropped') {
      yield* this.#remark(time, connection, `dropped by ${visible(fate.by)}: ${what}`)
    } else if (packet === undefined && fate.octets === undefined) {
      yield* this.#remark(time, connection, `sent, and its octets are not known: ${what}`)
    } else {
      yield* this.#sendLate(time, connection, fate, packet)
    }
  }

  *#sendLate(
    time: number,
    connection: number,
    fate: Extract<PacketFate, { type: 'packet sent' }>,
    packet: CapturedPacket | undefined,
  ): Iterable<Uint8Array> {
    const changed = fate.octets === undefined ? undefined : fromHex(fate.octets)
    const octets = changed ?? (packet as CapturedPacket).octets
    const length = changed?.length ?? (packet as CapturedPacket).length
    if (packet === undefined) {
      const comment = `sent, which way is not known: packet ${fate.packet}, which is not in this capture`
      yield* this.#remark(time, connection, comment)
      return
    }
    for (let copy = 1; copy <= fate.copies; copy++) {
      const comments = [describeSent(fate, copy, () => this.#describe(packet))]
      if (packet.origin?.kind === 'will') comments.push(this.#willOf(packet))
      yield* this.#send(time, packet, octets, length, comments)
    }
  }

  /** @param packet says on which connection and which way. */
  *#send(
    time: number,
    packet: CapturedPacket,
    octets: Uint8Array,
    length: number,
    about: readonly string[],
  ): Iterable<Uint8Array> {
    const { tcp, comments } = this.#conversationOf(packet.connection)
    comments.push(...about)
    if (packet.malformed) comments.push(`not a Control Packet: ${packet.malformed}`)
    if (octets.length < length) {
      comments.push(`the capture kept ${octets.length} of ${length} octets; the others are zeros here`)
    }
    const from: Side = packet.direction === 'to broker' ? 'client' : 'broker'
    let first = true
    for (const segment of tcp.data(from, octets, length)) {
      yield this.#frame(time, segment, first ? comments : [])
      first = false
    }
    // A change may have left nothing to send.
    if (first) yield this.#frame(time, tcp.bare(from), [...comments, 'it had no octets any more'])
  }

  *#event({ time, connection, event }: CapturedEvent): Iterable<Uint8Array> {
    if (event.type === 'opened' && connection !== 0) {
      this.#forget(connection)
      yield* this.#open(time, connection, event.remote)
    } else if (event.type === 'closed' && connection !== 0) {
      yield* this.#close(time, connection, event)
    } else {
      yield* this.#remark(time, connection, describeEvent(event))
    }
  }

  *#open(time: number, connection: number, remote: string): Iterable<Uint8Array> {
    // The same ports may come again later, and a SYN with the same number would be taken for a repeated one.
    const tcp = this.#begin(connection, remote, Math.imul(connection, 0x9e3779b1) >>> 0)
    const comments = [`connection ${connection}, client at ${visible(remote)}`]
    for (const segment of tcp.handshake()) yield this.#frame(time, segment, comments.splice(0))
  }

  *#close(
    time: number,
    connection: number,
    { by, cause, reason }: Extract<CapturedEvent['event'], { type: 'closed' }>,
  ): Iterable<Uint8Array> {
    const { tcp, comments } = this.#conversationOf(connection)
    comments.push(`connection ${connection} ${describeEvent({ type: 'closed', by, cause, reason })}`)
    const side: Side = by === 'broker' ? 'broker' : 'client'
    const segments = cause === 'fin' ? tcp.close(side) : [tcp.reset(side)]
    // The Link resets both ends.
    if (cause !== 'fin' && by === 'link') segments.push(tcp.reset(otherSide(side)))
    for (const segment of segments) yield this.#frame(time, segment, comments.splice(0))
    this.#forget(connection)
  }

  /** Something to read that has no octets in any stream. */
  *#remark(time: number, connection: number, text: string): Iterable<Uint8Array> {
    const conversation = this.#conversations.get(connection)
    if (conversation !== undefined) {
      yield this.#frame(time, conversation.tcp.bare('client'), [text])
      return
    }
    const about = connection === 0 ? text : `connection ${connection}: ${text}`
    const here = { address: 0x7f000001, port: syslog }
    yield this.#frame(time, udpDatagram(here, here, utf8.encode(`${syslogPriority}Faultline: ${about}`)), [about])
  }

  /** The conversation of a connection, and what must be said about it on its next frame. */
  #conversationOf(connection: number): { tcp: TcpConversation; comments: string[] } {
    const conversation = this.#conversations.get(connection)
    if (conversation !== undefined) return { tcp: conversation.tcp, comments: [] }
    const { connections } = this.#context
    const remote = connections.get(connection)?.remote ?? 'unknown'
    const tcp = this.#begin(connection, remote, 0)
    tcp.begun()
    const comments = [`connection ${connection}, client at ${visible(remote)}; its beginning is not in this capture`]
    if (connections.version(connection) === 5) {
      comments.push('MQTT 5, and its CONNECT is not in this capture: set the preference mqtt.default_version to v5.0')
    }
    return { tcp, comments }
  }

  #begin(connection: number, remote: string, isn: number): TcpConversation {
    const pair = this.#addresses.take(connection, remote)
    const tcp = new TcpConversation(pair.client, pair.broker, isn)
    this.#conversations.set(connection, { tcp, pair })
    return tcp
  }

  #forget(connection: number): void {
    const conversation = this.#conversations.get(connection)
    if (conversation === undefined) return
    this.#addresses.giveBack(conversation.pair)
    this.#conversations.delete(connection)
  }

  #frame(time: number, octets: Uint8Array, comments: readonly string[]): Uint8Array {
    return enhancedPacket(this.#start + BigInt(Math.round(time)), octets, comments)
  }

  #describe(packet: CapturedPacket): string {
    return describePacket(packet, this.#context.connections.version(packet.connection) ?? 4)
  }

  #willOf({ origin }: CapturedPacket): string {
    return `will of ${visible(origin?.clientId ?? 'an unknown client')}`
  }
}
