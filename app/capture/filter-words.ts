import { packetTypes } from '../mqtt/control-packet.ts'
import type { ConnectionEvent } from './captured.ts'
import type { FieldName, FlagName, Operator } from './filter-ast.ts'

/** What may be asked of a field. */
export type FieldWords = {
  /** For somebody who chooses. */
  readonly detail: string
  readonly operators: readonly Operator[]
} & (
  | { readonly kind: 'choice'; readonly what: string; readonly choices: readonly string[] }
  | { readonly kind: 'glob' | 'topic' | 'payload' }
  | { readonly kind: 'number'; readonly least: number; readonly most: number }
  | { readonly kind: 'time' }
)

const same: readonly Operator[] = ['=', '!=']
const text: readonly Operator[] = ['=', '!=', '~']
const order: readonly Operator[] = ['=', '!=', '<', '<=', '>', '>=']

// A type that is added to the events must be added here, or this does not compile.
const eventTypeTable: Readonly<Record<ConnectionEvent['type'], true>> = {
  opened: true,
  'handshake failed': true,
  denied: true,
  closed: true,
  'one end closed': true,
  fault: true,
  'packet held': true,
  'packet dropped': true,
  'packet sent': true,
  'target reached': true,
  'target failed': true,
  'power loss': true,
  'will published': true,
  'will dropped': true,
}

const eventTypes: readonly string[] = Object.keys(eventTypeTable)

/** Packet types by their number in the fixed header; '' for the reserved 0. */
export const packetTypeNames: readonly string[] = packetTypes.map((type) => type?.toLowerCase() ?? '')

export const typeNames: readonly string[] = [...packetTypeNames.filter((name) => name !== ''), 'event', ...eventTypes]

export const fieldWords: Readonly<Record<FieldName, FieldWords>> = {
  type: {
    kind: 'choice',
    what: 'a packet or event type',
    choices: typeNames,
    operators: same,
    detail: 'of packet or event: type:publish,puback',
  },
  client: { kind: 'glob', operators: text, detail: 'Client Identifier, * for any characters: client:pump-*' },
  topic: { kind: 'topic', operators: text, detail: 'Topic Name or Topic Filter: topic:plant/+/status' },
  payload: { kind: 'payload', operators: text, detail: 'Application Message: payload~"offline" payload~/off|on/i' },
  from: {
    kind: 'choice',
    what: '"client" or "broker"',
    choices: ['client', 'broker'],
    operators: same,
    detail: 'who sent it: from:client',
  },
  qos: { kind: 'number', least: 0, most: 2, operators: order, detail: 'of a PUBLISH: qos>=1' },
  id: { kind: 'number', least: 0, most: 0xffff, operators: order, detail: 'Packet Identifier: id:19' },
  bytes: {
    kind: 'number',
    least: 0,
    most: Number.MAX_SAFE_INTEGER,
    operators: order,
    detail: 'octets on the wire: bytes>1000',
  },
  code: { kind: 'number', least: 0, most: 0xff, operators: order, detail: 'Return or Reason Code: code>=0x80' },
  number: { kind: 'number', least: 0, most: Number.MAX_SAFE_INTEGER, operators: order, detail: 'of the record' },
  conn: { kind: 'number', least: 1, most: 0xffff_ffff, operators: order, detail: 'number of the Network Connection' },
  time: { kind: 'time', operators: order, detail: 'since the capture began: time>=90s (ns us ms s min h)' },
}

/** Other names that a field goes by. */
export const fieldAliases: Readonly<Record<string, FieldName>> = { reason: 'code', connection: 'conn' }

export const flagDetails: Readonly<Record<FlagName, string>> = {
  dup: 'a PUBLISH with the DUP flag',
  retain: 'a PUBLISH with the RETAIN flag',
  malformed: 'octets that are no Control Packet',
  will: 'a PUBLISH that delivers a Will Message, and what became of a will',
  event: 'what is no packet',
  'session-present': 'a CONNACK with Session Present',
  'clean-session': 'a CONNECT with Clean Session (MQTT 3.1.1); the same bit as clean-start',
  'clean-start': 'a CONNECT with Clean Start (MQTT 5); the same bit as clean-session',
}

/** In nanoseconds. */
export const timeUnits: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  ms: 1e6,
  s: 1e9,
  min: 60e9,
  h: 3600e9,
}

export const keywords: readonly string[] = ['and', 'or', 'not']
