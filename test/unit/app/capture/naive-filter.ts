import fc from 'fast-check'
import { generate, type Packet } from 'mqtt-packet'
import type { Captured, CapturedPacket, ConnectionEvent } from '../../../../app/capture/captured.ts'
import type { FilterNode, FilterTest, FilterValue } from '../../../../app/capture/filter-ast.ts'
import type { ConnectionNames } from '../../../../app/capture/subject.ts'
import type { Malformation } from '../../../../app/mqtt/framer.ts'
import { clients, payloads, topics } from './filter-trees.ts'

/** A record, and what a filter may know of it: taken from what the packet was made of, and not read from its octets. */
export interface Known {
  readonly record: Captured
  readonly names: ConnectionNames
  readonly type: string | undefined
  readonly topics: readonly string[]
  readonly client: string | undefined
  readonly payload: string | undefined
  readonly codes: readonly number[]
  readonly numbers: Readonly<Record<string, number | undefined>>
  readonly flags: readonly string[]
}

const topic = fc.constantFrom(...topics)
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const)
const messageId = fc.integer({ min: 1, max: 20 })
const code = fc.constantFrom(0, 1, 16, 0x80, 0x87)

/** Packets in the words of mqtt-packet. */
const packets = (version: 4 | 5): fc.Arbitrary<Packet> =>
  fc
    .record({
      topic,
      topics: fc.array(
        topic.filter((name) => name !== ''),
        { minLength: 1, maxLength: 3 },
      ),
      qos,
      messageId,
      code,
      flag: fc.boolean(),
      dup: fc.boolean(),
      text: fc.constantFrom(...payloads),
      clientId: fc.constantFrom(...clients),
    })
    .chain(({ topic, topics, qos, messageId, code, flag, dup, text, clientId }) => {
      const five = version === 5
      const properties = five && flag ? { userProperties: { a: 'off'.repeat(50) } } : undefined
      const extra = properties === undefined ? {} : { properties }
      const reason = five ? { reasonCode: code, ...extra } : {}
      // mqtt-packet writes no PUBLISH without a topic but with a Topic Alias.
      const aliased = topic === '' ? { properties: { topicAlias: 1 } } : extra
      const list: object[] = [
        ...(topic === '' && !five
          ? []
          : [
              {
                cmd: 'publish',
                topic,
                payload: text,
                qos,
                dup: dup && qos > 0,
                retain: flag,
                ...(qos > 0 && { messageId }),
                ...aliased,
              },
            ]),
        {
          cmd: 'subscribe',
          messageId,
          subscriptions: topics.map((topic) => ({ topic, qos, ...(five && { nl: false, rap: false, rh: 0 }) })),
          ...extra,
        },
        { cmd: 'unsubscribe', messageId, unsubscriptions: topics, ...extra },
        { cmd: 'suback', messageId, granted: [qos, code], ...extra },
        { cmd: 'unsuback', messageId, ...(five && { granted: [0, code] }), ...extra },
        { cmd: 'puback', messageId, ...reason },
        { cmd: 'pubrel', messageId, ...(five && { reasonCode: 0, ...extra }) },
        { cmd: 'connect', protocolVersion: version, clientId, clean: flag, keepalive: 20, ...extra },
        { cmd: 'connack', sessionPresent: flag, ...(five ? { reasonCode: code, ...extra } : { returnCode: code }) },
        { cmd: 'pingreq' },
        { cmd: 'disconnect', ...reason },
      ]
      return fc.constantFrom(...(list as unknown as Packet[]))
    })

/** A device that is named as a client of these tests is, where its Client Identifier is not known. */
const faulty = (clientId: string) => ({ id: 'pump-01', clientId, fault: 'hang', phase: 'begins' }) as const

const deviceOf = (event: ConnectionEvent) =>
  event.type === 'fault' && event.device ? event.device.clientId || event.device.id : undefined

const place = {
  number: fc.integer({ min: 1, max: 20 }),
  time: fc.nat(20),
  connection: fc.nat(3),
  client: fc.option(fc.constantFrom(...clients), { nil: undefined }),
}

const packetRecord: fc.Arbitrary<Known> = fc
  .record({
    version: fc.constantFrom(4 as const, 5 as const),
    direction: fc.constantFrom('to broker' as const, 'to client' as const),
    malformed: fc.constantFrom<Malformation | false>(false, false, false, 'cut short'),
    will: fc.boolean(),
    extra: fc.constantFrom(0, 0, 1000),
    ...place,
  })
  .chain((draft) => packets(draft.version).map((packet) => ({ ...draft, packet })))
  .map(({ version, packet, client, will, extra, ...draft }) => {
    const octets = Uint8Array.from(generate(packet, { protocolVersion: version }))
    const record: CapturedPacket = {
      kind: 'packet',
      ...draft,
      octets,
      length: octets.length + extra,
      origin: will ? { message: 1, kind: 'will', clientId: 'a' } : undefined,
    }
    return factsOf(record, packet, version, client)
  })

const eventRecord: fc.Arbitrary<Known> = fc
  .record({
    event: fc.constantFrom<ConnectionEvent>(
      { type: 'opened', transport: 'tcp', remote: 'off' },
      { type: 'handshake failed', transport: 'tls', remote: 'off', reason: 'off' },
      { type: 'denied', clientId: 'pump-01', action: 'publish', topic: 'a/b', rule: 'off' },
      { type: 'closed', by: 'client', cause: 'fin' },
      { type: 'power loss', clientId: 'pump-01' },
      { type: 'fault', what: 'hang begins: off', by: 'you', device: faulty('pump-02') },
      { type: 'fault', what: 'hang ends: off', by: 'you', device: faulty('') },
      { type: 'target failed', url: 'mqtt://off', reason: 'off' },
      { type: 'will published', clientId: 'pump-02', topic: 'a/b', reason: 'off' },
      { type: 'will dropped', clientId: 'a b' },
      { type: 'packet dropped', packet: 3, by: 'off' },
    ),
    ...place,
  })
  .map(({ event, client, ...draft }) => ({
    record: { kind: 'event', event, ...draft },
    names: { clientId: () => client, version: () => 4 },
    type: event.type,
    topics: [],
    client: 'clientId' in event ? event.clientId : (deviceOf(event) ?? client),
    payload: undefined,
    codes: [],
    numbers: { number: draft.number, time: draft.time, ...(draft.connection > 0 && { conn: draft.connection }) },
    flags: event.type.startsWith('will') ? ['event', 'will'] : ['event'],
  }))

export const knownRecord: fc.Arbitrary<Known> = fc.oneof(
  { weight: 4, arbitrary: packetRecord },
  { weight: 1, arbitrary: eventRecord },
)

function factsOf(record: CapturedPacket, packet: Packet, version: 4 | 5, client: string | undefined): Known {
  const names = { clientId: () => client, version: () => version }
  const { connection, length, number, time } = record
  const always = { number, time, bytes: length, ...(connection > 0 && { conn: connection }) }
  const nothing = { record, names, client, topics: [], codes: [], payload: undefined }
  if (record.malformed !== false) return { ...nothing, type: undefined, numbers: always, flags: ['malformed'] }
  const common = { ...nothing, type: packet.cmd as string }
  const id = packet.messageId
  const numbers = { ...always, id }
  const flags = record.origin ? ['will'] : []
  switch (packet.cmd) {
    case 'publish':
      if (packet.dup) flags.push('dup')
      if (packet.retain) flags.push('retain')
      return {
        ...common,
        topics: [packet.topic],
        payload: String(packet.payload),
        numbers: { ...numbers, qos: packet.qos },
        flags,
      }
    case 'subscribe':
      return { ...common, topics: packet.subscriptions.map(({ topic }) => topic), numbers, flags }
    case 'unsubscribe':
      return { ...common, topics: packet.unsubscriptions, numbers, flags }
    case 'suback':
    case 'unsuback':
      return { ...common, codes: (packet.granted ?? []) as number[], numbers, flags }
    case 'connect':
      if (packet.clean) flags.push('clean-session', 'clean-start')
      return { ...common, client: client ?? packet.clientId, numbers, flags }
    case 'connack':
      if (packet.sessionPresent) flags.push('session-present')
      return { ...common, codes: [packet.reasonCode ?? packet.returnCode ?? 0], numbers, flags }
    case 'puback':
    case 'pubrel':
    case 'disconnect':
      return { ...common, codes: version === 5 ? [packet.reasonCode ?? 0] : [], numbers, flags }
    default:
      return { ...common, numbers, flags }
  }
}

/** What a filter means, without a thought about speed. */
export function naively(node: FilterNode, known: Known): boolean {
  switch (node.kind) {
    case 'everything':
      return true
    case 'and':
      return node.parts.every((part) => naively(part, known))
    case 'or':
      return node.parts.some((part) => naively(part, known))
    case 'not':
      return !naively(node.part, known)
    case 'flag':
      return known.flags.includes(node.flag)
    case 'text':
      return [known.client, known.payload, ...known.topics].some((text) => text?.includes(node.text))
    case 'test':
      return having(node, known).some((fact) => fits(node, fact))
  }
}

/** What the record has of a field: nothing, or one value or more. */
function having({ field }: FilterTest, known: Known): readonly (string | number)[] {
  const { record } = known
  const facts = {
    type: [known.type],
    client: [known.client],
    topic: known.topics,
    payload: [known.payload],
    from: record.kind === 'event' ? [] : [record.direction === 'to broker' ? 'client' : 'broker'],
    code: known.codes,
  }
  const list = Object.hasOwn(facts, field) ? facts[field as keyof typeof facts] : [known.numbers[field]]
  return list.filter((fact) => fact !== undefined)
}

function fits({ field, operator, values }: FilterTest, fact: string | number): boolean {
  const one = values[0]?.kind === 'number' ? values[0].number : Number.NaN
  switch (operator) {
    case '=':
      return values.some((value) => equals(field, value, fact))
    case '!=':
      return !values.some((value) => equals(field, value, fact))
    case '<':
      return Number(fact) < one
    case '<=':
      return Number(fact) <= one
    case '>':
      return Number(fact) > one
    case '>=':
      return Number(fact) >= one
    case '~':
      return values.some((value) => contains(value, String(fact)))
  }
}

function equals(field: string, value: FilterValue, fact: string | number): boolean {
  if (value.kind === 'number') return value.number === fact
  if (value.kind === 'pattern') throw new Error('no pattern stands here')
  const text = String(fact)
  if (field === 'type' && value.pieces[0] === 'event')
    return [
      'opened',
      'handshake failed',
      'denied',
      'fault',
      'closed',
      'power loss',
      'target failed',
      'will published',
      'will dropped',
      'packet dropped',
    ].includes(text)
  if (field === 'topic') return topicPattern(value.pieces.join('*')).test(text)
  if (field === 'client') return new RegExp(`^${value.pieces.map(escaped).join('.*')}$`, 'su').test(text)
  return text === value.pieces.join('*')
}

function contains(value: FilterValue, text: string): boolean {
  if (value.kind === 'number') throw new Error('no number stands here')
  return value.kind === 'pattern'
    ? new RegExp(value.source, value.flags).test(text)
    : text.includes(value.pieces.join('*'))
}

/** [MQTT 3.1.1 §4.7] as a regular expression. */
function topicPattern(filter: string): RegExp {
  if (!/[+#]/.test(filter)) return new RegExp(`^${escaped(filter)}$`, 'su')
  const body = filter
    .split('/')
    .map((level) => (level === '+' ? '[^/]*' : level === '#' ? '.*' : escaped(level)))
    .join('/')
  const parent = body === '.*' ? body : body.replace(/\/\.\*$/s, '(/.*)?')
  return new RegExp(`^${/^[+#]/.test(filter) ? '(?!\\$)' : ''}${parent}$`, 's')
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
