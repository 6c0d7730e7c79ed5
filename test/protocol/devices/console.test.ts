import { describe, expect, it } from 'vitest'
import { script } from '../../helpers/device-bench.ts'
import { setDeviceStage } from '../../helpers/device-stage.ts'
import { until } from '../../helpers/until.ts'

const stage = setDeviceStage({ workers: 1 })

describe("a device's console", () => {
  it('shows values that are not text as JSON, and others as well as it can', async () => {
    const { bench } = stage
    bench.run({
      l1: script(`
        const circle = {}
        circle.self = circle
        log('text', 1, true, null, undefined, { a: [1] }, new Error('e'), () => {}, new Uint8Array(3), circle, 5n)
        return {}`),
    })
    await bench.says(
      'l1',
      'text 1 true null undefined {"a":[1]} Error: e [function without a name] [3 octets] [object Object] 5',
    )
  })

  it('shows lists that JSON cannot, and no value can make log throw or take its time', async () => {
    const { bench } = stage
    bench.run({
      l3: script(`
        const broken = { get x() { throw new Error('no water') } }
        const mute = { toString() { throw new Error('no words') }, n: 1n }
        const wrong = Object.defineProperty(new Error('e'), 'message', Object.getOwnPropertyDescriptor(broken, 'x'))
        const own = {}
        own.self = own
        const ring = [1, null]
        ring.push([ring])
        let many = [7]
        for (let n = 0; n < 40; n++) many = [many, many]
        log([broken], [own], ring)
        log([mute, 5n], wrong)
        log([1n, many])
        log('done')
        return {}`),
    })
    await bench.says('l3', 'done')
    expect(bench.console('l3').slice(0, 2)).toEqual([
      '[object Object] [object Object] 1,,[circular]',
      '[something that cannot be shown],5 [something that cannot be shown]',
    ])
    expect(bench.console('l3')[2]).toMatch(/^1(,7)+,…$/)
  })

  it('carries the time, the device and the level of each line', async () => {
    const { bench } = stage
    const before = Date.now()
    bench.run({ l2: script(`log('now', Math.floor(clock.now() / 1000)); throw new Error('end')`) })
    await bench.fails('l2')
    const { lines } = bench.devices.console('l2')
    expect(lines.map(({ device, level }) => [device, level])).toEqual([
      ['l2', 'log'],
      ['l2', 'error'],
    ])
    for (const { time } of lines) {
      expect(time).toBeGreaterThanOrEqual(before - 1)
      expect(time).toBeLessThanOrEqual(Date.now() + 1)
    }
  })

  it('of a script that logs in a loop is bounded, and says how much is left out', async () => {
    const { bench } = stage
    // Few enough for the time that a script may run, also where many others want the cores.
    bench.run({ l4: script(`for (let i = 1; i <= 500; i++) log(i)\n  return {}`) })
    const numbers = () => bench.devices.console('l4').lines.filter(({ level }) => level === 'log')
    const said = await bench.says('l4', /lines were left out: a device can write 200 lines a second$/)
    // Where the core was given to others meanwhile, a second second has begun.
    await until('every line is there or counted', () => numbers().length + bench.devices.console('l4').dropped === 500)
    expect(
      numbers()
        .map(({ text }) => text)
        .slice(0, 200),
    ).toEqual(Array.from({ length: 200 }, (_, i) => `${i + 1}`))
    expect(bench.devices.console('l4').dropped).toBeGreaterThanOrEqual(Number.parseInt(said, 10))
  })

  it('lets the error through that ends such a loop', async () => {
    const { bench } = stage
    bench.run({ l5: script(`for (;;) log('again')`) })
    await bench.fails('l5')
    expect(bench.console('l5', 'error')).toHaveLength(1)
    await until('what was left out is counted', () => bench.devices.console('l5').dropped > 0)
  })

  it('cuts a long line and says so', async () => {
    const { bench } = stage
    bench.run({ l6: script(`log('x'.repeat(5000))\n  return {}`) })
    expect(await bench.says('l6', /^x/)).toBe(`${'x'.repeat(2000)}… (cut here: 5000 characters)`)
  })
})
