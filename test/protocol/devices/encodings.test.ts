import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DeviceBench } from '../../helpers/device-bench.ts'
import { setDeviceStage } from '../../helpers/device-stage.ts'

const stage = setDeviceStage({ workers: 1 })

let workspace: string
let bench: DeviceBench

beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'faultline-encodings-'))
  await mkdir(join(workspace, 'schemas'))
  await mkdir(join(workspace, 'data'))
  const files = {
    'schemas/plant.proto': `syntax = "proto3";
      import "state.proto";
      message Reading { double celsius = 1; State state = 2; int64 count = 3; bytes raw = 4; }`,
    'schemas/state.proto': 'syntax = "proto3"; enum State { IDLE = 0; RUNNING = 1; }',
    'schemas/broken.proto': 'syntax = "proto3";\nmessage A {\n  double = 1;\n}',
    // Names that would be a program if a schema could bring one into what is compiled from it.
    'schemas/hostile.proto': `syntax = "proto3";
      message constructor { string __proto__ = 1; string constructor = 2; string toString = 3; int32 prototype = 4; }`,
    'schemas/huge.proto': `syntax = "proto3";\n${Array.from({ length: 4000 }, (_, i) => `message M${i} { int32 a = 1; M${i} b = 2; }`).join('\n')}`,
    'data/day.csv': 'time;celsius\n0;20,5\n1;21\n2;19,5\n',
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(workspace, name), text)
  bench = new DeviceBench(stage.assets, stage.broker.port, { workers: 1, workspace })
})
afterAll(async () => {
  await bench?.devices.close()
  await rm(workspace, { recursive: true, force: true })
})

function script(body: string): string {
  return `import { bytes, cbor, device, log, protobuf, sensor } from 'faultline'\nexport default device(({ id }) => {\n${body}\n})\n`
}

/** Runs the body of a factory and gives what it logs, up to `end`. */
async function lines(id: string, body: string): Promise<string[]> {
  bench.run({ [id]: script(`${body}\n  log('end')\n  return {}`) })
  await bench.says(id, 'end')
  return bench.console(id).slice(0, -1)
}

describe('protobuf', () => {
  it('goes over the wire from one device to another', async () => {
    const receiver = script(`
      const Reading = protobuf('schemas/plant.proto').message('Reading')
      return {
        async connected({ client }) { await client.subscribe('e/+', { qos: 1 }); log('ready') },
        message({ payload }) {
          const { celsius, state, count, raw } = Reading.decode(payload)
          log(celsius, state, count, bytes.toHex(raw))
        },
      }`)
    const sender = script(`
      const Reading = protobuf('schemas/plant.proto').message('Reading')
      const octets = Reading.encode({ celsius: 21.5, state: 'RUNNING', count: 2n ** 60n, raw: bytes.fromHex('00ff') })
      return { connected: ({ client }) => client.publish('e/' + id, octets, { qos: 1 }) }`)
    bench.run({ receiver })
    await bench.says('receiver', 'ready')
    bench.run({ receiver, sender })
    await bench.says('receiver', '21.5 RUNNING 1152921504606846976 00ff')
  })

  it.each([
    ["protobuf('schemas/gone.proto')", 'protobuf: schemas/gone.proto does not exist'],
    ["protobuf('../plant.proto')", 'protobuf: ../plant.proto is outside of the workspace'],
    ["protobuf('schemas/broken.proto')", "protobuf: illegal name '=' (schemas/broken.proto, line 3)"],
    [
      "protobuf('schemas/plant.proto').message('Pump')",
      "protobuf: schemas/plant.proto has no message 'Pump'; it has 'Reading'",
    ],
    ['protobuf(5)', 'protobuf needs the path of a .proto file, not 5'],
    [
      "protobuf('schemas/plant.proto').message('Reading').encode({ celcius: 1 })",
      "Reading.encode: Reading has no field 'celcius'; it has 'celsius', 'state', 'count', 'raw'",
    ],
    [
      "protobuf('schemas/plant.proto').message('Reading').decode(bytes.fromHex('0901'))",
      'Reading.decode: index out of range: 1 + 4 > 2',
    ],
  ])('says what is wrong with %s, and where', async (call, message) => {
    bench.run({ p1: script(`  ${call}\n  return {}`) })
    const error = await bench.fails('p1')
    expect(error.message).toBe(message)
    expect(error).toMatchObject({ file: 'devices/p1.device.ts', line: 3 })
    expect(error.stack ?? '').not.toContain('faultline:')
    bench.run({})
  })

  it('ends at the limits of the device when a schema is made to be endless', async () => {
    bench.run({ p5: script(`  protobuf('schemas/huge.proto')\n  return {}`) })
    const { message } = await bench.fails('p5')
    expect(message).toMatch(/^(ran for 250 ms without coming to an end|needs more memory than a device has)/)
    expect(await lines('p6', "log(protobuf('schemas/plant.proto').messages)")).toEqual(['["Reading"]'])
  })

  it('compiles a schema in the sandbox, whatever names it has', async () => {
    const said = await lines(
      'p2',
      `const type = protobuf('schemas/hostile.proto').message('constructor')
       try { log(type.decode(type.encode({ constructor: 'a', toString: 'b', prototype: 5 }))) } catch (error) { log(error.message) }
       log(Object.getPrototypeOf({}) === Object.prototype, ({}).constructor === Object)`,
    )
    expect(said.at(-1)).toBe('true true')
  })

  it('costs memory of the device, and only of one that uses it', async () => {
    const measure = `
      const held = []
      try { for (;;) held.push(new Uint8Array(10_000)) } catch {}
      const count = held.length
      held.length = 0
      log(count)`
    const [without] = await lines('p3', measure)
    const [withIt] = await lines('p4', `protobuf('schemas/plant.proto')\n${measure}`)
    const used = (Number(without) - Number(withIt)) * 10_000
    expect(used).toBeGreaterThan(300_000)
    expect(used).toBeLessThan(1_500_000)
  })
})

describe('cbor', () => {
  it('goes out as octets and is read as what it was', async () => {
    const said = await lines(
      'c1',
      `const octets = cbor.encode({ celsius: 21.5, text: 'größe 😀'.repeat(40), raw: bytes.fromHex('00ff'), at: new Date(0) })
       log(bytes.toHex(octets).slice(0, 24))
       const { celsius, text, raw, at } = cbor.decode(octets.buffer)
       log(celsius, text === 'größe 😀'.repeat(40), bytes.toHex(raw), at.toISOString())
       try { cbor.decode(bytes.fromHex('ff')) } catch (error) { log(error.message) }
       try { cbor.encode(() => 1) } catch (error) { log(error.message) }
       try { cbor.decode('text') } catch (error) { log(error.message) }`,
    )
    expect(said).toEqual([
      'a46763656c73697573f94d60',
      '21.5 true 00ff 1970-01-01T00:00:00.000Z',
      'cbor.decode: CBOR decode error: got unexpected break',
      expect.stringMatching(/^cbor\.encode: CBOR encode error/),
      "cbor.decode needs octets (Uint8Array or ArrayBuffer), not 'text'",
    ])
  })

  it('ends at the limits of the device when octets are made to be endless', async () => {
    bench.run({ c2: script(`  cbor.decode(new Uint8Array(60_000).fill(0x81))\n  return {}`) })
    const { message } = await bench.fails('c2')
    expect(message).toBe('calls itself too deep: the stack has overflowed')
    expect(await lines('c3', "log(cbor.decode(bytes.fromHex('01')))")).toEqual(['1'])
  })
})

describe('sensor.playback', () => {
  it('plays a column of a file of the workspace', async () => {
    const said = await lines(
      's1',
      `const four = (signal) => log(signal.next(), signal.next(), signal.next(), signal.next())
       four(sensor.playback({ file: 'data/day.csv', column: 'celsius' }))
       four(sensor.playback({ file: 'data/day.csv', column: 2, repeat: false }))
       log(sensor.quantize(sensor.playback({ file: 'data/day.csv', column: 'celsius', every: '1h' }), { step: 1 }).next())`,
    )
    expect(said).toEqual(['20.5 21 19.5 20.5', '20.5 21 19.5 19.5', '21'])
  })

  it.each([
    ["{ file: 'data/gone.csv', column: 'a' }", 'sensor.playback: data/gone.csv does not exist'],
    [
      "{ file: 'data/day.csv', column: 'a' }",
      "sensor.playback: data/day.csv has no column 'a'; it has 'time', 'celsius'",
    ],
    ["{ file: 'data/day.csv' }", "sensor.playback: 'column' must be a name, or a number from 1, not undefined"],
    ["{ column: 'a' }", "sensor.playback: 'file' must be a path, not undefined"],
    [
      "{ file: 'data/day.csv', column: 1, every: 'soon' }",
      "sensor.playback: 'every' must be a length of time, not 'soon'",
    ],
    ["{ file: 'data/day.csv', column: 1, gaps: 'hold' }", "sensor.playback: 'gaps' must be 'lost', or left out"],
  ])('says what is wrong with %s', async (options, message) => {
    const [said] = await lines('s2', `try { sensor.playback(${options}) } catch (error) { log(error.message) }`)
    expect(said).toContain(message)
    bench.run({})
  })
})
