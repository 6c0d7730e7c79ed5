import { type ConnectionEvent, mostCopies } from './captured.ts'

type Check = (value: unknown) => boolean

type EventOf<T extends ConnectionEvent['type']> = Extract<ConnectionEvent, { readonly type: T }>

/** What may stand in each field of each event: a field that is forgotten here does not compile. */
type Checks = {
  readonly [T in ConnectionEvent['type']]: { readonly [K in keyof Omit<EventOf<T>, 'type'>]-?: Check }
}

const text: Check = (value) => typeof value === 'string'
const record: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const oneOf = (...values: readonly string[]): Check => {
  return (value) => typeof value === 'string' && values.includes(value)
}
const optional = (check: Check): Check => {
  return (value) => value === undefined || check(value)
}

const nanoseconds: Check = (value) => Number.isFinite(value) && (value as number) >= 0
const copies: Check = (value) => record(value) && (value as number) <= mostCopies
const hexadecimal: Check = (value) => typeof value === 'string' && value.length % 2 === 0 && !/[^0-9a-f]/i.test(value)
const transport = oneOf('tcp', 'tls', 'ws', 'wss')
const cause = oneOf('fin', 'rst', 'timeout', 'local')

const device: Check = (value) => {
  if (typeof value !== 'object' || value === null) return false
  const { id, clientId, fault, phase }: Record<string, unknown> = { ...value }
  return [id, clientId, fault].every(text) && oneOf('begins', 'ends')(phase)
}

const checks: Checks = {
  opened: { transport, remote: text, security: optional(text) },
  'handshake failed': { transport, remote: text, reason: text },
  denied: { clientId: text, action: oneOf('publish', 'subscribe'), topic: text, rule: text },
  closed: { by: oneOf('client', 'broker', 'link'), cause, reason: optional(text) },
  'one end closed': {
    by: oneOf('client', 'broker'),
    cause,
    reason: optional(text),
    told: optional((value) => value === true),
  },
  fault: { what: text, by: text, device: optional(device) },
  'packet held': { packet: record, by: text },
  'packet dropped': { packet: record, by: text },
  'packet sent': { packet: record, by: text, delay: nanoseconds, copies, octets: optional(hexadecimal) },
  'target reached': { url: text, security: optional(text) },
  'target failed': { url: text, reason: text },
  'power loss': { clientId: text },
  'will published': { clientId: text, topic: text, reason: text },
  'will dropped': { clientId: text, reason: optional(text) },
}

const checksByType: ReadonlyMap<unknown, Readonly<Record<string, Check>>> = new Map(Object.entries(checks))

/**
 * An event as JSON of a file, or of a contract, says it. A file may come from anybody: what is asked for here nobody
 * behind has to ask for again.
 *
 * @returns why it is none, in words, where it is none
 */
export function readEvent(json: unknown): ConnectionEvent | string {
  if (typeof json !== 'object' || json === null || !('type' in json)) return 'it says no type'
  const fields: Readonly<Record<string, unknown>> = { ...json }
  const wanted = checksByType.get(fields['type'])
  if (wanted === undefined) return 'this program does not know its type'
  for (const [name, check] of Object.entries(wanted)) {
    if (!check(fields[name])) return `${name} of ${fields['type']} is not what it can be`
  }
  return json as ConnectionEvent
}
