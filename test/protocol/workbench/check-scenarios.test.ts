import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkWorkspace } from '../../../main/workbench/check.ts'
import { buildDeviceAssets, type DeviceAssets } from '../../helpers/device-assets.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const types = new URL('../../../app/script-api/', import.meta.url)

let assets: DeviceAssets
beforeAll(async () => {
  assets = await buildDeviceAssets()
})
afterAll(() => assets.dispose())

/** What is wrong with a workspace of these scenarios and one pump, as the command line prints it. */
async function mistakesIn(scenarios: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = await temporaryFolder()
  const pump = "import { device } from 'faultline'\nexport default device(() => ({}))\n"
  for (const [path, text] of Object.entries({ 'devices/pump.device.ts': pump, ...scenarios })) {
    await mkdir(join(folder, dirname(path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  const { mistakes } = await checkWorkspace(folder, types, assets)
  return mistakes.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`)
}

/** As it stands in the description of what users write. */
const example = `import { scenario } from 'faultline'

export default scenario('a pump that loses power leaves its will', {
  seed: 42,
  timeout: '60s',
  devices: { pump: { script: 'pump', count: 3 } },
  broker: { maxQueued: 1000 },                       // or target: 'mqtt://host:1883'
  thresholds: { 'delivery.duration': ['p(95) < 250ms'], 'delivery.lost': ['== 0'] },
}, async ({ devices, observer, link, step, expect }) => {
  const [pump] = devices.pump
  const watch = await observer.subscribe('plant/+/status', { qos: 1 })

  await step('power is cut', () => pump.powerLoss())
  await expect(watch).toReceive({ topic: \`plant/\${pump.id}/status\`, payload: 'offline', qos: 1 }, { within: '2s' })
  await expect(pump.will).toBePublished({ because: 'connection lost' })

  await step('commands wait while it is off', () => observer.publish(\`plant/\${pump.id}/set\`, { celsius: 70 }, { qos: 2 }))
  await expect(pump.session).toHaveQueued(1)

  await step('the first PUBREC is lost, then power returns', async () => {
    link(pump).drop({ packet: 'PUBREC', from: 'client', times: 1 })
    await pump.powerOn()
    await link(pump).cut()                           // so that the broker has to send again
  })
  await expect(pump).toHandle({ topic: \`plant/\${pump.id}/set\` }, { exactly: 1, within: '30s' })
  await expect(pump.exchanges).toShow('PUBLISH', 'PUBREC✕', 'PUBLISH DUP', 'PUBREC', 'PUBREL', 'PUBCOMP')
})
`

const header = "import { scenario } from 'faultline'\n"
const withBody = (body: string) =>
  `${header}export default scenario('a', { devices: { pump: { script: 'pump', count: 2 } } }, async ({ devices, link, observer, expect, step }) => {\n${body}\n})\n`

describe('a scenario that is checked', () => {
  it('is right where it is the example', async () => {
    expect(await mistakesIn({ 'scenarios/power-loss.scenario.ts': example })).toEqual([])
  })

  it('is told of all that is wrong with its static part at once, each at its place', async () => {
    const text = `${header}export default scenario('a', {
  timeout: '60 seconds',
  devices: { pump: { script: 'pmup', count: -1 }, tank: { script: 'pmp' } },
} as never, async () => {})
`
    const mistakes = await mistakesIn({ 'scenarios/a.scenario.ts': text })
    expect(mistakes.map((line) => line.split(': ')[0])).toEqual([
      'scenarios/a.scenario.ts:3:3',
      'scenarios/a.scenario.ts:4:22',
      'scenarios/a.scenario.ts:4:38',
      'scenarios/a.scenario.ts:4:59',
    ])
    expect(mistakes[0]).toContain("timeout must be a length of time, not '60 seconds'")
    expect(mistakes[1]).toContain("devices.pump.script names 'pmup', which is not there; did you mean 'pump'?")
    expect(mistakes[2]).toContain('devices.pump.count must be a whole number')
    expect(mistakes[3]).toContain("devices.tank.script names 'pmp', which is not there")
  })

  it('has to name scripts that are there', async () => {
    const text = `${header}export default scenario('a', { devices: { tank: { script: 'pumpp' } } }, async () => {})\n`
    expect(await mistakesIn({ 'scenarios/a.scenario.ts': text })).toEqual([
      "scenarios/a.scenario.ts:2:51: devices.tank.script names 'pumpp', which is not there; did you mean 'pump'?",
    ])
  })

  it('has to be evaluated without an error', async () => {
    const text = `${header}throw new Error('no')\nexport default scenario('a', {}, async () => {})\n`
    const mistakes = await mistakesIn({ 'scenarios/a.scenario.ts': text })
    expect(mistakes).toContain('scenarios/a.scenario.ts:2:16: no')
  })

  it('knows how many devices there are, and what can be done to them', async () => {
    const bodies = [
      '  const [, , third] = devices.pump\n  await third.powerLoss()',
      '  devices.pmup',
      '  await devices.pump[0].powerLos()',
      "  await link('*').drop({ packt: 'PUBREC' })",
      "  await link('*').drop({ packet: 'PUBRECK' })",
      "  await expect(devices.pump[0].will).toBePublished({ becuase: 'keep alive' })",
      "  await expect(devices.pump[0].session).toReceive({ topic: 'a' })",
      "  await observer.subscribe('a', { qos: 3 })",
      '  fetch("x")',
    ]
    const paths = bodies.map((_, n) => `scenarios/m${n}.scenario.ts`)
    const mistakes = await mistakesIn(Object.fromEntries(bodies.map((body, n) => [paths[n], withBody(body)])))
    expect([...new Set(mistakes.map((line) => line.split(':')[0]))]).toEqual(paths)
    expect(mistakes.at(-1)).toContain("A script has no 'fetch': a scenario speaks MQTT alone")
  })

  it('waits for every promise that it is given', async () => {
    const body =
      "  expect(devices.pump[0]).toBeOnline()\n  link('*').drop()\n  void step('a', () => {})\n  step('b', () => {})"
    const advice = "write 'await' before it, or 'void' where it is to go on by itself"
    expect(await mistakesIn({ 'scenarios/a.scenario.ts': withBody(body) })).toEqual([
      `scenarios/a.scenario.ts:3:3: nobody waits for 'toBeOnline': ${advice}`,
      `scenarios/a.scenario.ts:6:3: nobody waits for 'step': ${advice}`,
    ])
  })

  it('has no options that are misspelt', async () => {
    const options = ['{ tiemout: 5 }', '{ devices: { pump: { scirpt: "pump" } } }', '{ broker: { maxQueud: 1 } }']
    const paths = options.map((_, n) => `scenarios/m${n}.scenario.ts`)
    const texts = options.map((each) => `${header}export default scenario('a', ${each}, async () => {})\n`)
    const mistakes = await mistakesIn(Object.fromEntries(texts.map((text, n) => [paths[n], text])))
    for (const path of paths)
      expect(
        mistakes.some((line) => line.startsWith(`${path}:2:`)),
        path,
      ).toBe(true)
    // The compiler comes first, and says it of the name.
    expect(mistakes.join('\n')).toMatch(/tiemout[\s\S]*scirpt[\s\S]*maxQueud/)
  })
})
