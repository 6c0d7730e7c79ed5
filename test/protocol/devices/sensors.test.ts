import { describe, expect, it } from 'vitest'
import { DeviceBench, script } from '../../helpers/device-bench.ts'
import { setDeviceStage } from '../../helpers/device-stage.ts'

const stage = setDeviceStage({ workers: 1 })

/** Runs the body of a factory and gives what it logs, up to `end`. */
async function lines(id: string, body: string, bench = stage.bench): Promise<string[]> {
  bench.run({ [id]: script(`${body}\n  log('end')\n  return {}`) })
  await bench.says(id, 'end')
  return bench.console(id).slice(0, -1)
}

const drawn = `
  const base = sensor.constant(20)
  const three = (signal) => log(signal.next(), signal.next(), signal.next())
  three(sensor.uniform({ min: 1, max: 2 }))
  three(sensor.normal({ mean: 230, deviation: 1 }))
  three(sensor.randomWalk({ start: 64, step: 0.4 }))
  three(sensor.withNoise(base, { deviation: 0.5 }))
  three(sensor.spikes(base, { probability: 0.5, size: 5 }))
  three(sensor.dropout(base, { probability: 0.5 }))
  three(sensor.stuck(sensor.uniform({ min: 0, max: 9 }), { probability: 0.5, for: '1d' }))`

describe('sensor', () => {
  it('gives a script the numbers that each kind promises', async () => {
    const said = await lines(
      'n1',
      `const base = sensor.constant(20.26)
       log(base.next())
       log(Math.round(sensor.sine({ min: 10, max: 30, period: '365d' }).next()))
       log(Math.round(sensor.sine({ min: 10, max: 30, period: '365d', phase: 0.25 }).next()))
       log(sensor.square({ min: 0, max: 1, period: '1d', duty: 0.3 }).next())
       log(Math.round(sensor.sawtooth({ min: 5, max: 9, period: '365d' }).next()))
       log(sensor.steps({ values: [3, 4], every: '1d' }).next())
       log(Math.round(sensor.drift({ start: 7, rate: 1, per: '365d' }).next()))
       log(sensor.sum(base, base).next(), sensor.clamp(base, { max: 4 }).next(), sensor.quantize(base, { step: 0.1 }).next())
       log(sensor.spikes(base, { probability: 1, size: 10, direction: 'up' }).next())
       log(sensor.stuck(base, { probability: 1, for: '1s' }).next(), sensor.dropout(base, { probability: 1 }).next())`,
    )
    expect(said).toEqual(['20.26', '20', '30', '1', '5', '3', '7', '40.52 4 20.3', '30.26', '20.26 undefined'])
  })

  it('draws by chance what its seed and its device’s id say, and nothing else', async () => {
    const first = await lines('n2', drawn)
    const own = new DeviceBench(stage.assets, stage.broker.port, { workers: 1 })
    const again = await lines('n2', drawn, own)
    const other = await lines('n3', drawn, own)
    await own.devices.close()
    expect(first).toHaveLength(7)
    for (const number of first[0]?.split(' ') ?? []) expect(Number(number) >= 1 && Number(number) <= 2).toBe(true)
    expect(first[4]).toMatch(/^((15|20|25) ?){3}$/)
    expect(first[5]).toMatch(/^((20|undefined) ?){3}$/)
    expect(again).toEqual(first)
    expect(other.slice(0, 4).every((line, i) => line !== first[i])).toBe(true)
  })

  it('follows the device’s clock', async () => {
    const [fits, fault] = await lines(
      'n4',
      `const before = clock.now()
       const drift = sensor.drift({ rate: 1, per: '1ms' })
       const level = sensor.withFault(sensor.constant(1), { schedule: [{ fault: 'dropout', after: '20ms', for: '1d' }] })
       const after = clock.now()
       while (clock.now() < after + 20);
       const value = drift.next()
       log(value >= 20 && value <= clock.now() - before)
       log(level.fault, level.next())`,
    )
    expect(fits).toBe('true')
    expect(fault).toBe('dropout undefined')
  })

  it('fails and heals when the script says so', async () => {
    const said = await lines(
      'n5',
      `const level = sensor.withFault(sensor.constant(5), { spike: 50 })
       level.fail('spike')
       log(level.next(), level.fault)
       level.fail('dropout', { for: '1h' })
       log(level.next(), level.fault)
       level.heal()
       log(level.next(), level.fault)`,
    )
    expect(said).toEqual(['55 spike', 'undefined dropout', '5 undefined'])
  })

  it.each([
    ['sensor.sine({ min: 0, max: 1, period: "soon" })', /^sensor\.sine: 'period' must be a length of time, not 'soon'/],
    ['sensor.sine({ min: 0, max: 1 })', /^sensor\.sine: 'period' must be a length of time, not undefined/],
    ['sensor.square({ min: 0, max: 1, period: 0 })', /^sensor\.square: 'period' must be above 0, not 0$/],
    ['sensor.uniform()', /^sensor\.uniform needs its options { min, max }, not undefined$/],
    [
      'sensor.randomWalk({ start: 1, step: 1, speed: 2 })',
      /^`sensor\.randomWalk` has no option `speed`; it has `start`/,
    ],
    ['sensor.uniform({ min: "a", max: 2 })', /^sensor\.uniform: 'min' must be a number, not 'a'$/],
    [
      'sensor.clamp({ min: 0 })',
      /^sensor\.clamp: needs a sensor to read, such as sensor\.constant\(20\), not an object$/,
    ],
    ['sensor.withFault(sensor.constant(1), { schedule: 5 })', /^sensor\.withFault: 'schedule' must be a list, not 5$/],
    [
      'sensor.withFault(sensor.constant(1), { schedule: [{ fault: "stuck", after: "x", for: 1 }] })',
      /^sensor\.withFault: 'schedule\[0\]\.after' must be a length of time, not 'x'/,
    ],
    ['sensor.withFault(sensor.constant(1)).fail("loose")', /'fault' must be one of 'stuck', 'dropout', 'spike'/],
  ])('says what is wrong with %s', async (call, message) => {
    const [said] = await lines('n6', `try { ${call} } catch (error) { log(error.message) }`)
    expect(said).toMatch(message)
    stage.bench.run({})
  })
})
