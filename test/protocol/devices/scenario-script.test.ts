import { describe, expect, it } from 'vitest'
import { type Answers, scenarioFile, scenarioText, setScenarioStage } from '../../helpers/scenario-stage.ts'

const stage = setScenarioStage()

const place = (line: number, column: number, file = scenarioFile) => ({ file, line, column })

describe('the static part of a scenario', () => {
  it('is what the file says, as it was written', async () => {
    const script = stage.open(`import { scenario } from 'faultline'
export default scenario('pumps', { seed: 42, timeout: '60s', devices: { pump: { script: 'pump' } }, broker: { maxQueued: Infinity } }, () => {})`)
    expect(await script.plan()).toEqual({
      name: 'pumps',
      options: { seed: 42, timeout: '60s', devices: { pump: { script: 'pump' } }, broker: { maxQueued: 'Infinity' } },
    })
  })

  it('shows a function where data should be, instead of leaving it out', async () => {
    const script = stage.open(
      "import { scenario } from 'faultline'\nexport default scenario('a', { timeout: () => 1 }, () => {})",
    )
    expect(await script.plan()).toEqual({ name: 'a', options: { timeout: '[a function]' } })
  })

  it('shows where a syntax error is', async () => {
    const script = stage.open('const a: number = ;')
    await expect(script.plan()).rejects.toMatchObject({
      code: 'script-syntax',
      message: 'Expression expected',
      details: { file: scenarioFile, line: 1, column: 19 },
    })
  })

  it('needs a default export that is a scenario', async () => {
    await expect(stage.open('export const a = 1').plan()).rejects.toThrow(
      'has no default export; a scenario needs `export default scenario(...)`',
    )
    await expect(stage.open('export default 1').plan()).rejects.toMatchObject({
      code: 'script-threw',
      message: 'the default export must be what scenario(...) gives',
      details: { line: 1, column: 1 },
    })
  })

  it('is data that is nested 100 levels deep at most', async () => {
    // The options are a level too.
    const text = (levels: number) => `import { scenario } from 'faultline'
let deep: unknown = 0
for (let n = 1; n < ${levels}; n++) deep = [deep]
export default scenario('deep', { seed: deep as string }, () => {})`
    expect(await stage.open(text(100)).plan()).toMatchObject({
      name: 'deep',
      options: { seed: [[[expect.anything()]]] },
    })
    await expect(stage.open(text(101)).plan()).rejects.toMatchObject({
      code: 'script-threw',
      message:
        'what a scenario says of itself is nested more than 100 levels deep; its name and its options are plain data',
      details: { file: scenarioFile, line: 4 },
    })
  })

  it('is what its parts say of themselves, and what they throw is told in words, with the line', async () => {
    const says = `import { scenario } from 'faultline'
const seed = { self: {}, toJSON: () => 42 }
seed.self = { seed }
export default scenario('a', { seed: seed as unknown as number }, () => {})`
    expect(await stage.open(says).plan()).toEqual({ name: 'a', options: { seed: 42 } })
    const throws = `import { scenario } from 'faultline'
export default scenario('a', { get seed(): number { throw new Error('no seed') } }, () => {})`
    await expect(stage.open(throws).plan()).rejects.toMatchObject({
      code: 'script-threw',
      message: 'the options of a scenario are data, which JSON can hold: no seed',
      details: { file: scenarioFile, line: 2 },
    })
  })

  it('is the only one of its file', async () => {
    const two =
      "import { scenario } from 'faultline'\nscenario('first', {}, () => {})\nexport default scenario('b', {}, () => {})"
    await expect(stage.open(two).plan()).rejects.toMatchObject({
      code: 'script-threw',
      message: "scenario(...) is called a second time, after 'first': each scenario has a file of its own",
      details: { line: 3, column: 24 },
    })
  })

  it('is not a device', async () => {
    const script = stage.open("import { device } from 'faultline'\nexport default device(() => ({}))")
    await expect(script.plan()).rejects.toMatchObject({
      message: 'device(...) belongs in a file of its own that ends in .device.ts, in the folder devices',
      details: { line: 2, column: 22 },
    })
  })

  it('says what the body is, where it is none', async () => {
    const script = stage.open("import { scenario } from 'faultline'\nexport default scenario('a', {})")
    await expect(script.plan()).rejects.toThrow('the body is undefined')
  })

  it('reads faker and sensors of a module that it imports, seeded', async () => {
    const files = {
      'lib/names.ts': "import { faker } from 'faultline'\nexport const name: string = faker.person.firstName()",
    }
    const text = (seed: number) =>
      stage
        .open(
          "import { scenario } from 'faultline'\nimport { name } from '../lib/names'\nexport default scenario(name, {}, () => {})",
          files,
          seed,
        )
        .plan()
    const [first, again, other] = [await text(1), await text(1), await text(2)]
    expect(first.name).toMatch(/^[A-Z]/)
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
  })
})

describe('what a scenario asks for', () => {
  it('comes in its order, with the place of each call', async () => {
    const { asks, heard, how } = await stage.run(
      scenarioText(`  const [left, right] = devices.pump
  link(left).drop({ packet: 'PUBREC', from: 'client', times: 1 })
  await right.powerLoss()
    await observer.publish('a/b', { celsius: 70 }, { qos: 2 })`),
    )
    expect(how).toBe('returned')
    expect(asks).toEqual([
      {
        do: 'fault',
        clients: 'pump-01',
        fault: 'drop',
        settings: {},
        which: { packets: ['PUBREC'], from: 'client', times: 1 },
      },
      { do: 'device', id: 'pump-02', action: 'powerLoss' },
      { do: 'publish', id: 'observer', topic: 'a/b', text: '{"celsius":70}', qos: 2, retain: false },
    ])
    expect(heard.map((each) => each.place)).toEqual([place(5, 18), place(6, 24), place(7, 27)])
  })

  it('has its place in the module that asks, counted as editors do', async () => {
    const files = {
      'lib/cut.ts': `import type { DeviceHandle } from 'faultline'
export async function cut(pump: DeviceHandle): Promise<void> {
  const tabs = '😀'; await pump.powerLoss()
}`,
    }
    const { heard } = await stage.run(
      `import { cut } from '../lib/cut'\n${scenarioText('  await cut(devices.pump[0])')}`,
      undefined,
      { files },
    )
    expect(heard[0]?.place).toEqual(place(3, 42, 'lib/cut.ts'))
  })

  it('keeps its order where an expectation waits for more to be said of it', async () => {
    const { asks } = await stage.run(
      scenarioText(`  expect(devices.pump[0].exchanges).toShow('PUBLISH', 'PUBACK').within('1s').ofTopic('a/#')
  link('*').heal()
  await expect(devices.pump[1].exchanges).toShow('PUBLISH')`),
    )
    expect(asks).toEqual([
      {
        do: 'expect',
        subject: { is: 'exchanges', id: 'pump-01' },
        expectation: { matcher: 'toShow', steps: ['PUBLISH', 'PUBACK'], ofTopic: 'a/#' },
        soft: false,
        within: 1000,
      },
      { do: 'heal', clients: '*' },
      {
        do: 'expect',
        subject: { is: 'exchanges', id: 'pump-02' },
        expectation: { matcher: 'toShow', steps: ['PUBLISH'] },
        soft: false,
      },
    ])
  })

  it('gives what was answered: watches, held packets, rules, and what is read', async () => {
    const { asks, how } = await stage.run(
      scenarioText(
        `  const watch = await observer.subscribe('a/#', { qos: 1 })
  log(await watch.count(), watch.filters, (await watch.messages()).length)
  const fault = await link('x*').latency('2s')
  log(await fault.hits())
  await fault.remove()
  const packet = await wire.next({ within: '1s' })
  log(packet.number, packet.type)
  await wire.drop(packet)
  const second = await client('second', { protocolVersion: 5, cleanStart: false })
  log(second.sessionPresent, await devices.pump[0].state(), await fleets.pump.online(), await broker.connections())`,
        'log, scenario',
      ),
      (ask) => (ask.do === 'open client' ? { type: 'done', value: { sessionPresent: true } } : undefined),
    )
    expect(how).toBe('returned')
    expect(asks.flatMap((ask) => (ask.do === 'log' ? [ask.text] : []))).toEqual([
      '3 ["a/#"] 0',
      '3',
      '7 PUBLISH',
      'true online 3 3',
    ])
    expect(asks).toContainEqual({
      do: 'fault',
      clients: 'x*',
      fault: 'latency',
      settings: { ms: 2000 },
      which: {},
    })
    expect(asks).toContainEqual({ do: 'remove fault', rule: 'rule-2' })
    expect(asks).toContainEqual({ do: 'wire', what: { order: 'drop', packet: 7 } })
  })

  it('may be octets', async () => {
    const { heard } = await stage.run(scenarioText("  await observer.publish('a', new Uint8Array([0, 255, 7]))"))
    expect(heard[0]?.octets).toEqual(new Uint8Array([0, 255, 7]))
  })

  it('may be lines of its log before it runs', async () => {
    const { asks } = await stage.run(scenarioText('', 'log, scenario').replace('\n\n', "\n\nlog('early')\n"))
    expect(asks).toEqual([{ do: 'log', text: 'early' }])
  })
})

describe('steps', () => {
  it('begin and end, one in another and side by side, and give what their work gives', async () => {
    const { asks } = await stage.run(
      scenarioText(
        `  const got = await step('outer', async () => {
    await step('inner', () => wait('1ms'))
    return 7
  })
  log(got)
  await Promise.all([step('a', () => wait(2)), step('b', () => wait(3))])`,
        'log, scenario',
      ),
    )
    expect(asks).toEqual([
      { do: 'begin step', name: 'outer' },
      { do: 'begin step', name: 'inner', running: [1] },
      { do: 'wait', ms: 1 },
      { do: 'end step', step: 2, failed: false },
      { do: 'end step', step: 1, failed: false },
      { do: 'log', text: '7' },
      { do: 'begin step', name: 'a' },
      { do: 'begin step', name: 'b' },
      { do: 'wait', ms: 2 },
      { do: 'wait', ms: 3 },
      { do: 'end step', step: 3, failed: false },
      { do: 'end step', step: 4, failed: false },
    ])
  })

  it('that nobody awaits are waited for before the end', async () => {
    const { asks, how } = await stage.run(
      scenarioText(`  step('floats', async () => {
    await wait(1)
    await Promise.resolve()
    await wait(2)
  })`),
    )
    expect(how).toBe('returned')
    expect(asks.at(-1)).toEqual({ do: 'end step', step: 1, failed: false })
  })

  it('are not the only ones that go on: what nobody awaits may ask again', async () => {
    const { asks, how } = await stage.run(
      scenarioText(`  const floats = async () => {
    await wait(1)
    for (let i = 0; i < 20; i++) await Promise.resolve()
    await wait(2)
    await wait(3)
  }
  floats()`),
    )
    expect(how).toBe('returned')
    expect(asks).toEqual([
      { do: 'wait', ms: 1 },
      { do: 'wait', ms: 2 },
      { do: 'wait', ms: 3 },
    ])
  })

  it('have failed when their work has thrown', async () => {
    const { asks, error } = await stage.run(
      scenarioText("  await step('breaks', () => { throw new Error('no water') })"),
    )
    expect(asks.at(-1)).toEqual({ do: 'end step', step: 1, failed: true })
    expect(error).toMatchObject({ code: 'script-threw', message: 'no water', details: { line: 4, column: 47 } })
  })
})

describe('what was expected and did not come', () => {
  const failing = (ask: { readonly do: string }) =>
    ask.do === 'expect' ? ({ type: 'failed', message: 'no message came' } as const) : undefined

  it('ends the body where it is awaited', async () => {
    const { asks, how } = await stage.run(
      scenarioText("  await expect(devices.pump[0]).toBeOnline()\n  log('not reached')", 'log, scenario'),
      failing,
    )
    expect(how).toBe('failed')
    expect(asks).toHaveLength(1)
  })

  it('can be caught: it says what was expected, and where', async () => {
    const { asks, how } = await stage.run(
      scenarioText(
        `  try {
    await expect(devices.pump[0]).toBeOnline()
  } catch (error) {
    log((error as Error).name, (error as Error).message)
  }`,
        'log, scenario',
      ),
      failing,
    )
    expect(how).toBe('returned')
    expect(asks.at(-1)).toEqual({ do: 'log', text: 'ExpectationError no message came' })
  })

  it('is no error of the script where nobody awaits it: whoever answered knows of it', async () => {
    const { error, how } = await stage.run(
      scenarioText(
        "  expect(devices.pump[0]).toBeOnline()\n  expect(devices.pump[0].exchanges).toShow('PUBLISH')\n  await wait(1)",
      ),
      failing,
    )
    expect(error).toBeUndefined()
    expect(how).toBe('returned')
  })

  it('is told of values too, which are judged here', async () => {
    const { asks, how } = await stage.run(
      scenarioText('  await expect.soft({ a: [1, 2] }).toEqual({ a: [1, 2] })\n  await expect(3).toBeGreaterThan(4)'),
      (ask) => (ask.do === 'judged' && !ask.held ? { type: 'failed', message: 'no' } : undefined),
    )
    expect(how).toBe('failed')
    expect(asks).toEqual([
      {
        do: 'judged',
        matcher: 'toEqual',
        held: true,
        soft: true,
        expected: '{"a":[1,2]}',
        received: '{"a":[1,2]}',
      },
      { do: 'judged', matcher: 'toBeGreaterThan', held: false, soft: false, expected: 'more than 4', received: '3' },
    ])
  })

  it('is asked for again and again by poll, until it fits', async () => {
    let left = 3
    const { asks, how } = await stage.run(
      scenarioText('  await expect.poll(() => broker.connections(), { every: 5 }).toBe(0)'),
      (ask) => (ask.do === 'read' ? { type: 'done', value: --left } : undefined),
    )
    expect(how).toBe('returned')
    expect(asks.map((ask) => ask.do)).toEqual(['poll', 'read', 'wait', 'read', 'wait', 'read', 'end poll', 'judged'])
    expect(asks.at(-1)).toMatchObject({ matcher: 'toBe', held: true, received: '0' })
  })

  it('is given up by poll when its time is up', async () => {
    const { asks } = await stage.run(scenarioText('  await expect.poll(() => 1, { within: 0 }).toBe(0)'))
    expect(asks).toEqual([
      { do: 'poll', poll: 1, matcher: 'toBe', ms: 1000 },
      { do: 'end poll', poll: 1 },
      {
        do: 'judged',
        matcher: 'toBe',
        held: false,
        soft: false,
        expected: '0',
        received: '1',
        polled: { ms: expect.any(Number), within: 0 },
      },
    ])
  })

  it('is given up by poll when what it asks does not come back', async () => {
    const late: Answers = (ask) => (ask.do === 'poll' ? { type: 'done', value: { late: true } } : undefined)
    const { asks } = await stage.run(
      scenarioText('  await expect.poll(() => new Promise(() => {}), { within: 500 }).toEqual([1])'),
      late,
    )
    const received = 'no answer within 1.5 s: what is polled does not come back'
    expect(asks.slice(1)).toMatchObject([{ do: 'judged', matcher: 'toEqual', held: false, expected: '[1]', received }])
  })
})
