import {
  type Captured,
  type CapturedEvent,
  type CapturedPacket,
  type ConnectionEvent,
  clientOf,
  isFate,
  type PacketFate,
} from '../../../app/capture/captured.ts'
import type { ProtocolVersion } from '../../../app/mqtt/control-packet.ts'
import { anyReasonName } from '../../../app/mqtt/decode-codes.ts'
import { describeCode as nameOfCode } from '../../../app/mqtt/decode-values.ts'
import type { Malformation } from '../../../app/mqtt/framer.ts'
import { type PacketSummary, summarize } from '../../../app/mqtt/summary.ts'
import type { Fate } from '../../state/fate-index.ts'
import type { ChipTone } from '../../ui/chip.tsx'
import { formatCount } from '../../ui/format.ts'
import { formatElapsed } from './elapsed.ts'
import { previewPayload } from './payload-preview.ts'

export interface RowChip {
  readonly tone: ChipTone
  readonly text: string
  /** Who did it, where somebody did. */
  readonly title?: string | undefined
}

/** One line of the list, in words. */
export interface RowView {
  readonly number: number
  readonly tone: 'plain' | 'loss' | 'will' | 'held' | 'dim'
  readonly time: string
  readonly from: string
  readonly arrow: string
  readonly to: string
  /** The client at one of the two ends; undefined where it is not known. */
  readonly client: string | undefined
  readonly packet: string
  readonly packetTone: 'text' | 'ack' | 'blue' | 'green' | 'purple' | 'red' | 'dim'
  /** It never went on: its type is struck through. */
  readonly struck: boolean
  readonly packetId: string
  readonly chips: readonly RowChip[]
  readonly topic: string
  /** True where the topic's place holds a remark and no topic. */
  readonly isRemark: boolean
  readonly payload: string
  readonly bytes: string
  /** It is no packet: what is said of it takes the place of all columns from the packet's on. */
  readonly wide: boolean
}

export interface RowContext {
  /** Wall time in milliseconds at which the capture's time is 0. */
  readonly captureStart: number
  clientId(connection: number): string | undefined
  version(connection: number): ProtocolVersion | undefined
  /** What became of the packet with this number. */
  fate(packet: number): Fate | undefined
  /** The held packet that the buttons act on. */
  readonly next?: number | undefined
  /** The packet that is held on this way at this moment: what comes behind it waits, and is not to be decided about. */
  heldOnWay?(way: Pick<CapturedPacket, 'connection' | 'direction'>): number | undefined
  elapsed(packet: CapturedPacket, summary: PacketSummary, version: ProtocolVersion): number | undefined
}

export function formatRow(record: Captured, context: RowContext): RowView {
  return record.kind === 'packet' ? packetRow(record, context) : eventRow(record, context)
}

/** A row whose record is not here: it comes soon, has left the ring, or is not in the recording's file. */
export function absentRow(number: number, why: 'being read' | 'gone' | 'missing'): RowView {
  const from = { 'being read': 'is being read …', gone: 'has left the workbench', missing: '' }[why]
  return {
    number,
    tone: 'dim',
    time: '',
    from,
    arrow: '',
    to: '',
    client: undefined,
    packet: '',
    packetTone: 'dim',
    struck: false,
    packetId: '',
    chips: [],
    topic: why === 'missing' ? `record ${formatCount(number)} is missing in the file` : '',
    isRemark: true,
    payload: '',
    bytes: '',
    wide: true,
  }
}

function packetRow(packet: CapturedPacket, context: RowContext): RowView {
  const version = context.version(packet.connection) ?? 4
  const summary = summarize(packet.octets, version)
  const client = context.clientId(packet.connection) ?? (summary.clientId || undefined)
  const name = client ?? `connection ${packet.connection}`
  const toBroker = packet.direction === 'to broker'
  const ends = {
    number: packet.number,
    time: formatTime(context.captureStart + packet.time / 1e6),
    from: toBroker ? name : 'broker',
    arrow: '→',
    to: toBroker ? 'broker' : name,
    client,
    bytes: String(packet.length),
    wide: false,
  }
  const fate = context.fate(packet.number)
  const struck = fate?.state === 'dropped'
  // All that come after a held one on its way wait: nothing is told of them before they go on.
  const ahead = fate === undefined ? context.heldOnWay?.(packet) : undefined
  const behind = ahead !== undefined && ahead < packet.number ? [behindChip(ahead)] : []
  const fates = fate === undefined ? behind : fateChips(fate, context.next === packet.number)
  const tone = struck ? 'loss' : fate?.state === 'held' ? 'held' : packet.origin?.kind === 'will' ? 'will' : 'plain'
  if (packet.malformed !== false) {
    const words = malformedWords(packet.malformed)
    return { ...ends, ...words, struck, chips: [...fates, ...words.chips] }
  }
  return {
    ...ends,
    tone,
    struck,
    packet: summary.type ?? 'reserved',
    packetTone: struck ? 'red' : fate?.state === 'held' ? 'blue' : packetTone(packet, summary),
    packetId: String(summary.packetId ?? ''),
    chips: [...fates, ...packetChips(packet, summary, version)],
    topic: summary.topic ?? remarkOf(packet, summary, version, context),
    isRemark: summary.topic === undefined,
    payload: summary.payload === undefined ? '' : previewPayload(summary.payload),
  }
}

function malformedWords(why: Malformation) {
  return {
    tone: 'loss',
    packet: 'malformed',
    packetTone: 'red',
    packetId: '',
    chips: [{ tone: 'red', text: 'MALFORMED' }],
    topic: `${why}, passed on as it came`,
    isRemark: true,
    payload: '',
  } as const
}

function packetTone(packet: CapturedPacket, summary: PacketSummary): RowView['packetTone'] {
  if (summary.type !== 'PUBLISH') return 'ack'
  if (packet.origin?.kind === 'will') return 'purple'
  return summary.qos === 2 ? 'green' : summary.qos === 1 ? 'blue' : 'text'
}

const qosTones = ['grey', 'blue', 'green'] as const

function packetChips(packet: CapturedPacket, summary: PacketSummary, version: ProtocolVersion): RowChip[] {
  const chips: RowChip[] = []
  if (summary.qos !== undefined) chips.push({ tone: qosTones[summary.qos], text: `QoS ${summary.qos}` })
  if (summary.dup) chips.push({ tone: 'amber', text: 'DUP' })
  if (summary.retain) chips.push({ tone: 'purple', text: 'RETAIN' })
  if (packet.origin?.kind === 'will') chips.push({ tone: 'purple', text: `WILL OF ${packet.origin.clientId ?? '?'}` })
  if (summary.clean === true) chips.push({ tone: 'grey', text: version === 5 ? 'CLEAN START' : 'CLEAN SESSION' })
  if (summary.sessionPresent === true) chips.push({ tone: 'green', text: 'SESSION PRESENT' })
  const code = codeChip(summary, version)
  if (code !== undefined) chips.push(code)
  return chips
}

/**
 * Nanoseconds up to which a packet was not delayed by anybody: it takes as long to decide about it. Where a rule sent it
 * more than once or changed it, that is why its delay is told at all, and a busy machine needs more.
 */
const leastDelay = 1e6
const leastDelayBesides = 10e6

const nextChip: RowChip = { tone: 'amber', text: 'NEXT', title: 'What is decided next is about this packet' }

function behindChip(ahead: number): RowChip {
  return { tone: 'blue', text: `BEHIND ${ahead}`, title: `waits behind packet ${ahead}, which is held` }
}

/** @param isNext the buttons that decide about a held packet act on this one. */
function fateChips(fate: Fate, isNext: boolean): RowChip[] {
  const title = `by ${fate.by}`
  if (fate.state === 'held') return [{ tone: 'blue', text: 'HELD', title }, ...(isNext ? [nextChip] : [])]
  if (fate.state === 'dropped') return [{ tone: 'red', text: 'DROPPED', title }]
  const chips: RowChip[] = []
  const least = fate.copies > 1 || fate.changed ? leastDelayBesides : leastDelay
  if (fate.delay > least) chips.push({ tone: 'amber', text: `DELAYED ${formatElapsed(fate.delay).slice(1)}`, title })
  if (fate.copies > 1) chips.push({ tone: 'amber', text: `×${fate.copies}`, title })
  if (fate.changed) chips.push({ tone: 'amber', text: 'CHANGED', title })
  return chips
}

/** What a code says: an error in any packet, the granted QoS in SUBACK. */
function codeChip(summary: PacketSummary, version: ProtocolVersion): RowChip | undefined {
  const code = summary.code
  if (code === undefined || code === 0xff) return undefined
  if (summary.type === 'SUBACK' && code <= 2) {
    return { tone: qosTones[code as 0 | 1 | 2], text: `QoS ${code}` }
  }
  const isError = code >= 0x80 || (summary.type === 'CONNACK' && version !== 5 && code > 0)
  return isError ? { tone: 'red', text: 'REFUSED' } : undefined
}

/** Return Codes of CONNACK [MQTT 3.1.1 §3.2.2.3]. */
const connackCodes = [
  'accepted',
  'unacceptable protocol version',
  'identifier rejected',
  'server unavailable',
  'bad user name or password',
  'not authorized',
]

const versionNames = new Map([
  [3, 'MQTT 3.1'],
  [4, 'MQTT 3.1.1'],
  [5, 'MQTT 5'],
])

function remarkOf(
  packet: CapturedPacket,
  summary: PacketSummary,
  version: ProtocolVersion,
  context: RowContext,
): string {
  const elapsed = context.elapsed(packet, summary, version)
  const parts = [
    elapsed === undefined ? '' : formatElapsed(elapsed),
    summary.type === 'CONNECT' ? describeConnect(summary) : describeCode(summary, version),
  ]
  return parts.filter((part) => part !== '').join(' · ')
}

function describeConnect(summary: PacketSummary): string {
  const level = summary.protocolVersion
  const name = level === undefined ? 'cut short' : (versionNames.get(level) ?? `protocol level ${level}`)
  const keepAlive = summary.keepAlive === 0 ? 'no keep alive' : `keep alive ${summary.keepAlive ?? '?'} s`
  return [name, keepAlive, ...(summary.userName === undefined ? [] : [`user ${summary.userName}`])].join(' · ')
}

function describeCode(summary: PacketSummary, version: ProtocolVersion): string {
  const code = summary.code
  if (code === undefined) return ''
  // A code that only MQTT 5 has may be seen before it is known what the client speaks.
  const isOld = version !== 5 && code < 0x80
  if (summary.type === 'CONNACK' && isOld) return connackCodes[code] ?? `return code ${code}`
  if (code < 0x80) return ''
  const isFailure = version !== 5 && summary.type === 'SUBACK'
  return nameOfCode(code, isFailure ? 'Failure' : anyReasonName(code))
}

function eventRow(record: CapturedEvent, context: RowContext): RowView {
  const { event } = record
  const client = clientOf(event) ?? context.clientId(record.connection)
  return {
    number: record.number,
    time: formatTime(context.captureStart + record.time / 1e6),
    client,
    struck: false,
    packetId: '',
    payload: '',
    bytes: '',
    wide: true,
    ...describeEvent(event, client ?? `connection ${record.connection}`, record.connection > 0),
  }
}

type EventWords = Pick<
  RowView,
  'tone' | 'from' | 'arrow' | 'to' | 'packet' | 'packetTone' | 'chips' | 'topic' | 'isRemark'
> & { readonly payload?: string }

function describeEvent(event: ConnectionEvent, name: string, hasConnection: boolean): EventWords {
  if (isFate(event)) return describeFate(event, name)
  const dim = { tone: 'dim', packetTone: 'dim', chips: [], isRemark: true } as const
  const failed = { ...dim, tone: 'loss', packetTone: 'red', from: name, arrow: '×', to: 'broker' } as const
  switch (event.type) {
    case 'opened':
      return { ...dim, from: name, arrow: '→', to: 'broker', packet: 'opened', topic: describeOpening(event) }
    case 'handshake failed':
      return {
        ...failed,
        from: event.remote,
        packet: event.type,
        topic: `${transportNames[event.transport]} · ${event.reason}`,
      }
    case 'denied':
      return { ...failed, packet: 'denied', topic: `${event.action} to ${event.topic} · ${event.rule}` }
    case 'closed':
      return { ...dim, from: name, arrow: '×', to: 'broker', packet: 'closed', topic: describeClose(event) }
    case 'one end closed': {
      const topic = `${describeClose(event)} · the other end ${event.told ? 'was told' : 'has not heard of it'}`
      return { ...dim, from: name, arrow: '×', to: 'broker', packet: 'one end closed', topic }
    }
    case 'fault':
      return {
        ...dim,
        tone: 'loss',
        packetTone: 'red',
        from: name,
        ...(hasConnection ? { arrow: '×', to: 'broker' } : { arrow: '', to: '' }),
        packet: 'fault',
        chips: isOutOfPower(event) ? [{ tone: 'red', text: 'NO DISCONNECT' }] : [],
        topic: `${event.what} · ${event.by}`,
      }
    case 'target reached': {
      const topic = [event.url, event.security ?? ''].filter((part) => part !== '').join(' · ')
      return { ...dim, from: name, arrow: '→', to: 'broker', packet: 'target reached', topic }
    }
    case 'target failed':
      return { ...failed, packet: 'target failed', topic: `${event.reason} · ${event.url}` }
    case 'power loss':
      return {
        tone: 'loss',
        from: name,
        arrow: '×',
        to: 'broker',
        packet: 'power loss',
        packetTone: 'red',
        chips: [{ tone: 'red', text: 'NO DISCONNECT' }],
        topic: 'the device is dead, its RAM is lost',
        isRemark: true,
      }
    case 'will published':
      return {
        tone: 'will',
        from: 'broker',
        arrow: '',
        to: '',
        packet: 'will published',
        packetTone: 'purple',
        chips: [{ tone: 'purple', text: `WILL OF ${event.clientId}` }],
        topic: event.topic,
        isRemark: false,
        payload: event.reason,
      }
    case 'will dropped':
      return {
        ...dim,
        from: 'broker',
        arrow: '',
        to: '',
        packet: 'will dropped',
        chips: [{ tone: 'purple', text: `WILL OF ${name}` }],
        topic: event.reason ?? `${name} disconnected in order`,
      }
  }
}

function describeOpening(event: Extract<ConnectionEvent, { type: 'opened' }>): string {
  const from = `${transportNames[event.transport]} from ${event.remote}`
  return event.security === undefined ? from : `${from} · ${event.security}`
}

const transportNames = { tcp: 'TCP', tls: 'TLS', ws: 'WebSocket', wss: 'WebSocket over TLS' } as const

/** The client is gone without DISCONNECT. */
function isOutOfPower({ device }: Extract<ConnectionEvent, { type: 'fault' }>): boolean {
  return device?.phase === 'begins' && (device.fault === 'power loss' || device.fault === 'reboot')
}

const fateWords = { 'packet held': 'held', 'packet dropped': 'dropped', 'packet sent': 'sent on' } as const

function describeFate(event: PacketFate, name: string): EventWords {
  const what = [`packet ${event.packet}`]
  if (event.type === 'packet sent') {
    what.push(`after ${formatElapsed(event.delay).slice(1)}`)
    if (event.copies > 1) what.push(`${event.copies} times`)
    if (event.octets !== undefined) what.push('changed')
  }
  return {
    tone: event.type === 'packet dropped' ? 'loss' : 'dim',
    packetTone: event.type === 'packet dropped' ? 'red' : 'dim',
    from: name,
    arrow: '',
    to: '',
    packet: fateWords[event.type],
    chips: [],
    topic: [...what, event.by].join(' · '),
    isRemark: true,
  }
}

const causes = { fin: 'FIN', rst: 'RST', timeout: 'timed out', local: '' } as const

function describeClose(event: ConnectionEvent & { readonly type: 'closed' | 'one end closed' }): string {
  const parts = [`by the ${event.by}`, causes[event.cause], event.reason ?? '']
  return parts.filter((part) => part !== '').join(' · ')
}

/** Local wall time with milliseconds. */
export function formatTime(ms: number): string {
  const time = new Date(ms)
  const two = (value: number) => String(value).padStart(2, '0')
  const millis = String(time.getMilliseconds()).padStart(3, '0')
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${millis}`
}
