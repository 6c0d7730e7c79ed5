import fc from 'fast-check'
import type { ExchangeSnapshot, MessageSnapshot, MessageSummary } from '../../../../../app/contract/messages.ts'

export type Step = ExchangeSnapshot['steps'][number]
export type PacketStep = Extract<Step, { kind: 'packet' }>
export type ConnectionStep = Extract<Step, { kind: 'connection' }>

const ms = 1e6

/** @param at milliseconds since the capture began */
export function packet(
  number: number,
  at: number,
  type: PacketStep['type'],
  more: Partial<PacketStep> = {},
): PacketStep {
  const direction = type === 'PUBLISH' || type === 'PUBREL' ? 'to broker' : 'to client'
  return {
    kind: 'packet',
    number,
    time: at * ms,
    connection: 1,
    direction,
    type,
    dup: false,
    by: '',
    delay: 0,
    ...more,
  }
}

export function connection(number: number, at: number, what: ConnectionStep['what'], text: string): ConnectionStep {
  return { kind: 'connection', number, time: at * ms, connection: 1, what, text }
}

export function exchange(more: Partial<ExchangeSnapshot> = {}): ExchangeSnapshot {
  return {
    role: 'publisher',
    clientId: 'gateway-berlin',
    qos: 2,
    packetId: 19,
    retain: false,
    steps: [],
    state: 'complete',
    sends: 1,
    deliveries: 1,
    startedAt: 0,
    sides: { broker: 'has it', client: 'has forgotten it' },
    ...more,
  }
}

export function summary(more: Partial<MessageSummary> = {}): MessageSummary {
  return {
    id: 1,
    topic: 'site/berlin/alarm',
    qos: 2,
    retain: false,
    origin: 'publish',
    publisherId: 'gateway-berlin',
    packetId: 19,
    subscriberIds: ['dashboard'],
    subscribers: 1,
    match: 'certain',
    state: 'complete',
    deliveries: 1,
    remark: '',
    startedAt: 0,
    duration: 0,
    target: '',
    ...more,
  }
}

export function message(more: Partial<MessageSnapshot> = {}): MessageSnapshot {
  return { ...summary(), payload: new Uint8Array(), publisher: undefined, exchanges: [], ...more }
}

/** The lesson of the picture: PUBREC dropped, link cut, PUBLISH sent again, PUBREL to the subscriber held. */
export function alarm(): MessageSnapshot {
  const steps: Step[] = [
    packet(1, 0, 'PUBLISH', { packetId: 19, qos: 2 }),
    packet(2, 1.2, 'PUBREC', { packetId: 19, fate: 'dropped', by: 'drop first PUBREC' }),
    connection(3, 4, 'lost', 'link cut by cut after PUBREC'),
    connection(4, 5010, 'reconnected', 'gateway-berlin reconnects after 5.0 s · session present'),
    packet(5, 5012, 'PUBLISH', { packetId: 19, qos: 2, dup: true, remark: 'Packet Identifier 19 is stored already' }),
    packet(6, 5013, 'PUBREC', { packetId: 19 }),
    packet(7, 5014, 'PUBREL', { packetId: 19 }),
    packet(8, 5015, 'PUBCOMP', { packetId: 19, remark: 'gateway-berlin forgets 19' }),
  ]
  const toDashboard = { connection: 2, packetId: 77 }
  const dashboard: Step[] = [
    packet(9, 5016, 'PUBLISH', { ...toDashboard, direction: 'to client', qos: 2 }),
    packet(10, 5017, 'PUBREC', { ...toDashboard, direction: 'to broker' }),
    packet(11, 5018, 'PUBREL', { ...toDashboard, direction: 'to client', fate: 'held', by: 'type:pubrel' }),
  ]
  return message({
    state: 'held',
    publisher: exchange({ steps, sends: 2 }),
    exchanges: [
      exchange({
        role: 'subscriber',
        clientId: 'dashboard',
        packetId: 77,
        state: 'held',
        expects: 'PUBREL',
        steps: dashboard,
      }),
    ],
  })
}

const types = ['PUBLISH', 'PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP'] as const
const text = fc.string({ maxLength: 60 })

/** Steps of one hop, of any kind and at any time, whether they make sense together or not. */
function anySteps(first: number, role: ExchangeSnapshot['role']): fc.Arbitrary<Step[]> {
  const one = fc.oneof(
    { weight: 5, arbitrary: anyPacket(role) },
    { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('lost' as const, 'reconnected' as const), text }) },
  )
  return fc.array(fc.tuple(fc.double({ min: 0, max: 3000, noNaN: true }), one), { maxLength: 30 }).map((drawn) => {
    let at = 0
    return drawn.map(([pause, step], i): Step => {
      at += pause
      if ('what' in step) return connection(first + i, at, step.what, step.text)
      return packet(first + i, at, step.type, step.more)
    })
  })
}

function anyPacket(role: ExchangeSnapshot['role']) {
  const fates = [undefined, undefined, undefined, 'held', 'dropped', 'delayed', 'duplicated', 'changed'] as const
  return fc
    .record({
      type: fc.constantFrom(...types),
      fate: fc.constantFrom(...fates),
      delay: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5e9 })),
      dup: fc.boolean(),
      remark: fc.option(text, { nil: undefined }),
      by: text,
    })
    .map(({ type, fate, delay, dup, remark, by }) => {
      const forward = type === 'PUBLISH' || type === 'PUBREL'
      const direction = forward === (role === 'publisher') ? ('to broker' as const) : ('to client' as const)
      return { type, more: { fate, delay: fate === undefined ? 0 : delay, dup, remark, by, direction, packetId: 7 } }
    })
}

function anyExchange(first: number, role: ExchangeSnapshot['role'], clientId: string): fc.Arbitrary<ExchangeSnapshot> {
  const states = ['complete', 'waiting', 'held', 'lost', 'refused'] as const
  return fc
    .record({
      steps: anySteps(first, role),
      qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
      state: fc.constantFrom(...states),
      expects: fc.option(fc.constantFrom(...types), { nil: undefined }),
    })
    .map((drawn) => exchange({ role, clientId, ...drawn }))
}

/** Messages of up to four subscribers, of which the last two are one client. */
export const anyMessage: fc.Arbitrary<MessageSnapshot> = fc
  .record({
    publisher: fc.option(anyExchange(1, 'publisher', 'pump-01'), { nil: undefined }),
    exchanges: fc
      .tuple(
        anyExchange(1000, 'subscriber', 'one'),
        anyExchange(2000, 'subscriber', 'two'),
        anyExchange(3000, 'subscriber', 'three'),
        anyExchange(4000, 'subscriber', 'three'),
      )
      .chain((all) => fc.integer({ min: 0, max: all.length }).map((count) => all.slice(0, count))),
    publisherId: fc.option(fc.constant('pump-01'), { nil: undefined }),
  })
  .map((drawn) => message(drawn))
