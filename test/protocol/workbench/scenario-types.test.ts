import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { initWorkspace } from '../../../main/workbench/init-workspace.ts'
import { createFindMistakes } from '../../../main/workbench/scenario-types.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const types = new URL('../../../app/script-api/', import.meta.url)
const simulations = new URL('../../../simulations/', import.meta.url)

/** What keeps these scenarios from running, by file, as `line:column: message`. */
async function mistakesIn(
  scenarios: Readonly<Record<string, string>>,
  others: Readonly<Record<string, string>> = {},
  folder?: string,
): Promise<{ readonly found: Record<string, string[]>; readonly lines: readonly string[] }> {
  const workspace = folder ?? (await temporaryFolder())
  for (const [path, text] of Object.entries(others)) {
    await mkdir(join(workspace, dirname(path)), { recursive: true })
    await writeFile(join(workspace, path), text)
  }
  const lines: string[] = []
  const texts = Object.entries(scenarios).map(([file, source]) => ({ workspace, file, source }))
  const mistakes = await createFindMistakes({ types, log: (line) => lines.push(line) })(workspace, texts)
  const found: Record<string, string[]> = {}
  for (const { file, message, place } of mistakes) {
    found[file] = [...(found[file] ?? []), `${place?.line}:${place?.column}: ${message}`]
  }
  return { found, lines }
}

const scenario = (body: string) => `import { scenario } from 'faultline'
export default scenario('a', { devices: { pump: { script: 'pump', count: 2 } } }, async ({ broker, client, devices, expect, fleets, link, observer, step, wait, wire }) => {
  const [pump, other] = devices.pump
  const watch = await observer.subscribe('plant/#')
${body}
})
`

/** Each in a file of its own, all of them typed at once. */
async function ofBodies(bodies: readonly string[]): Promise<(readonly string[])[]> {
  const files = bodies.map((body, n) => [`scenarios/s${n}.scenario.ts`, scenario(body)] as const)
  const { found, lines } = await mistakesIn(Object.fromEntries(files))
  expect(lines).toEqual([])
  return files.map(([file]) => found[file] ?? [])
}

const forgotten = (name: string) =>
  `nobody waits for '${name}': write 'await' before it, or 'void' where it is to go on by itself`

const noTime = (text: string) =>
  `'${text}' is no length of time: write a number of milliseconds, or text such as '250ms', '1.5s', '2m'`

describe('the types of a scenario that is to run', () => {
  it('tell every mistake of its body, each at its place', async () => {
    const wrong: readonly (readonly [body: string, ...mistakes: string[]])[] = [
      [
        "await expect(watch).toRecieve({ topic: 'a' })\nawait pump.powerLos()",
        "5:21: Property 'toRecieve' does not exist on type 'WatchExpectations'. Did you mean 'toReceive'?",
        "6:12: Property 'powerLos' does not exist on type 'DeviceHandle'. Did you mean 'powerLoss'?",
      ],
      [
        "await expect(pump).toBeOnline({ wihtin: '2s' })",
        "5:33: Object literal may only specify known properties, but 'wihtin' does not exist in type 'Within'. Did you mean to write 'within'?",
      ],
      [
        "await expect(pump).toBeOnline({ within: '2 seconds' })",
        `5:33: Type '"2 seconds"' is not assignable to type 'Duration | undefined'. Write a number of milliseconds, or text such as '250ms', '1.5s', '2m'.`,
      ],
      [
        "await expect(pump).toBeOnline({ within: '2 s' })\nawait wait('1 m'); wait('2s')",
        `5:33: ${noTime('2 s')}`,
        `6:12: ${noTime('1 m')}`,
        `6:20: ${forgotten('wait')}`,
      ],
      ["await client('c', { sessionExpiryInterval: '1 h' })", `5:21: ${noTime('1 h')}`],
      [
        'await expect(watch).toGet({})',
        "5:21: Property 'toGet' does not exist on type 'WatchExpectations'. There is toReceive.",
      ],
      [
        "await link(pump).drop({ packet: 'PUBRECK' })",
        `5:25: Type '"PUBRECK"' is not assignable to type 'readonly PacketName[] | PacketName | undefined'. Did you mean '"PUBREC"'?`,
      ],
      ['await fooo()', "5:7: Cannot find name 'fooo'."],
      ["console.log('a')", "5:1: A script has no 'console': `log(...)` writes to the report of the run."],
      ["expect(watch).toReceive({ topic: 'a' })", `5:1: ${forgotten('toReceive')}`],
      ["expect(pump.exchanges).toShow('PUBLISH')", `5:1: ${forgotten('toShow')}`],
      [
        "step('a', async () => {\n  pump.powerLoss()\n})",
        `5:1: ${forgotten('step')}`,
        `6:3: ${forgotten('powerLoss')}`,
      ],
      ['devices.pump.forEach((each) => { each.powerOn() })', `5:34: ${forgotten('powerOn')}`],
      [
        'if (watch.count()) await pump.powerOn()',
        "5:5: This condition will always return true since this 'Promise<number>' is always defined. Write 'await' before what gives it.",
      ],
    ]
    const found = await ofBodies(wrong.map(([body]) => body))
    expect(found).toEqual(wrong.map(([, ...mistakes]) => mistakes))
  })

  it('say nothing of what would work when it runs', async () => {
    const loose = [
      'const unused = 1',
      'void pump.powerLoss()',
      'const later = pump.powerLoss()\nawait later',
      "link(pump).drop({ packet: 'PUBREC', times: 1 })",
      'pump.powerLoss().catch(() => {})',
      'await Promise.all([pump.powerLoss(), other.powerLoss()])',
      'await Promise.all(devices.pump.map((each) => each.powerLoss()))',
      'const kept: Missing = 1',
      "if (typeof process === 'undefined') await pump.powerOn()",
      "await observer.publish('a', { within: '2 s' })\nawait observer.publish('2 s', '2 s')\nawait step('1 m', () => {})",
      "await pump.clockSkew('-2s')",
      'new Float16Array(1)\nInternalError.name',
      'let qos = 1\nawait observer.publish("a", "b", { qos })',
      'for (const packet of ["PUBREC", "PUBREL"]) await link(pump).drop({ packet })',
      'const seen = {}\nseen.first = 1',
      'const list: string[] = ["a"]\nlist[0].length',
      'function online(who) { return expect(who).toBeOnline() }\nawait online(pump)',
      'const who = pump.id === "a" ? pump : watch\nif (who === watch) await expect(who).toReceive({ topic: "a" })',
      'const { text } = (await watch.messages())[0]\nawait expect(JSON.parse(text)).toEqual({ a: 1 })',
      'const a = {\n  b()\n  {\n  },\n}\na.b()',
    ]
    expect(await ofBodies(loose)).toEqual(loose.map(() => []))
  })

  it('are told even where it cannot be read which calls are statements', async () => {
    const misread = 'interface Nothing {\n  said()\n  done()\n}\nawait pump.powerLos()'
    expect(await ofBodies([misread])).toEqual([
      ["9:12: Property 'powerLos' does not exist on type 'DeviceHandle'. Did you mean 'powerLoss'?"],
    ])
  })

  it('are those of what it imports and of the devices that it names, too', async () => {
    const source = `${scenario('await helper(pump)')}import { helper } from './lib/helper.ts'\n`
    const { found } = await mistakesIn(
      { 'scenarios/a.scenario.ts': source },
      {
        'scenarios/lib/helper.ts':
          "import type { DeviceHandle } from 'faultline'\nexport const helper = (who: DeviceHandle) => who.powerOf()\n",
        'devices/pump.device.ts':
          "import { device } from 'faultline'\nexport default device(() => ({ client: { keepAlive: '5 parsecs' } }))\n",
        'devices/another.device.ts': 'export default fooo()\n',
      },
    )
    expect(Object.keys(found).toSorted()).toEqual(['devices/pump.device.ts', 'scenarios/lib/helper.ts'])
    expect(found['scenarios/lib/helper.ts']).toEqual([
      "2:50: Property 'powerOf' does not exist on type 'DeviceHandle'. Did you mean 'powerOn'?",
    ])
    expect(found['devices/pump.device.ts']?.[0]).toMatch(/^2:\d+: .*"5 parsecs".* Write a number of milliseconds/)
  })

  it('leave a file that cannot be read to whoever reads it, and tell of the others', async () => {
    const { found, lines } = await mistakesIn({
      'scenarios/torn.scenario.ts': 'export default scenario(',
      'scenarios/whole.scenario.ts': scenario('pump.powerOn()'),
    })
    expect({ found, lines }).toEqual({
      found: { 'scenarios/whole.scenario.ts': [`5:1: ${forgotten('powerOn')}`] },
      lines: [],
    })
  })

  it('are right in all that is shipped, and in a workspace that is new', async () => {
    const read = async (folder: string) => {
      const names = (await readdir(join(folder, 'scenarios'))).filter((name) => name.endsWith('.scenario.ts'))
      const texts = names.map(async (name) => [
        `scenarios/${name}`,
        await readFile(join(folder, 'scenarios', name), 'utf8'),
      ])
      return Object.fromEntries(await Promise.all(texts)) as Record<string, string>
    }
    const shipped = fileURLToPath(simulations)
    const scenarios = await read(shipped)
    expect(Object.keys(scenarios).length).toBeGreaterThanOrEqual(30)
    expect(await mistakesIn(scenarios, {}, shipped)).toEqual({ found: {}, lines: [] })
    const fresh = await temporaryFolder()
    await initWorkspace({ path: fresh, typesOnly: false, types, templates: new URL('templates/', simulations) })
    expect(await mistakesIn(await read(fresh), {}, fresh)).toEqual({ found: {}, lines: [] })
  })

  it('keep nothing from running where they cannot be looked at', async () => {
    const lines: string[] = []
    const nowhere = new URL('no-such-folder/', types)
    const text = { workspace: await temporaryFolder(), file: 'a.scenario.ts', source: scenario('pump.powerOn()') }
    expect(
      await createFindMistakes({ types: nowhere, log: (line) => lines.push(line) })(text.workspace, [text]),
    ).toEqual([])
    expect(lines).toEqual([expect.stringMatching(/^types were not checked: /)])
    expect(await createFindMistakes({ log: (line) => lines.push(line) })(text.workspace, [text])).toEqual([])
    expect(lines.length).toBe(1)
  })
})
