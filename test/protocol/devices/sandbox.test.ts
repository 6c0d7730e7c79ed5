import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../app/base/clock.ts'
import { nodeClock } from '../../../main/devices/node-clock.ts'
import { DeviceBench, script } from '../../helpers/device-bench.ts'
import { setDeviceStage } from '../../helpers/device-stage.ts'

const stage = setDeviceStage({ workers: 1 })

/** Runs the body of a factory and gives the lines that it logs, up to `end`. */
async function lines(id: string, body: string, bench = stage.bench): Promise<string[]> {
  bench.run({ [id]: script(`${body}\n  log('end')\n  return {}`) })
  await bench.says(id, 'end')
  return bench.console(id).slice(0, -1)
}

describe('the sandbox', () => {
  it('has the language, and nothing of any platform', async () => {
    const [names] = await lines('s1', 'log(Object.getOwnPropertyNames(globalThis).sort().join(" "))')
    expect(names?.split(' ')).toEqual(
      `AggregateError Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView Date Error EvalError
      Float16Array Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array InternalError Iterator
      JSON Map Math NaN Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set String Symbol
      SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakSet decodeURI
      decodeURIComponent encodeURI encodeURIComponent escape eval globalThis isFinite isNaN parseFloat parseInt
      undefined unescape`.split(/\s+/),
    )
  })

  it.each([
    'fetch',
    'require',
    'process',
    'global',
    'setTimeout',
    'queueMicrotask',
    'WebAssembly',
    'SharedArrayBuffer',
    'Atomics',
    'WeakRef',
    'FinalizationRegistry',
    'performance',
    'console',
    'faultlineHost',
  ])('has no %s', async (name) => {
    const escapes = [
      `typeof ${name}`,
      `typeof globalThis[${JSON.stringify(name)}]`,
      `typeof new Function('return globalThis')()[${JSON.stringify(name)}]`,
      `typeof (0, eval)('this')[${JSON.stringify(name)}]`,
    ]
    expect(await lines(`s2-${name}`, `log(${escapes.join(', ')})`)).toEqual(['undefined undefined undefined undefined'])
  })

  it('does not show the host through the functions that it has', async () => {
    const body = `
      for (const thing of [log, every, clock.now, faker.string.uuid, sensor.randomWalk, device]) {
        const Outer = thing.constructor
        log(typeof Outer('return globalThis')().process, Outer === Function)
      }
      try { log.caller; log('no error') } catch (error) { log(error.name) }`
    expect(await lines('s3', body)).toEqual([
      ...Array(6).fill('undefined true'),
      expect.stringMatching(/TypeError|no error/),
    ])
  })

  it('shows the same time in Date as in clock, which is the workbench’s', async () => {
    const machine = nodeClock(0)
    const skewed: Clock = { ...machine, now: () => machine.now() + 86_400_000 }
    const own = new DeviceBench(stage.assets, stage.broker.port, { clock: skewed, workers: 1 })
    const body = `
      const now = clock.now()
      log(now)
      for (const shown of [Date.now(), new Date().getTime(), +new Date(), new (new Date(0).constructor)().getTime(), Date.parse(Date())]) {
        log(Math.abs(shown - now) <= 1000)
      }
      log(new Date(5).getTime(), new Date(2020, 1, 2) instanceof Date, Date.UTC(2020, 0), Date.name, Date.length)
      class Later extends Date {}
      log(new Later(7).getTime(), new Later() instanceof Later)`
    const said = await lines('s4', body, own)
    expect(Math.abs(Number(said[0]) - Date.now() - 86_400_000)).toBeLessThan(60_000)
    expect(said.slice(1)).toEqual([...Array(5).fill('true'), '5 true 1577836800000 Date 7', '7 true'])
    await own.devices.close()
  })
})

const draws = `
  const walk = sensor.randomWalk({ start: 0, step: 1 })
  const other = sensor.randomWalk({ start: 0, step: 1 })
  for (let i = 0; i < 3; i++) log(random.next(), random.integer(1, 6), random.normal(), Math.random(), walk.next(), other.next())
  log(faker.string.alphanumeric(10), faker.string.hexadecimal({ length: 4 }), faker.string.numeric(5), faker.string.uuid())
  log(faker.number.int({ min: 1, max: 9 }), faker.number.float({ fractionDigits: 2 }), faker.datatype.boolean())
  log(faker.helpers.arrayElement(['a', 'b', 'c']), faker.internet.ipv4(), faker.internet.mac(), faker.internet.username())
  log(faker.location.city(), faker.location.country(), faker.location.latitude(), faker.location.longitude())
  log(faker.location.streetAddress(), faker.person.fullName(), faker.person.firstName(), faker.person.lastName())
  log(faker.commerce.productName(), faker.company.name(), faker.vehicle.vin(), faker.vehicle.vrm(), faker.color.human())
  log(faker.word.noun(), faker.word.adjective(), faker.lorem.word(), faker.lorem.sentence(), faker.system.semver())`

describe('what a device draws', () => {
  it('is the same for the same seed and id, in every run', async () => {
    const first = await lines('d1', draws)
    const own = new DeviceBench(stage.assets, stage.broker.port, { workers: 1 })
    // Another device that draws in between changes nothing.
    await lines('d0', draws, own)
    expect(await lines('d1', draws, own)).toEqual(first)
    await own.devices.close()
    expect(first[3]).toMatch(/^[A-Za-z0-9]{10} 0x[0-9a-fA-F]{4} \d{5} [0-9a-f-]{36}$/)
  })

  it('is another for another seed, or another id', async () => {
    const first = await lines('d2', draws)
    const other = await lines('d3', draws)
    const own = new DeviceBench(stage.assets, stage.broker.port, { seed: 43, workers: 1 })
    const reseeded = await lines('d2', draws, own)
    await own.devices.close()
    for (const [i, line] of first.entries()) {
      expect(other[i]).not.toBe(line)
      expect(reseeded[i]).not.toBe(line)
    }
  })

  it('from one source does not depend on what is drawn from the others', async () => {
    const plain = await lines(
      'd4',
      'log(random.next(), sensor.randomWalk({ start: 0, step: 1 }).next(), faker.string.uuid())',
    )
    stage.bench.run({})
    const busy = await lines(
      'd4',
      `Math.random(); Math.random()
       log(random.next(), sensor.randomWalk({ start: 0, step: 1 }).next(), faker.string.uuid())`,
    )
    expect(busy).toEqual(plain)
  })
})
