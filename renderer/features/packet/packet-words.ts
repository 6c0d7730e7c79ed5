import type { CapturedPacket, ConnectionEvent, PacketFate } from '../../../app/capture/captured.ts'
import type { DecodedPacket } from '../../../app/mqtt/decoded.ts'
import { formatHex, parseHex } from '../../../app/mqtt/hex.ts'
import { changedRanges } from './hex-rows.ts'

/** A name and what stands beside it. */
export type NamedFact = readonly [name: string, value: string]

export interface EventWords {
  readonly title: string
  readonly tone: 'plain' | 'red' | 'purple'
  readonly facts: readonly NamedFact[]
}

const causes = {
  fin: 'FIN: in order, both ways',
  rst: 'RST: at once',
  timeout: 'the transport gave up',
  local: 'reset by this side',
} as const

/** What happened to a Network Connection, in words. */
export function describeEvent(event: ConnectionEvent): EventWords {
  switch (event.type) {
    case 'opened':
      return plain('connection opened', [
        ['from', event.remote],
        ['transport', event.transport.toUpperCase()],
        ...(event.security === undefined ? [] : ([['security', event.security]] as const)),
      ])
    case 'handshake failed':
      return {
        title: 'handshake failed',
        tone: 'red',
        facts: [
          ['from', event.remote],
          ['transport', event.transport.toUpperCase()],
          ['why', event.reason],
        ],
      }
    case 'denied':
      return {
        title: 'denied',
        tone: 'red',
        facts: [
          ['client', event.clientId],
          ['what', event.action],
          [event.action === 'publish' ? 'Topic Name' : 'Topic Filter', event.topic],
          ['by', event.rule],
        ],
      }
    case 'closed':
    case 'one end closed': {
      const facts: NamedFact[] = [
        ['by', `the ${event.by}`],
        ['how', causes[event.cause]],
      ]
      if (event.reason !== undefined) facts.push(['why', event.reason])
      if (event.type === 'closed') return plain('connection closed', facts)
      return plain('one end closed', [...facts, ['other end', event.told ? 'was told' : 'has not heard of it']])
    }
    case 'fault':
      return {
        title: 'fault',
        tone: 'red',
        facts: [
          ...(event.device === undefined ? [] : ([['device', event.device.id]] as const)),
          ['what', event.what],
          ['by', event.by],
        ],
      }
    case 'packet held':
    case 'packet dropped':
    case 'packet sent':
      return {
        title: describeFate(event),
        tone: event.type === 'packet dropped' ? 'red' : 'plain',
        facts: [
          ['packet', `#${event.packet}`],
          ['by', event.by],
        ],
      }
    case 'target reached': {
      const security: NamedFact[] = event.security === undefined ? [] : [['security', event.security]]
      return plain('target reached', [['target', event.url], ...security])
    }
    case 'target failed':
      return {
        title: 'target failed',
        tone: 'red',
        facts: [
          ['target', event.url],
          ['why', event.reason],
        ],
      }
    case 'power loss':
      return {
        title: 'power loss',
        tone: 'red',
        facts: [
          ['client', event.clientId],
          ['what', 'the device is dead, its RAM is lost; its client did not send DISCONNECT'],
        ],
      }
    case 'will published':
      return {
        title: 'will published',
        tone: 'purple',
        facts: [
          ['will of', event.clientId],
          ['topic', event.topic],
          ['why', event.reason],
        ],
      }
    case 'will dropped':
      return plain('will dropped', [
        ['will of', event.clientId],
        ['why', event.reason ?? 'the client disconnected in order'],
      ])
  }
}

function plain(title: string, facts: readonly NamedFact[]): EventWords {
  return { title, tone: 'plain', facts }
}

/** `held`, `dropped`, `sent after 12.4 s, 2 times, changed` */
export function describeFate(fate: PacketFate): string {
  if (fate.type !== 'packet sent') return fate.type === 'packet held' ? 'held' : 'dropped'
  const parts = [fate.delay > 0 ? `sent after ${formatDelay(fate.delay)}` : 'sent']
  if (fate.copies !== 1) parts.push(`${fate.copies} times`)
  if (fate.octets !== undefined) parts.push('changed')
  return parts.join(', ')
}

/** Nanoseconds as a person compares them: `84 µs`, `1.1 ms`, `412 ms`, `12.4 s`. */
export function formatDelay(nanoseconds: number): string {
  if (nanoseconds < 100_000) return `${Math.round(nanoseconds / 1000)} µs`
  const ms = nanoseconds / 1e6
  if (ms < 9.95) return `${ms.toFixed(1)} ms`
  return ms < 999.5 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

/** The octets that went on in the packet's place; undefined where they are those that came. */
export function changedOctets(fates: readonly PacketFate[]): Uint8Array | undefined {
  for (const fate of fates) {
    if (fate.type !== 'packet sent' || fate.octets === undefined) continue
    const read = parseHex(fate.octets)
    if ('octets' in read) return read.octets
  }
  return undefined
}

const mostShown = 16

/** What was changed: `at 2: 00 4d → ff 4d`. */
export function describeChange(before: Uint8Array, after: Uint8Array): string {
  const [was, is] = changedRanges(before, after)
  if (was.start === was.end && is.start === is.end) return 'nothing'
  return `at ${was.start}: ${some(before.subarray(was.start, was.end))} → ${some(after.subarray(is.start, is.end))}`
}

function some(octets: Uint8Array): string {
  if (octets.length === 0) return 'nothing'
  const more = octets.length > mostShown ? ` … (${octets.length} octets)` : ''
  return formatHex(octets.subarray(0, mostShown), ' ') + more
}

/** The Packet Identifier in words; undefined where the packet has none. */
export function packetIdOf(decoded: DecodedPacket): string | undefined {
  return decoded.fields.find((field) => field.name === 'Packet Identifier')?.value
}

/**
 * Whether the octets can be read as a packet: where the stream could not be framed, only the first of them are, and what
 * comes after that place is anything.
 */
export function isReadable(record: CapturedPacket, decoded: DecodedPacket): boolean {
  switch (record.malformed) {
    case false:
    case 'cut short':
      return true
    case 'reserved packet type':
      return decoded.type === undefined
    case 'Remaining Length too long':
      return decoded.fields.length === 1 && decoded.violations.length > 0
  }
}
