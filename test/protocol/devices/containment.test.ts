import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { nodeClock } from '../../../main/devices/node-clock.ts'
import { DeviceBench, script } from '../../helpers/device-bench.ts'
import { setDeviceStage } from '../../helpers/device-stage.ts'
import { until } from '../../helpers/until.ts'

/** Counts aloud, from 1 in each life. */
const neighbour = script(`
  let count = 0
  return {
    client: { will: { topic: \`\${id}/will\`, payload: 'gone' } },
    connected({ client }) {
      every('10ms', () => client.publish(\`\${id}/count\`, (count += 1)))
    },
  }`)

/** One worker: whoever misbehaves shares the thread with the neighbour, who lives from the first test to the last. */
const stage = setDeviceStage({ workers: 1 }, { neighbour })

/** Runs a script beside the neighbour until it fails; gives its error, and how the neighbour has counted since. */
async function beside(id: string, source: string) {
  const { bench, broker } = stage
  const counts = () => broker.texts('neighbour/count').map(Number)
  await until('the neighbour publishes', () => counts().length > 0)
  const before = counts().length
  bench.run({ neighbour, [id]: source })
  const error = await bench.fails(id)
  const failed = counts().length
  await until('the neighbour goes on', () => counts().length > failed + 3)
  return { error, counts: counts().slice(before) }
}

/** The neighbour has run without a break: it has never counted anew. */
function unbroken(counts: readonly number[]): boolean {
  return counts.every((count, i) => count === (counts[0] ?? 0) + i)
}

describe('a script that does not come to an end', () => {
  it.each([
    ['in its factory', '  for (;;);'],
    ['in powerOn', '  return { powerOn() { for (;;); } }'],
    ['in connected', '  return { connected() { for (;;); } }'],
    [
      'in connected, after an await',
      '  return { async connected({ client }) { await client.publish("x", 1); for (;;); } }',
    ],
    ['in every', '  return { connected() { every(5, () => { for (;;); }) } }'],
    [
      'in a promise whose rejection it catches',
      '  return { connected() { (async () => { for (;;); })().catch(() => {}) } }',
    ],
    ['though it catches everything', '  return { connected() { for (;;) try { for (;;); } catch {} } }'],
    [
      'in a chain of promises',
      '  const again = () => { Promise.resolve().then(again) }\n  return { connected() { again() } }',
    ],
    ['in an expression that backtracks', `  return { connected() { /^(a+)+$/.test('a'.repeat(40) + 'b') } }`],
    ['at its top level', '  return {} })\nfor (;;);\n(() => {'],
  ])('%s costs that device only', async (where, body) => {
    const id = `loop-${where.replace(/[^a-z]+/g, '-')}`
    const { error, counts } = await beside(id, script(body))
    expect(error.message).toBe('ran for 250 ms without coming to an end; is there an endless loop?')
    expect(unbroken(counts)).toBe(true)
  })

  it('is shown at the function that runs', async () => {
    const { error } = await beside(
      'loop-line',
      script('  const spin = () => {\n    for (;;);\n  }\n  spin()\n  return {}'),
    )
    expect(error).toMatchObject({ line: 3 })
    expect(error.stack).toContain('devices/loop-line.device.ts:6:')
  })
})

describe('a script that takes too much', () => {
  const memory = 'needs more memory than a device has (4 MB)'
  it.each([
    ['arrays', '  const all = []\n  for (;;) all.push(new Uint8Array(100_000))', memory],
    ['objects', '  const all = []\n  for (;;) all.push({ all, more: new Array(2000).fill(all) })', memory],
    ['text', "  const all = []\n  for (;;) all.push('x'.repeat(50_000) + all.length)", memory],
    [
      'entries of a map',
      '  const all = new Map()\n  for (let i = 0; ; i++) all.set(i, new Array(2000).fill(i))',
      memory,
    ],
    ['one array', '  new Uint8Array(1e9)', memory],
    ['promises', '  const all = []\n  for (;;) all.push(Promise.resolve(new Uint8Array(20_000)))', memory],
    [
      'promises that wait for one another',
      '  const all = []\n  const again = () => Promise.resolve(all.push(new Uint8Array(20_000))).then(again)\n  again()',
      memory,
    ],
    ['stack', '  const down = () => down() + 1\n  down()', 'calls itself too deep: the stack has overflowed'],
    ['stack, in JSON', "  JSON.parse('['.repeat(1_000_000))", 'SyntaxError: stack overflow'],
    ['stack, in code', "  eval('('.repeat(100_000))", 'SyntaxError: stack overflow'],
    ['timers', '  for (;;) every(1000, () => {})', '1000 timers run at once, more cannot be started; stop some'],
  ])('of %s costs that device only', async (what, body, message) => {
    const { error, counts } = await beside(`bomb-${what.replace(/[^a-z]+/g, '-')}`, script(`${body}\n  return {}`))
    expect(error.message).toBe(message)
    expect(unbroken(counts)).toBe(true)
  })

  it('while its error is described costs that device only', async () => {
    // The script's own code runs once more when somebody asks what it threw.
    const { error, counts } = await beside(
      'bomb-in-error',
      script(`
        const all = []
        throw { get message() { for (;;) all.push(new Uint8Array(16_000_000).fill(1)) } }
        return {}`),
    )
    expect(error.message).toBe('threw [object Object]')
    expect(unbroken(counts)).toBe(true)
  })

  it('in a topic that only pretends to be short enough costs that device only', async () => {
    const { error, counts } = await beside(
      'long-topic',
      script(`
        String.prototype.charCodeAt = () => 97
        return { connected({ client }) { client.publish('\u20ac'.repeat(60_000), 'x') } }`),
    )
    expect(error.message).not.toContain('broke the sandbox')
    expect(unbroken(counts)).toBe(true)
  })

  it('has the memory again after it lost its power', async () => {
    const { bench } = stage
    const source = script(`
      const all = []
      while (all.length < 30) all.push(new Uint8Array(100_000))
      return { connected() { log('has', all.length) } }`)
    bench.run({ refilled: source })
    for (let life = 1; life <= 5; life++) {
      await until('it has filled its memory', () => bench.console('refilled').length === life)
      await bench.devices.act('refilled', 'powerLoss')
      await bench.devices.act('refilled', 'powerOn')
    }
  })

  it('of what it has received is an error, not a crash', async () => {
    const { bench, broker } = stage
    bench.run({
      'big-in': script(`
        const all = []
        return {
          async connected({ client }) {
            await client.subscribe('big-in/in')
            log('ready')
          },
          message({ payload, text }) {
            all.push(payload, text)
          },
        }`),
    })
    await bench.says('big-in', 'ready')
    for (let i = 0; i < 10; i++) broker.publish('big-in/in', Buffer.alloc(500_000, 'x'))
    expect((await bench.fails('big-in')).message).toBe(memory)
    bench.run({})
    bench.run({
      'big-in': script(`return { async connected({ client }) { await client.subscribe('big-in/in'); log('ready') } }`),
    })
    await bench.says('big-in', 'ready')
    broker.publish('big-in/in', Buffer.alloc(2_000_000))
    expect((await bench.fails('big-in')).message).toBe(
      'a message of 2000000 octets is too big for the 4 MB of a device',
    )
  })
})

describe('a script that reaches into its library', () => {
  it.each([
    ['JSON', "  return { connected({ client }) { JSON.stringify = () => 'x'; client.publish('a', 'b') } }"],
    [
      'arrays',
      '  return { connected({ client }) { Uint8Array.prototype.slice = () => ({ buffer: {} }); client.publish("a", new Uint8Array(3)) } }',
    ],
    ['JSON of its options', '  Object.prototype.toJSON = () => 1\n  return {}'],
  ])('(%s) harms only itself', async (what, body) => {
    const { error, counts } = await beside(`reach-${what.replace(/[^A-Za-z]+/g, '-')}`, script(body))
    expect(error.message).toBe('the script has changed a part of JavaScript that its library needs')
    expect(unbroken(counts)).toBe(true)
  })
})

describe('the watchdog', () => {
  it.each([
    ['indexOf', 'Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)'],
    ['join', 'new Array(2 ** 32 - 2).join()'],
  ])('blames the device that is stuck in %s, and brings its neighbours back', async (name, builtin) => {
    const { bench, broker } = stage
    const stuck = `stuck-${name}`
    const source = script(`
      return {
        client: { will: { topic: \`\${id}/will\`, payload: 'gone' } },
        connected() { after(20, () => ${builtin}) },
      }`)
    const wills = broker.texts('neighbour/will').length
    const { error } = await beside(stuck, source)
    const message = 'a callback of every or after did not come back within 1 s'
    expect(error).toMatchObject({
      message,
      file: `devices/${stuck}.device.ts`,
    })
    expect(bench.console(stuck, 'error')).toEqual([`${message} (devices/${stuck}.device.ts)`])
    expect(bench.powerLosses.at(-1)).toBe('neighbour')
    const restarted = bench.told

      .get('neighbour')
      ?.findLast(({ state, reason }) => state === 'booting' && reason.startsWith('restarted'))
    expect(restarted?.reason).toBe(`restarted: its worker was stopped because of ${stuck}`)
    await bench.reaches('neighbour', 'online')
    await until('both wills are published', () => {
      return broker.texts(`${stuck}/will`).length === 1 && broker.texts('neighbour/will').length === wills + 1
    })
    // It stays as it is until somebody powers it on.
    expect(bench.snapshot(stuck).state).toBe('script error')
  })

  it('leaves a neighbour that was off or offline as it was', async () => {
    const { bench } = stage
    const stuck = script('  return { connected() { after(20, () => new Array(2 ** 32 - 2).join()) } }')
    bench.run({ 'was-offline': neighbour, 'was-cut': neighbour })
    await bench.reaches('was-offline', 'online')
    await bench.reaches('was-cut', 'online')
    await bench.devices.act('was-offline', 'disconnect')
    await bench.devices.act('was-cut', 'powerLoss')
    bench.run({ 'was-offline': neighbour, 'was-cut': neighbour, 'stuck-too': stuck })
    await bench.fails('stuck-too')
    expect(bench.snapshot('was-offline').state).toBe('offline')
    expect(bench.snapshot('was-cut').state).toBe('power lost')
    await bench.devices.act('was-offline', 'connect')
    await bench.devices.act('was-cut', 'powerOn')
    await bench.reaches('was-offline', 'online')
    await bench.reaches('was-cut', 'online')
  })
})

describe('a worker that cannot live', () => {
  it('is given up after a while, and its devices say why', async () => {
    const { assets, broker } = stage
    const missing = new URL('missing.js', assets.worker)
    const own = new DeviceBench({ ...assets, worker: missing }, broker.port, { workers: 1 })
    own.run({ lost: script('return {}') })
    const { reason } = await own.reaches('lost', 'off')
    expect(reason).toMatch(/^switched off: its worker stopped \(.*missing\.js.*\), for the 5th time in a minute$/)
    expect(own.console('lost', 'error')).toEqual([reason])
    await own.devices.close()
  })
})

describe('a thread that cannot even be started', () => {
  it('leaves its devices switched off, with the reason, and the workbench as it was', async () => {
    const { assets, broker } = stage
    const own = new DeviceBench({ ...assets, worker: new URL('http://127.0.0.1/worker.js') }, broker.port, {
      workers: 1,
    })
    own.run({ first: script('return {}'), second: script('return {}') })
    const { reason } = await own.reaches('first', 'off')
    expect(reason).toMatch(/^switched off: its worker stopped \(.+\), for the 5th time in a minute$/)
    expect((await own.reaches('second', 'off')).reason).toBe(reason)
    await own.devices.act('first', 'powerOn')
    await own.reaches('first', 'off')
    await own.devices.close()
  })
})

describe('a script that takes down the thread with each of its devices', () => {
  it('is stopped, and the neighbours in its thread are not', async () => {
    const { assets, broker } = stage
    // For the limit, all of it happens in the same minute, however long it takes here.
    const clock = { ...nodeClock(0), monotonic: () => 0 }
    const own = new DeviceBench(assets, broker.port, { workers: 1, clock })
    const ids = Array.from({ length: 7 }, (_, i) => `fleet-${i + 1}`)
    const source = `export default ${'('.repeat(100_000)}`
    const fleet = ids.map((id) => ({ id, script: 'devices/fleet.device.ts', source }))
    own.devices.set([{ id: 'healthy', script: 'devices/healthy.device.ts', source: script('  return {}') }, ...fleet])
    const states = () => ids.map((id) => own.snapshot(id).state)
    await until('the fleet stands still', () => states().every((state) => state !== 'booting'))
    expect(states()).toEqual([...Array(5).fill('script error'), 'off', 'off'])
    expect(own.snapshot('fleet-1').reason).toMatch(
      /^its script broke the sandbox \(.*its text nests too deep to be read\)$/,
    )
    expect(own.snapshot('fleet-7').reason).toBe(
      'switched off: its worker was stopped because of fleet-5, for the 5th time in a minute',
    )
    await own.reaches('healthy', 'online')
    await own.devices.close()
  })
})

describe('a sandbox that breaks', () => {
  it('costs its worker, and the device that it broke under is named', async () => {
    const { assets, broker } = stage
    const folder = mkdtempSync(join(tmpdir(), 'faultline-guest-'))
    const guest = pathToFileURL(join(folder, 'guest.js'))
    writeFileSync(guest, `throw new Error('a broken library')`)
    const own = new DeviceBench({ ...assets, guest }, broker.port, { workers: 1 })
    own.run({ first: script('return {}'), second: script('return {}') })
    expect((await own.fails('first')).message).toMatch(/^its script broke the sandbox \(.*a broken library.*\)$/)
    expect((await own.fails('second')).message).toMatch(/^its script broke the sandbox/)
    await own.devices.close()
    rmSync(folder, { recursive: true })
  })
})
