import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkPlan } from '../../../../main/scenarios/check-plan.ts'

function mistakesOf(options: unknown, name: unknown = 'a scenario') {
  return Object.fromEntries((checkPlan({ name, options }).mistakes ?? []).map(({ path, message }) => [path, message]))
}

describe('the static part of a scenario', () => {
  it('has a default for everything but its name', () => {
    expect(checkPlan({ name: 'nothing happens', options: {} }).plan).toEqual({
      name: 'nothing happens',
      seed: 1,
      timeoutMs: 60_000,
      groups: [],
      broker: { limits: {}, store: 'memory', access: undefined },
      target: undefined,
      thresholds: [],
    })
  })

  it('has ten thousand devices in all its groups together, before anything is made of them', () => {
    const groups = (count: number) =>
      Object.fromEntries(Array.from({ length: 4 }, (_, n) => [`group${n}`, { script: 'pump', count }]))
    expect(mistakesOf({ devices: groups(2500) })).toEqual({})
    expect(mistakesOf({ devices: groups(2501) })).toEqual({ devices: 'have more than 10000 devices together' })
    // Two of one name would be found among ids that are made.
    expect(mistakesOf({ devices: { ...groups(10_000), 'group3-2': { script: 'pump' } } })).toEqual({
      devices: 'have more than 10000 devices together',
    })
  })

  it('is taken as it was written', () => {
    const { plan } = checkPlan({
      name: 'a pump that loses power leaves its will',
      options: {
        seed: 42,
        timeout: '2m',
        devices: { pump: { script: 'pump', count: 3 }, spare: { script: 'pump', start: 'off' } },
        broker: { maxQueued: 1000, maxSessionExpiry: '1h', queuePolicy: 'drop newest', store: 'level' },
        thresholds: { 'delivery.duration': ['p(95) < 250ms', 'max < 2s'], 'delivery.lost': '== 0' },
      },
    })
    expect(plan).toMatchObject({
      seed: 42,
      timeoutMs: 120_000,
      groups: [
        { name: 'pump', script: 'pump', count: 3, on: true },
        { name: 'spare', script: 'pump', count: 1, on: false },
      ],
      broker: { limits: { maxQueued: 1000, maxSessionExpiry: 3600, queuePolicy: 'drop newest' }, store: 'level' },
      thresholds: [
        { metric: 'delivery.duration', text: 'p(95) < 250ms' },
        { metric: 'delivery.duration', text: 'max < 2s' },
        { metric: 'delivery.lost', text: '== 0' },
      ],
    })
  })

  it('has no name, no seed and no list of mistakes that fills a report by itself', () => {
    expect(mistakesOf({ seed: 'x'.repeat(1001) }, 'y'.repeat(1001))).toEqual({
      name: `must be text that says what the scenario shows in at most 1000 characters, not '${'y'.repeat(60)}'`,
      seed: `must be a number, or text of at most 1000 characters, not '${'x'.repeat(60)}'`,
    })
    expect(checkPlan({ name: 'y'.repeat(1000), options: { seed: 'x'.repeat(1000) } }).mistakes).toBeUndefined()
    const deep: unknown = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`)
    expect(mistakesOf({ seed: deep })).toEqual({
      seed: `must be a number, or text of at most 1000 characters, not ${'['.repeat(60)}`,
    })
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`option${i}`, 1]))
    expect(checkPlan({ name: 'a', options: many }).mistakes).toHaveLength(100)
  })

  it('says all that is wrong with it at once, each with its place', () => {
    const mistakes = mistakesOf(
      {
        sed: 3,
        timeout: 'soon',
        devices: { pump: { script: 7, count: -1, start: 'maybe' }, 'a b': { script: 'pump' }, none: 'pump' },
        broker: { maxQueud: 1, maxInflight: 0, store: 'redis', queuePolicy: 'drop all', retainAvailable: 1 },
        thresholds: { 'delivery.lost': ['= 0', 5], delivery: 'max < 1s' },
      },
      '  ',
    )
    expect(mistakes).toMatchObject({
      name: expect.stringContaining('must be text that says what the scenario shows'),
      sed: expect.stringContaining("did you mean 'seed'?"),
      timeout: expect.stringContaining("must be a length of time, not 'soon'"),
      'devices.pump.script': expect.stringContaining("'pump' is devices/pump.device.ts"),
      'devices.pump.count': expect.stringContaining('a whole number from 0 to 10000, not -1'),
      'devices.pump.start': expect.stringContaining("must be 'on' or 'off'"),
      'devices.a b': expect.stringContaining('is not a name'),
      'devices.none': expect.stringContaining('must be an object'),
      'broker.maxQueud': expect.stringContaining("did you mean 'maxQueued'?"),
      'broker.maxInflight': expect.stringContaining('from 1 to 65535'),
      'broker.store': expect.stringContaining("'memory' or 'level'"),
      'broker.queuePolicy': expect.stringContaining("'drop oldest'"),
      'broker.retainAvailable': 'must be true or false',
      "thresholds['delivery.lost']": expect.any(String),
      "thresholds['delivery']": expect.stringContaining('there is no metric'),
    })
  })

  it('has no two devices of one name, and none that is called as the observer is', () => {
    const script = 'pump'
    expect(mistakesOf({ devices: { pump: { script, count: 2 }, 'pump-01': { script } } })).toEqual({
      'devices.pump-01': "would have a device 'pump-01', as a device of 'pump' is called",
    })
    expect(mistakesOf({ devices: { observer: { script } } })).toEqual({
      'devices.observer': "would have a device 'observer', as the observer is called",
    })
    const devices = { observer: { script, count: 2 }, pump: { script, count: 0 }, 'pump-1': { script, count: 0 } }
    expect(checkPlan({ name: 'none of one name', options: { devices } }).plan?.groups).toHaveLength(3)
  })

  it('has a broker of its own or a target, not both', () => {
    expect(mistakesOf({ broker: {}, target: 'mqtt://127.0.0.1:1884' })).toHaveProperty('target')
    expect(mistakesOf({ target: 'tcp://127.0.0.1' })).toHaveProperty('target')
    expect(checkPlan({ name: 'x', options: { target: 'mqtt://127.0.0.1:1884' } }).plan?.target).toBe(
      'mqtt://127.0.0.1:1884',
    )
  })

  it('gives way to what the command line says', () => {
    const draft = { name: 'x', options: { seed: 1, timeout: '1s' } }
    const { plan } = checkPlan(draft, { seed: 'other', target: 'mqtt://localhost', timeoutMs: 5000 })
    expect(plan).toMatchObject({ seed: 'other', target: 'mqtt://localhost', timeoutMs: 5000 })
  })

  it('never throws, whatever a script says', () => {
    const key = fc.constantFrom('seed', 'timeout', 'devices', 'broker', 'target', 'thresholds')
    fc.assert(
      fc.property(fc.jsonValue(), fc.oneof(fc.jsonValue(), fc.dictionary(key, fc.jsonValue())), (name, options) => {
        const { mistakes, plan } = checkPlan({ name, options })
        expect((plan === undefined) !== (mistakes === undefined)).toBe(true)
      }),
    )
  })
})
