import { describe, expect, it } from 'vitest'
import { script } from '../../helpers/device-bench.ts'
import { setDeviceStage } from '../../helpers/device-stage.ts'
import { until } from '../../helpers/until.ts'

const stage = setDeviceStage({ workers: 1 })
let last = 0

/** Runs a script until it fails; gives the error, and the id of the device. */
async function failing(source: string) {
  const id = `e${++last}`
  stage.bench.run({ [id]: source })
  return { id, error: await stage.bench.fails(id) }
}

describe('a script that cannot be read', () => {
  it('shows the line and column of a syntax error', async () => {
    const { id, error } = await failing(script('  const a: number = ;\n  return {}'))
    expect(error).toEqual({
      message: 'Expression expected',
      file: `devices/${id}.device.ts`,
      line: 3,
      column: 21,
      stack: undefined,
    })
  })

  it('counts columns as the editor does, behind tabs and characters of any width', async () => {
    const { error } = await failing(script("\t\tconst a = '😀é中'; const b: = 1"))
    expect(error).toMatchObject({ line: 3, column: 30 })
  })

  it('says where a part of TypeScript is that is more than a type', async () => {
    const { error } = await failing('enum Mode { On }\nexport default 1')
    expect(error).toMatchObject({
      message: 'TypeScript enum is not supported; only types are taken out of a script',
      line: 1,
      column: 1,
    })
  })

  it('shows what only JavaScript itself refuses', async () => {
    const { error } = await failing(script('  let a = 1\n  let a = 2\n  return {}'))
    expect(error).toMatchObject({ line: 4 })
    expect(error.message).toBe('SyntaxError: invalid redefinition of lexical identifier')
  })

  it('may import nothing of Node', async () => {
    const { error } = await failing("// import fs from 'fs'\nimport { device } from 'faultline'\nimport fs from 'fs'")
    expect(error).toMatchObject({
      message:
        "cannot import 'fs': a device's script can import only 'faultline' and modules of its workspace, such as './lib/curves'",
      line: 3,
      column: 16,
    })
  })

  it('may not import later what it may not import first', async () => {
    const { error } = await failing(script("  return { async connected() {\n    await import('node:net')\n  } }"))
    expect(error).toMatchObject({
      message:
        "cannot import 'node:net': a device's script can import only 'faultline' and modules of its workspace, such as './lib/curves'",
      line: 4,
      column: 18,
    })
  })

  it('learns that faultline does not have what it imports', async () => {
    const { error } = await failing("import { device, fetch } from 'faultline'\nexport default device(() => ({}))")
    expect(error).toMatchObject({ line: 1, column: 18 })
    expect(error.message).toContain("'faultline' has no 'fetch'")
  })

  it('needs a default export', async () => {
    const { error } = await failing("import { device } from 'faultline'\nexport const pump = device(() => ({}))")
    expect(error).toMatchObject({ line: 1, column: 1 })
    expect(error.message).toContain('no default export')
  })

  it('needs device(...) for its default export', async () => {
    const { error } = await failing('const answer = 42\n\nexport default { answer }')
    expect(error).toMatchObject({ message: 'the default export must be what device(...) gives', line: 3, column: 1 })
  })

  it('must not wait for ever at its top level', async () => {
    const { error } = await failing('await new Promise(() => {})\nexport default 1')
    expect(error.message).toContain('waits at the top level')
  })
})

describe('a mistake in the options', () => {
  it.each([
    ["keepAlive: '10 sec'", 'client.keepAlive must be a length of time', 6],
    ["keepAlive: '1.5s'", 'client.keepAlive must be whole seconds', 6],
    ['protocolVersion: 6', 'client.protocolVersion must be 5 (MQTT 5), 4 (MQTT 3.1.1) or 3 (MQTT 3.1)', 6],
    ["clientId: '', cleanStart: false", 'may be empty only with cleanStart: true', 6],
    ["password: 'p'", 'client.password needs a client.username', 6],
    ['cleanSession: false', '`client` has no option `cleanSession`', 6],
    ["will: { topic: 'a/#', payload: '' }", "client.will.topic 'a/#' has a wildcard", 6],
    ["will: { topic: 'a', payload: '', qos: 3 }", 'client.will.qos must be 0, 1 or 2', 6],
    ['reconnect: { factor: 0.5 }', 'client.reconnect.factor must be a number of at least 1', 6],
    ["reconnect: { after: '-1s' }", 'client.reconnect.after must be a length of time', 6],
  ])('%s is refused at its line', async (option, message, line) => {
    const { error } = await failing(
      script(`  const topic = 'x'\n  return {\n    client: {\n      ${option},\n    },\n  }`),
    )
    expect(error.message).toContain(message)
    expect(error).toMatchObject({ line, column: expect.any(Number) })
  })

  it('of the behaviour is refused too', async () => {
    const { error } = await failing(script('  return {\n    onConnect() {},\n  }'))
    expect(error).toMatchObject({ line: 4, column: 5 })
    expect(error.message).toContain('no option `onConnect`')
  })

  it.each([
    ["client.publish('a/+', 'x')", "the topic 'a/+' has a wildcard"],
    ["client.publish('', 'x')", 'the topic must not be empty'],
    ["client.publish('a', undefined)", 'the payload must be text, octets (Uint8Array) or a value that JSON can hold'],
    [
      // As a list of ten thousand levels, for which QuickJS takes a second before it finds that its stack is too small.
      "const deep = { toJSON: () => JSON.stringify(deep) }; client.publish('a', deep)",
      'the payload must be text, octets (Uint8Array) or a value that JSON can hold: it is nested too deep',
    ],
    ["client.publish('a', NaN)", 'NaN has no form in JSON'],
    ["client.publish('a', 'x', { qos: 3 })", 'the qos of publish must be 0, 1 or 2, not 3'],
    ["client.publish('a', 'x', { quality: 1 })", '`publish(...)` has no option `quality`; it has'],
    [
      'setTimeout(() => {}, 5)',
      "a script has no 'setTimeout': `every('1s', () => ...)` repeats, `after('1s', () => ...)` waits",
    ],
    ["client.subscribe('a/#/b')", "'#' must be the whole of the last level"],
    ["client.subscribe('a+')", "'+' must be the whole of a level"],
    ["every('soon', () => {})", "the interval of every must be a length of time, not 'soon'"],
    ['every(0, () => {})', 'the interval of every must be at least 1 ms'],
    ["after('1s', 'x')", "after needs a function to run, not 'x'"],
    ['sensor.randomWalk({ start: 5, step: 1, max: 4 })', "'start' 5 is not between"],
    ['faker.string.alphanumeric(1e9)', 'faker.string.alphanumeric'],
    ['faker.helpers.arrayElement([])', 'needs a list with something in it'],
  ])('%s is refused where it is called', async (call, message) => {
    const { error } = await failing(script(`  return {\n    connected({ client }) {\n      ${call}\n    },\n  }`))
    expect(error.message).toContain(message)
    expect(error.line).toBe(5)
  })
})

describe('a script that throws', () => {
  it('in its factory does so at its line, without the frames of our library', async () => {
    const { id, error } = await failing(script('  const limits = null\n  return { client: limits.client }'))
    expect(error).toEqual({
      message: "TypeError: cannot read property 'client' of null",
      file: `devices/${id}.device.ts`,
      line: 4,
      column: 26,
      stack: `    at <anonymous> (devices/${id}.device.ts:4:26)`,
    })
  })

  it.each([
    ['powerOn', 'powerOn() {\n      throw new RangeError("no")\n    },'],
    ['connected', 'connected() {\n      throw new RangeError("no")\n    },'],
    [
      'connected, after an await',
      'async connected({ client }) {\n      await client.subscribe("x"); throw new RangeError("no")\n    },',
    ],
    ['a timer', 'connected() {\n      every(5, () => { throw new RangeError("no") })\n    },'],
    ['an async timer', 'connected() {\n      after(5, async () => { throw new RangeError("no") })\n    },'],
    [
      'a promise that nobody awaits',
      'connected() {\n      const start = async () => { await 0; throw new RangeError("no") }; start()\n    },',
    ],
    [
      'a chain',
      'connected({ client }) {\n      client.publish("x", "x").then(() => { throw new RangeError("no") })\n    },',
    ],
  ])('in %s stops its device at that line', async (_where, callback) => {
    const { error } = await failing(script(`  return {\n    ${callback}\n  }`))
    expect(error).toMatchObject({ message: 'RangeError: no', line: 5 })
  })

  it('in message leaves the message unacknowledged: the broker sends it again', async () => {
    const { bench, broker } = stage
    const source = script(`
      return {
        client: { cleanStart: false },
        async connected({ client, sessionPresent }) {
          if (!sessionPresent) await client.subscribe('m1/in', { qos: 1 })
          log('ready')
        },
        message({ text }) {
          throw new Error('cannot take ' + text)
        },
      }`)
    bench.run({ m1: source })
    await bench.says('m1', 'ready')
    broker.publish('m1/in', 'this', 1)
    expect(await bench.fails('m1')).toMatchObject({ message: 'cannot take this', line: 11 })
    await bench.reload('m1', source.replace("throw new Error('cannot take ' + text)", 'log("took", text)'))
    await bench.says('m1', 'took this')
  })

  it('something that is no error is shown all the same', async () => {
    const { error } = await failing(script('  throw { code: 7 }'))
    expect(error.message).toBe('threw {"code":7}')
  })

  it('an error that cannot be looked at stops its device too', async () => {
    const { error } = await failing(
      script(`  throw Object.defineProperty(new Error(), 'message', { get() { for (;;); } })`),
    )
    expect(error.message).toBe('threw something that cannot be shown')
  })

  it('may catch it itself', async () => {
    const { bench } = stage
    bench.run({
      c1: script(`
        return {
          async connected({ client }) {
            await client.publish('a/#', 'x').catch((error) => log('caught', error))
            const later = Promise.reject(new Error('handled in time'))
            await later.catch(() => log('and this'))
          },
        }`),
    })
    await bench.says(
      'c1',
      "caught FaultlineError: the topic 'a/#' has a wildcard; '+' and '#' are for subscriptions only",
    )
    await bench.says('c1', 'and this')
    expect(bench.snapshot('c1').state).toBe('online')
  })
})

describe('a device in script error', () => {
  const broken = script(`
    return {
      client: { will: { topic: \`\${id}/will\`, payload: 'crashed' } },
      connected() {
        after(20, () => undefinedThing())
      },
    }`)

  it('has said so in its console, has left its will, and has not come back by itself', async () => {
    const { bench, broker } = stage
    bench.run({ s1: broken })
    await bench.fails('s1')
    await until('its will is published', () => broker.texts('s1/will').length === 1)
    expect(bench.console('s1', 'error')).toEqual([
      "ReferenceError: 'undefinedThing' is not defined (devices/s1.device.ts:7:25)\n    at <anonymous> (devices/s1.device.ts:7:25)",
    ])
    expect(bench.snapshot('s1').reason).toBe("ReferenceError: 'undefinedThing' is not defined")
    expect(broker.connects.filter((id) => id === 's1')).toHaveLength(1)
    await expect(bench.devices.act('s1', 'connect')).rejects.toMatchObject({ code: 'wrong-state' })
  })

  it('starts again when it is powered on', async () => {
    const { bench, broker } = stage
    bench.run({ s2: broken })
    await bench.fails('s2')
    await bench.devices.act('s2', 'powerOn')
    await until('it was online again', () => broker.connects.filter((id) => id === 's2').length === 2)
  })

  it('starts again when its script is mended', async () => {
    const { bench } = stage
    bench.run({ s3: broken })
    await bench.fails('s3')
    expect(await bench.reload('s3', broken.replace('undefinedThing()', 'log("mended")'))).toBe(1)
    await bench.says('s3', 'mended')
    expect(bench.snapshot('s3')).toMatchObject({ state: 'online', error: undefined })
  })

  it('can lose its power', async () => {
    const { bench } = stage
    bench.run({ s4: broken })
    await bench.fails('s4')
    await bench.devices.act('s4', 'powerLoss')
    expect(bench.snapshot('s4')).toMatchObject({ state: 'power lost', error: undefined })
  })
})
