import { describe, expect, it } from 'vitest'
import { setDeviceStage } from '../../helpers/device-stage.ts'
import { until } from '../../helpers/until.ts'

const stage = setDeviceStage({ workers: 1 })

function script(body: string): string {
  return `import { device, every, flash, log } from 'faultline'\nexport default device(() => {\n${body}\n})\n`
}

const counting = script(`
  const boots = flash.get('boots', 0) + 1
  flash.set('boots', boots)
  log('boot', boots)
  return {}`)

describe('flash', () => {
  it('survives power loss, also while power returns at once', async () => {
    const { bench } = stage
    bench.run({ f1: counting })
    await bench.says('f1', 'boot 1')
    await bench.devices.act('f1', 'powerLoss')
    await bench.devices.act('f1', 'powerOn')
    await bench.says('f1', 'boot 2')
    const lost = bench.devices.act('f1', 'powerLoss')
    await Promise.all([lost, bench.devices.act('f1', 'powerOn')])
    await bench.says('f1', 'boot 3')
  })

  it('survives a new script, and what the old one wrote until then', async () => {
    const { bench } = stage
    bench.run({
      f2: script(`
        let n = 0
        every('1ms', () => { flash.set('n', ++n); if (n === 20) log('many') })
        return {}`),
    })
    await bench.says('f2', 'many')
    await bench.reload('f2', script(`log('n is', flash.get('n') >= 20)\n  return {}`))
    await bench.says('f2', 'n is true')
  })

  it('takes no value that is nested so deep that it could not be read again', async () => {
    const { bench } = stage
    bench.run({
      deep: script(`
        let value: unknown = 0
        for (let n = 0; n < 100; n++) value = [value]
        flash.set('most', value)
        try { flash.set('more', [value]) } catch (error) { log(error.message, flash.keys()) }
        return {}`),
    })
    await bench.says(
      'deep',
      'flash.set: the value is nested more than 100 levels deep; keep its parts under keys of their own ["most"]',
    )
  })

  it('keeps what a value says of itself, whatever else it holds, and tells in words what it throws', async () => {
    const { bench } = stage
    bench.run({
      says: script(`
        let many: unknown[] = []
        for (let n = 0; n < 40; n++) many = [many, many]
        flash.set('many', { many, toJSON: () => 'many' })
        const pump = { valves: [], toJSON: () => ({ id: 7 }) }
        pump.valves.push({ pump })
        flash.set('pump', pump)
        try {
          flash.set('broken', { get level() { throw new Error('no water') } })
        } catch (error) {
          log(error.message, flash.get('pump'), flash.get('many'))
        }
        return {}`),
    })
    await bench.says('says', 'flash.set: the value has no form in JSON: no water {"id":7} many')
  })

  it('survives the end of its worker', async () => {
    const { bench } = stage
    // Builtins that do not poll the interrupt: the watchdog ends the thread.
    const hanging = script(`Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)\n  return {}`)
    bench.run({ f3: counting })
    await bench.says('f3', 'boot 1')
    await bench.reaches('f3', 'online')
    bench.run({ f3: counting, f4: hanging })
    await bench.fails('f4')
    await bench.says('f3', 'boot 2')
  })

  it('is empty for a device that was taken away and is back', async () => {
    const { bench } = stage
    bench.run({ f5: counting })
    await bench.says('f5', 'boot 1')
    bench.run({})
    await until('f5 is gone', () => bench.devices.list().length === 0)
    bench.run({ f5: counting })
    await bench.says('f5', 'boot 1')
    expect(bench.console('f5')).toEqual(['boot 1'])
  })

  it('keeps copies, of anything that JSON can hold', async () => {
    const { bench } = stage
    bench.run({
      f6: script(`
        const calibration = { offset: [0.4, null], 'größe': 'ä\\u0000😀\\ud800' }
        flash.set('calibration', calibration)
        calibration.offset[0] = 9
        log(JSON.stringify(flash.get('calibration')))
        log(flash.get('nothing'), flash.get('nothing', 5), flash.keys(), flash.delete('calibration'), flash.keys())
        return {}`),
    })
    await bench.says('f6', `undefined 5 ["calibration"] true []`)
    expect(bench.console('f6')[0]).toBe('{"offset":[0.4,null],"größe":"ä\\u0000😀\\ud800"}')
  })

  it.each([
    [
      "flash.set('big', 'x'.repeat(70_000))",
      "flash.set: 'big' does not fit: with it the flash would hold 70005 octets",
    ],
    ["flash.set('f', () => 1)", 'flash.set: a function has no form in JSON'],
    ["flash.set('o', new Uint8Array(3))", 'flash.set: octets cannot be kept as they are; keep bytes.toBase64(octets)'],
    ['flash.set(5, 1)', 'flash.set: the key must be text, not 5'],
  ])('refuses %s in words, with the line', async (call, message) => {
    const { bench } = stage
    bench.run({ f7: script(`  ${call}\n  return {}`) })
    const error = await bench.fails('f7')
    expect(error.message).toContain(message)
    expect(error).toMatchObject({ file: 'devices/f7.device.ts', line: 3 })
    bench.run({})
  })
})
