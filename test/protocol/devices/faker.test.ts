import { describe, expect, it } from 'vitest'
import { DeviceBench } from '../../helpers/device-bench.ts'
import { setDeviceStage } from '../../helpers/device-stage.ts'

const stage = setDeviceStage({ workers: 1 })

/** Runs the body of a factory and gives what it logs, up to `end`. */
async function lines(id: string, body: string, bench = stage.bench): Promise<string[]> {
  const text = `import { clock, device, faker, log } from 'faultline'\nexport default device(() => {\n${body}\n  log('end')\n  return {}\n})\n`
  bench.run({ [id]: text })
  await bench.says(id, 'end')
  return bench.console(id).slice(0, -1)
}

const drawn = `
  log(faker.person.fullName(), faker.string.uuid(), faker.number.int({ max: 1e9 }), faker.location.city())
  log(faker.helpers.shuffle([1, 2, 3, 4, 5, 6]), faker.helpers.multiple(faker.word.noun, { count: 3 }))
  log(faker.helpers.fake('{{person.lastName}} {{number.int({"min": 10, "max": 99})}} {{string.numeric(5)}}'))
  log(faker.helpers.weightedArrayElement([{ weight: 1, value: 'a' }, { weight: 3, value: 'b' }]), faker.color.rgb())`

describe('faker', () => {
  it('makes up the same for a device in every run, and something else for every other', async () => {
    const first = await lines('k1', drawn)
    const own = new DeviceBench(stage.assets, stage.broker.port, { workers: 3 })
    const again = await lines('k1', drawn, own)
    const other = await lines('k2', drawn, own)
    await own.devices.close()
    const seeded = new DeviceBench(stage.assets, stage.broker.port, { workers: 1, seed: 43 })
    const elsewhere = await lines('k1', drawn, seeded)
    await seeded.devices.close()
    expect(again).toEqual(first)
    expect(other[0]).not.toBe(first[0])
    expect(elsewhere[0]).not.toBe(first[0])
    expect(first[1]).toMatch(/^\[[1-6](,[1-6]){5}\] \["\w+.*",".+",".+"\]$/)
    expect(first[2]).toMatch(/^\S.* \d\d \d{5}$/)
  })

  it('gives dates as Date, from the device’s clock, and big integers', async () => {
    const said = await lines(
      'k3',
      `const past = faker.date.recent({ days: 1 })
       log(past instanceof Date, past.getTime() <= clock.now(), past.getTime() > clock.now() - 86_460_000)
       const from = new Date(Date.UTC(2026, 0, 1)), to = new Date(Date.UTC(2026, 0, 2))
       const all = faker.date.betweens({ from, to, count: 3 })
       log(all.length, all.every((date) => date >= from && date <= to))
       log(typeof faker.number.bigInt({ min: 10n, max: 2n ** 80n }), faker.number.bigInt({ min: 7n, max: 7n }))`,
    )
    expect(said).toEqual(['true true true', '3 true', 'bigint 7'])
  })

  it('works on a script’s own values', async () => {
    const said = await lines(
      'k4',
      `const pumps = { a: { bar: 1 }, b: { bar: 2 } }
       log(faker.helpers.objectKey(pumps) in pumps, Object.values(pumps).includes(faker.helpers.objectValue(pumps)))
       const [key, value] = faker.helpers.objectEntry(pumps)
       log(pumps[key] === value)
       log(faker.helpers.arrayElements([1, 2, 3], 2).length, faker.helpers.uniqueArray([1, 1, 2], 5).length)
       let n = 0
       log(faker.helpers.uniqueArray(() => n++ % 3, 3).sort(), faker.helpers.maybe(() => 1, { probability: 0 }))
       log(faker.helpers.mustache('{{a}} of {{b}}', { a: '5', b: (name) => name + '!' }))
       log(faker.helpers.fromRegExp(/^pump-[0-9]{3}$/).length, faker.helpers.rangeToNumber({ min: 4, max: 4 }))
       log(faker.string.alphanumeric(undefined).length, Object.keys(faker).includes('image'))`,
    )
    expect(said).toEqual(['true true', 'true', '2 2', '[0,1,2] undefined', '5 of b!', '8 4', '1 false'])
  })

  it.each([
    ['faker.string.alpha(5000)', 'faker.string.alpha: 5000 is more than 1000, the most that it makes at once'],
    ['faker.helpers.arrayElement([])', 'faker.helpers.arrayElement needs a list with something in it, not a list'],
    ['faker.helpers.multiple(5)', 'faker.helpers.multiple needs a function, not 5'],
    ['faker.helpers.multiple(() => 1, { count: 5000 })', 'faker.helpers: 5000 is not a whole number from 0 to 1000'],
    ['faker.person.fullName({ sex: () => 1 })', 'faker takes functions only in multiple, maybe and uniqueArray'],
    [
      "faker.helpers.fake('{{constructor.constructor}}')",
      'faker.helpers.fake: {{constructor.constructor}} is not a function of faker, such as {{person.firstName}}',
    ],
    ["faker.helpers.fake('{{number.int(a)}}')", 'faker.helpers.fake: the arguments in {{number.int(a)}} are not JSON'],
  ])('says what is wrong with %s', async (call, message) => {
    const [said] = await lines('k5', `try { ${call} } catch (error) { log(error.message) }`)
    expect(said).toBe(message)
    stage.bench.run({})
  })
})
