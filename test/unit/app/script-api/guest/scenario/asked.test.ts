import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../../../../app/base/random.ts'
import { Asks, placeOf } from '../../../../../../app/script-api/guest/scenario/asks.ts'
import { createContext } from '../../../../../../app/script-api/guest/scenario/context.ts'
import { type Ask, type ScenarioAsk, scenarioAsk } from '../../../../../../app/script-api/scenario-crossing.ts'

/** A scenario's context whose asks are all answered with what each call can read. */
function bench(): { context: Loose; sent: Ask[] } {
  const sent: Ask[] = []
  const answer = { step: 1, watch: 1, rule: 'r', hold: 1, sessionPresent: false }
  const asks: Asks = new Asks((message: ScenarioAsk) => {
    // As it crosses, and as the host checks it.
    sent.push(v.parse(scenarioAsk, JSON.parse(JSON.stringify(message))).ask)
    asks.settle(message.call, { type: 'done', value: answer })
  })
  const context = createContext(asks, { pump: ['pump-01'] }, createRandom(1), () => 0)
  return { context: context as unknown as Loose, sent }
}

type Name =
  | ('link' | 'drop' | 'slice' | 'cut' | 'broker' | 'refuse' | 'connections' | 'wire' | 'speed' | 'deliver' | 'client')
  | ('observer' | 'publish' | 'subscribe' | 'fleets' | 'pump' | 'rampTo' | 'storm' | 'devices' | 'reboot' | 'clockSkew')
  | ('step' | 'wait' | 'expect' | 'poll' | 'toRecieve' | 'toEqul' | 'toBeOnline' | 'toHandle' | 'toHaveQueued')
  | ('session' | 'will' | 'exchanges' | 'toBePublished' | 'toShow' | 'within' | 'toLog')

/** As somebody writes who has no types. */
type Loose = ((...args: unknown[]) => Loose) & { readonly [N in Name]: Loose } & { readonly 0: Loose }

async function mistakeOf(call: (context: Loose) => unknown): Promise<string> {
  try {
    await call(bench().context)
  } catch (error) {
    return (error as Error).message
  }
  return 'no mistake'
}

describe('what is wrong with a call of a scenario', () => {
  const cases: readonly (readonly [string, (context: Loose) => unknown])[] = [
    ['`drop(...)` has no option `tims`; did you mean `times`?', (c) => c.link('*').drop({ tims: 1 })],
    [
      "packet of drop: there is no packet 'PUBRECK'; did you mean 'PUBREC'?",
      (c) => c.link('*').drop({ packet: 'PUBRECK' }),
    ],
    ['times of drop must be a whole number from 1 to 9007199254740991, not 0', (c) => c.link('*').drop({ times: 0 })],
    ['probability of drop must be a number from 0 to 1, not 2', (c) => c.link('*').drop({ probability: 2 })],
    ["from of drop must be one of 'client', 'broker', not 'me'", (c) => c.link('*').drop({ from: 'me' })],
    ['`slice(...)` has no option `packet`; it has `from`', (c) => c.link('*').slice(3, { packet: 'PUBLISH' })],
    ["by of cut must be one of 'RST', 'FIN', not 'rst'", (c) => c.link('*').cut({ by: 'rst' })],
    ["link(...) needs a device, a client, or text such as 'pump-01' or '*', not 7", (c) => c.link(7)],
    ["refuse has no reason 'server bussy'; did you mean 'server busy'?", (c) => c.broker.refuse('server bussy')],
    ['the factor of speed must be a number from 0.01 to 1, not 5; 0.1 is ten times slower', (c) => c.wire.speed(5)],
    ['deliver needs a packet that wire.held() or wire.next() gave, not 3', (c) => c.wire.deliver(3)],
    [
      'a client of a scenario has no option `reconnect`: it never reconnects by itself; call connect()',
      (c) => c.client('a', { reconnect: false }),
    ],
    ["there is a 'observer' already", (c) => c.client('observer')],
    ["there is a 'pump-01' already", (c) => c.client('pump-01')],
    ["the topic 'a/#' has a wildcard", (c) => c.observer.publish('a/#', '')],
    ['the qos of subscribe must be 0, 1 or 2, not 3', (c) => c.observer.subscribe('a', { qos: 3 })],
    ['`rampTo(...)` has no option `ovr`; did you mean `over`?', (c) => c.fleets.pump.rampTo(3, { ovr: 1 })],
    [
      "reconnect of storm must be one of 'all at once', 'as scripted', not 'never'",
      (c) => c.fleets.pump.storm({ reconnect: 'never' }),
    ],
    ['`reboot(...)` has no option `of`; did you mean `off`?', (c) => c.devices.pump[0].reboot({ of: 1 })],
    ['the time that a clock is ahead must be a length of time', (c) => c.devices.pump[0].clockSkew('soon')],
    ["the step 'a' needs a function to run, not undefined", (c) => c.step('a')],
    ['the time of wait must be a length of time', (c) => c.wait('soon')],
    ['expect was given a promise', (c) => c.expect(c.broker.connections())],
    [
      'expect has no toRecieve for what a subscription receives; did you mean toReceive?',
      async (c) => c.expect(await c.observer.subscribe('a')).toRecieve({}),
    ],
    ['expect has no toEqul for a value; did you mean toEqual?', (c) => c.expect(1).toEqul(1)],
    [
      '`toBeOnline(...)` has no option `witin`; did you mean `within`?',
      (c) => c.expect(c.devices.pump[0]).toBeOnline({ witin: 1 }),
    ],
    [
      'toHandle(...) can have only one of exactly and never',
      (c) => c.expect(c.devices.pump[0]).toHandle({}, { exactly: 1, never: true }),
    ],
    [
      'exactly of toHandle(...) must be at least 1; write never: true for none',
      (c) => c.expect(c.devices.pump[0]).toHandle({}, { exactly: 0 }),
    ],
    ['has no option `topik`; did you mean `topic`?', (c) => c.expect(c.devices.pump[0]).toHandle({ topik: 'a' })],
    [
      'toHaveQueued(...): atLeast (3) is more than atMost (2)',
      (c) => c.expect(c.devices.pump[0].session).toHaveQueued({ atLeast: 3, atMost: 2 }),
    ],
    [
      'because of toBePublished(...) must be one of',
      (c) => c.expect(c.devices.pump[0].will).toBePublished({ because: 'power' }),
    ],
    ["toShow(...) needs steps, such as 'PUBLISH', 'PUBACK'", (c) => c.expect(c.devices.pump[0].exchanges).toShow()],
    [
      'within comes right behind toShow(...), before anything else',
      async (c) => {
        const shown = c.expect(c.devices.pump[0].exchanges).toShow('PUBLISH')
        await c.wait(1)
        shown.within(1)
      },
    ],
    ['expect.poll needs a function that it can ask, not 3', (c) => c.expect.poll(3)],
  ]

  it.each(cases)('%s', async (message, call) => {
    expect(await mistakeOf(call)).toContain(message)
  })
})

describe('what crosses', () => {
  it.each<[string, (context: Loose) => unknown, unknown]>([
    [
      'an amount',
      (c) => c.expect(c.devices.pump[0].session).toHaveQueued(1),
      { matcher: 'toHaveQueued', amount: { atLeast: 1, atMost: 1 } },
    ],
    [
      'a message',
      (c) =>
        c
          .expect(c.devices.pump[0])
          .toHandle(
            { topic: /^a/i, payload: new Uint8Array([1, 255]), properties: { correlationData: new Uint8Array([7]) } },
            { exactly: 2 },
          ),
      {
        matcher: 'toHandle',
        message: {
          topic: { is: 'expression', source: '^a', flags: 'i' },
          payload: { is: 'octets', hex: '01ff' },
          properties: { correlationData: [7] },
        },
        often: { exactly: 2 },
      },
    ],
    [
      'JSON',
      (c) => c.expect(c.devices.pump[0]).toHandle({ payload: { a: [null] } }),
      { matcher: 'toHandle', message: { payload: { is: 'json', value: { a: [null] } } }, often: {} },
    ],
    [
      'a line of a console',
      (c) => c.expect(c.devices.pump[0]).toLog('up'),
      { matcher: 'toLog', text: { is: 'text', text: 'up' } },
    ],
  ])('%s', async (_name, call, expectation) => {
    const { context, sent } = bench()
    await call(context)
    expect(sent).toEqual([expect.objectContaining({ do: 'expect', expectation })])
  })

  it('is a clock that is behind', async () => {
    const { context, sent } = bench()
    await context.devices.pump[0].clockSkew('-2m')
    expect(sent).toEqual([{ do: 'device', id: 'pump-01', action: 'clockSkew', skewMs: -120_000 }])
  })
})

describe('the place of a call', () => {
  it('is the first frame that is not of our library', () => {
    const stack =
      '    at ask (faultline:1:2)\n    at map (native)\n    at <anonymous> (scenarios/a b (1).scenario.ts:3:9)\n'
    expect(placeOf(stack)).toEqual({ file: 'scenarios/a b (1).scenario.ts', line: 3, column: 9 })
    expect(placeOf('    at lib/a.ts:7:1\n')).toEqual({ file: 'lib/a.ts', line: 7, column: 1 })
    expect(placeOf('    at ask (faultline:1:2)\n')).toBeUndefined()
  })
})

describe('calls that nobody answers', () => {
  it('cannot be made without end, and make room when they are answered', () => {
    const sent: number[] = []
    const asks = new Asks(({ call }) => sent.push(call))
    const tell = () => asks.tell({ do: 'log', text: '' })
    for (let i = 0; i < 10_000; i++) tell()
    expect(tell).toThrow('10000 calls are unfinished at once, more cannot be made; await some')
    asks.settle(1, { type: 'done' })
    expect(tell).not.toThrow()
    expect(sent).toHaveLength(10_001)
  })

  it('keep the end from coming, which is told again when something else was asked for', () => {
    const asks = new Asks(() => {})
    let ends = 0
    asks.tell({ do: 'log', text: 'floats' })
    asks.whenQuiet(() => ends++)
    expect(ends).toBe(0)
    asks.settle(1, { type: 'done' })
    expect(ends).toBe(1)
    asks.tell({ do: 'log', text: 'more' })
    asks.settle(2, { type: 'done' })
    expect(ends).toBe(2)
  })
})
