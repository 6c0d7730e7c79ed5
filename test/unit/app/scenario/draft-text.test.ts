import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deviceActions } from '../../../../app/device/device-snapshot.ts'
import { ruleDefaults } from '../../../../app/faults/check-rule.ts'
import { faultNames } from '../../../../app/faults/faults.ts'
import { type DraftInput, draftText, starterText } from '../../../../app/scenario/draft-text.ts'
import type { DraftGroup, HandDeed, Sighting } from '../../../../app/scenario/hand-deeds.ts'
import { stripTypes } from '../../../../main/devices/guest/script-source.ts'
import { checkTypes } from '../../../../main/workspace/type-check.ts'

const group = (name: string, count: number): DraftGroup => ({
  name,
  script: 'pump',
  count,
  devices: Array.from({ length: count }, (_, i) => {
    const id = count === 1 ? name : `${name}-${String(i + 1).padStart(2, '0')}`
    return { id, clientId: id }
  }),
})
const pumps = group('pump', 3)

const draft = (deeds: readonly HandDeed[], sightings: readonly Sighting[] = [], more: Partial<DraftInput> = {}) =>
  draftText({ name: 'by hand', seed: 42, groups: [pumps, group('valve', 1)], deeds, sightings, ...more })
const act = (at: number, id: string, action: (typeof deviceActions)[number], settings = {}): HandDeed => ({
  at,
  do: 'device',
  id,
  action,
  settings,
})
const rule = (at: number, id: string, change: Partial<ReturnType<typeof ruleDefaults>>, fault = 'drop'): HandDeed => ({
  at,
  do: 'rule',
  id,
  rule: { ...ruleDefaults(fault), ...change },
})
const body = (text: string) =>
  text.slice(text.indexOf(') => {\n') + 7, text.lastIndexOf('})')).replaceAll(/^ {2}/gm, '')

describe('a scenario that is drafted from deeds', () => {
  it('has a step for each, and expects what came of it', () => {
    const text = draft(
      [act(1000, 'pump-02', 'powerLoss'), act(9000, 'pump-02', 'powerOn')],
      [
        { at: 100, saw: 'state', id: 'pump-02', state: 'online' },
        { at: 1002, saw: 'state', id: 'pump-02', state: 'power lost' },
        { at: 1010, saw: 'will', clientId: 'pump-02', reason: 'connection lost: reset' },
        { at: 9010, saw: 'state', id: 'pump-02', state: 'connecting' },
        { at: 12_100, saw: 'state', id: 'pump-02', state: 'online' },
      ],
    )
    expect(text).toBe(`import { scenario } from 'faultline'

export default scenario('by hand', {
  seed: 42,
  timeout: '76s',
  devices: {
    pump: { script: 'pump', count: 3 },
  },
}, async ({ devices, step, expect }) => {
  const pump02 = devices.pump[1]

  await step('the power of pump-02 is cut', () => pump02.powerLoss())
  await expect(pump02).toBeOffline()
  await expect(pump02.will).toBePublished({ because: 'connection lost' })

  await step('pump-02 is powered on', () => pump02.powerOn())
  await expect(pump02).toBeOnline({ within: '10s' })
})
`)
  })

  it('does not expect what was on its way somewhere, nor what befell others', () => {
    const text = draft(
      [act(1000, 'pump-01', 'crash')],
      [
        { at: 1001, saw: 'state', id: 'pump-01', state: 'backing off' },
        { at: 1002, saw: 'state', id: 'pump-03', state: 'offline' },
        { at: 1003, saw: 'will', clientId: 'pump-03', reason: 'keep alive' },
      ],
    )
    expect(text).not.toContain('expect')
  })

  it('makes one step of what was done in one go', () => {
    const text = draft([act(1000, 'pump-01', 'hang'), act(1400, 'pump-02', 'hang')])
    expect(body(text)).toContain(`await step('pump-01 hangs, pump-02 hangs', async () => {
  await pump01.hang()
  await pump02.hang()
})`)
  })

  it('lets a fault last as long as it did, where nothing else says how long', () => {
    const deeds = [act(1000, 'pump-01', 'hang'), act(5000, 'pump-01', 'heal')]
    expect(draft(deeds)).toContain("await wait('4s')")
    const seen: Sighting = { at: 2000, saw: 'state', id: 'pump-01', state: 'offline' }
    expect(draft(deeds, [seen])).not.toContain('wait(')
  })

  it('gives a fault a name where it is taken back later', () => {
    const which = { clients: 'pump-*', filter: 'type:pubrec,puback id:7', from: 'client', times: 1 } as const
    const text = draft([rule(1000, 'r1', which), { at: 1100, do: 'remove rule', id: 'r1' }])
    expect(body(text)).toContain(
      `=> link('pump-*').drop({ packet: ['PUBREC', 'PUBACK'], packetId: 7, from: 'client', times: 1 }))`,
    )
    expect(text).toContain('const drop = await step(')
    expect(text).toContain("await step('drop ends', () => drop.remove())")
  })

  it('says in a comment what a scenario has no words for', () => {
    const text = draft([
      rule(1000, 'r1', { filter: 'payload~"x"\n' }),
      { at: 1100, do: 'other', what: 'the queue of a\nb is cleared' },
    ])
    expect(text).not.toContain('step')
    expect(text).toContain('// by hand: the queue of a b is cleared')
    expect(text.match(/\/\/ by hand: drop/g)).toHaveLength(1)
  })

  it('begins as it was: with those off that were off', () => {
    const text = draft(
      [act(1000, 'pump-01', 'powerOn')],
      [{ at: 10, saw: 'state', id: 'pump-01', state: 'power lost' }],
    )
    expect(body(text)).toContain("await step('pump-01 is off to begin with', () => pump01.powerLoss())")
  })

  it('has orders to the broker, holds and fleets in their own words', () => {
    const text = draft([
      { at: 1000, do: 'refuse', code: 0x88, clients: 'pump-*', times: 2 },
      { at: 3000, do: 'accept' },
      { at: 5000, do: 'expire', clientId: 'pump-01' },
      { at: 7000, do: 'hold', id: 'b1', filter: 'type:pubrel' },
      { at: 9000, do: 'decide', action: 'drop' },
      { at: 11_000, do: 'end hold', id: 'b1' },
      { at: 13_000, do: 'ramp', fleet: 'pump', count: 9, overMs: 2000 },
      { at: 15_000, do: 'cut', clients: '*', how: 'fin' },
    ])
    for (const call of [
      "broker.refuse('server unavailable', { clients: 'pump-*', times: 2 })",
      'broker.accept()',
      'broker.expireSession(pump01)',
      "const held = await step('type:pubrel is held', () => wire.hold('type:pubrel'))",
      'wire.held().then((packet) => wire.drop(packet))',
      'held.release()',
      "fleets.pump.rampTo(9, { over: '2s' })",
      "link('*').cut({ by: 'FIN' })",
    ]) {
      expect(text).toContain(call)
    }
  })
})

/** Names that a workspace can have, and that a program could trip over. */
const names = fc.constantFrom('pump', 'pump-a', '7up', 'class', 'await', 'link', 'a.b', 'x_y', 'constructor')
const groups = fc
  .uniqueArray(fc.tuple(names, fc.constantFrom(1, 3, 12, 120)), {
    selector: ([name]) => name,
    minLength: 1,
    maxLength: 4,
  })
  .map((each) => each.map(([name, count]) => group(name, count)))
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom("it's", '`$' + '{1}`', '\u2028x', '*/', '\\'),
)
const filter = fc.constantFrom(
  '',
  'type:pubrec',
  'type:publish topic:a/+/b',
  'id:3',
  'qos>=1',
  'type:publish or dup',
  'topic:"it\'s"',
)

function deedsOf(all: readonly DraftGroup[]): fc.Arbitrary<HandDeed[]> {
  const ids = all.flatMap(({ devices }) => devices.map(({ id }) => id))
  const id = fc.oneof(fc.constantFrom(...ids), text)
  const ruleId = fc.constantFrom('1', '2', '3')
  const ms = fc.integer({ min: 0, max: 100_000 })
  const deed = fc.oneof(
    fc.record({
      do: fc.constant('device' as const),
      id,
      action: fc.constantFrom(...deviceActions),
      settings: fc.record({
        offMs: fc.option(ms, { nil: undefined }),
        skewMs: fc.integer({ min: -9e6, max: 9e6 }),
        certificate: text,
      }),
    }),
    fc
      .record({
        fault: fc.constantFrom(...faultNames),
        clients: id,
        filter,
        times: fc.nat(3),
        from: fc.constantFrom('any' as const, 'client' as const),
        probability: fc.constantFrom(1, 0.25),
      })
      .chain(({ fault, ...change }) =>
        ruleId.map((id) => ({ do: 'rule' as const, id, rule: { ...ruleDefaults(fault), ...change } })),
      ),
    ruleId.map((id) => ({ do: 'remove rule' as const, id })),
    fc.record({ do: fc.constant('hold' as const), id: ruleId, filter }),
    ruleId.map((id) => ({ do: 'end hold' as const, id })),
    fc.constant({ do: 'let go' as const }),
    fc.constantFrom('deliver', 'drop', 'twice').map((action) => ({ do: 'decide' as const, action: action as 'drop' })),
    fc.constantFrom(0.1, 1).map((factor) => ({ do: 'speed' as const, factor })),
    fc.record({ do: fc.constant('cut' as const), clients: id, how: fc.constantFrom('rst' as const, 'fin' as const) }),
    fc.record({ do: fc.constant('heal' as const), clients: id }),
    fc.record({
      do: fc.constant('refuse' as const),
      code: fc.integer({ min: 0x80, max: 0xa2 }),
      clients: fc.option(text, { nil: undefined }),
      times: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    }),
    fc.constant({ do: 'accept' as const }),
    fc.record({ do: fc.constant('expire' as const), clientId: id }),
    fc.record({
      do: fc.constant('ramp' as const),
      fleet: fc.constantFrom(...all.map(({ name }) => name)),
      count: fc.nat(99),
      overMs: ms,
    }),
    fc.record({ do: fc.constant('other' as const), what: text }),
  )
  return fc.array(fc.tuple(fc.integer({ min: 0, max: 8000 }), deed), { maxLength: 14 }).map((each) => {
    let at = 1000
    return each.map(([pause, deed]) => {
      at += pause
      return { ...deed, at }
    })
  })
}

const input: fc.Arbitrary<DraftInput> = groups.chain((all) => {
  const ids = all.flatMap(({ devices }) => devices.map(({ id }) => id))
  const sighting = fc.oneof(
    fc.record({
      at: fc.nat(60_000),
      saw: fc.constant('state' as const),
      id: fc.constantFrom(...ids),
      state: fc.constantFrom('online' as const, 'off' as const, 'offline' as const, 'backing off' as const),
    }),
    fc.record({
      at: fc.nat(60_000),
      saw: fc.constant('will' as const),
      clientId: fc.constantFrom(...ids),
      reason: fc.constantFrom('connection lost', 'keep alive: 5 s', 'who knows'),
    }),
  )
  return fc.record({
    name: text,
    seed: fc.oneof(fc.nat(), text),
    groups: fc.constant(all),
    deeds: deedsOf(all),
    sightings: fc.array(sighting, { maxLength: 20 }).map((seen) => seen.sort((a, b) => a.at - b.at)),
  })
})

describe('every draft', () => {
  it('parses', () => {
    fc.assert(
      fc.property(input, (given) => {
        stripTypes({ file: 'draft.scenario.ts', text: draftText(given) })
      }),
      { numRuns: 300 },
    )
  })

  it('type-checks', async () => {
    const texts = new Map<string, string>()
    for (const [i, given] of fc.sample(input, 60).entries()) texts.set(`scenarios/d${i}.scenario.ts`, draftText(given))
    texts.set('scenarios/none.scenario.ts', starterText("it's", undefined))
    for (const script of ['pump', 'class', '7-up.x']) {
      texts.set(`scenarios/s-${script}.scenario.ts`, starterText('begin', script))
    }
    const files = { texts, scripts: [...texts.keys()], tooBig: new Set<string>() }
    const mistakes = await checkTypes(files, new URL('../../../../app/script-api/', import.meta.url))
    expect(mistakes.map((each) => ({ ...each, source: texts.get(each.file)?.split('\n')[each.line - 1] }))).toEqual([])
  })
})
