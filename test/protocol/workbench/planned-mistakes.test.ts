import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { ScenarioPlan } from '../../../app/scenario/plan.ts'
import { checkPlan } from '../../../main/scenarios/check-plan.ts'
import { createFindMistakes, withTypes } from '../../../main/workbench/scenario-types.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const types = new URL('../../../app/script-api/', import.meta.url)
const simulations = fileURLToPath(new URL('../../../simulations/', import.meta.url))
// In two words, since no file of this repository may have such a cast.
const cast = ['as', 'any'].join(' ')

const device = "import { device } from 'faultline'\nexport default device(() => ({ client: { keepAlive: '10s' } }))\n"

function planOf(options: object): ScenarioPlan {
  const { mistakes, plan } = checkPlan({ name: 'a', options })
  if (plan === undefined) throw new Error(JSON.stringify(mistakes))
  return plan
}

const scenario = (body: string, header = '') => `import { scenario } from 'faultline'
export default scenario('a', { devices: { pump: { script: 'pump', count: 2 } }${header} }, async ({ broker, client, devices, expect, fleets, link, observer, step }) => {
  const [pump] = devices.pump
  const watch = await observer.subscribe('plant/#')
${body}
})
`

interface Given {
  readonly header?: string
  /** Of the command line. */
  readonly target?: string
  /** Of the plan. */
  readonly said?: string
  readonly others?: Readonly<Record<string, string>>
}

/** As `line:column: message`. */
async function mistakesIn(body: string, { header, others = {}, said, target }: Given = {}): Promise<string[]> {
  const workspace = await temporaryFolder()
  for (const [path, text] of Object.entries({ 'devices/pump.device.ts': device, ...others })) {
    await mkdir(join(workspace, dirname(path)), { recursive: true })
    await writeFile(join(workspace, path), text)
  }
  const file = 'scenarios/a.scenario.ts'
  const options = { devices: { pump: { script: 'pump', count: 2 } }, ...(said === undefined ? {} : { target: said }) }
  const plans = Promise.resolve(new Map([[file, planOf(options)]]))
  const log = (line: string) => expect.fail(line)
  const text = { workspace, file, source: scenario(body, header) }
  const found = await createFindMistakes({ types, log })(workspace, [text], { target, plans })
  return withTypes([], found).map(({ message, place }) => `${place?.line}:${place?.column}: ${message}`)
}

const nobody = (id: string, offer: string) => `there is no device and no client '${id}' in this scenario; ${offer}`

describe('names of clients in a scenario', () => {
  it('are told where nobody can have them', async () => {
    const body = "link('pump').drop()\nawait link('nobody').cut()\nawait broker.expireSession('observr')"
    expect(await mistakesIn(body)).toEqual([
      `5:6: ${nobody('pump', "a pattern may fit nobody, such as 'pump*'")}`,
      `6:12: ${nobody('nobody', "a pattern may fit nobody, such as 'nobody*'")}`,
      `7:28: ${nobody('observr', "did you mean 'observer'?")}`,
    ])
  })

  it.each<[body: string, others?: Readonly<Record<string, string>>]>([
    ["link('pump-02').drop(); link('observer').drop(); link('nobody*').drop(); link('*').drop()"],
    ["await client('third')\nlink('third').drop()"],
    ['const id = `c-$' + "{1}`\nawait client(id)\nlink('c-1').drop()"],
    ["await fleets.pump.rampTo(3)\nlink('pump-03').drop()"],
    ["const link2 = link\nfor (const id of ['nobody']) link2(id).drop()\nlink('nobody').drop()"],
    ["link('third').drop()", { 'devices/pump.device.ts': device.replace('keepAlive', "clientId: 'third', keepAlive") }],
    ["{\n  const link = (name: string) => name\n  link('nobody')\n}"],
  ])('are left alone where somebody may: %s', async (body, others) => {
    expect(await mistakesIn(body, others === undefined ? {} : { others })).toEqual([])
  })
})

describe('a scenario that is to run at a target', () => {
  const body =
    "await broker.kill()\nawait step('x', () => expect(pump.session).toHaveQueued(1))\nawait expect(pump.will).toBePublished({ because: 'keep alive' })"
  const wrong = [
    '5:14: broker.kill is not possible at a target: leave the target out, so that the scenario has a broker of its own',
    "6:44: what Sessions a broker has a target does not tell: expect what its clients see, such as 'sessionPresent' after 'connect', or leave the target out",
    "7:41: why a will was published a target does not tell: leave 'because' out, or the target",
  ]

  it('is told of all that a target cannot do, whoever has said it', async () => {
    const target = 'mqtt://127.0.0.1:9'
    expect(await mistakesIn(body, { target })).toEqual(wrong)
    expect(await mistakesIn(body, { header: `, target: '${target}'`, said: target })).toEqual(wrong)
  })

  it('is told of nothing where there is none', async () => {
    expect(await mistakesIn(body)).toEqual([])
    expect(await mistakesIn(`const target = { target: 'mqtt://a' }\nvoid target\n${body}`)).toEqual([])
  })

  it('is right where it is one of those that are for any broker', async () => {
    const folder = join(simulations, 'scenarios')
    const files = (await readdir(folder)).filter((name) => name.endsWith('.scenario.ts'))
    const read = async (name: string) => ({
      workspace: simulations,
      file: `scenarios/${name}`,
      source: await readFile(join(folder, name), 'utf8'),
    })
    const find = createFindMistakes({ types, log: (line) => expect.fail(line) })
    const found = await find(simulations, await Promise.all(files.map(read)), { target: 'mqtt://127.0.0.1:9' })
    const names = new Set(found.map(({ file }) => /(?<=\/)[\w-]+/.exec(file)?.[0]))
    const table = await readFile(join(folder, 'README.md'), 'utf8')
    const own = [...table.matchAll(/^\| (.*?) \|.*\| (?:own broker|\*\*differs)/gm)].flatMap(([, cell = '']) =>
      cell.match(/[\w-]+/g),
    )
    expect([...names].filter((name) => !own.includes(name ?? ''))).toEqual([])
    expect(names.size).toBeGreaterThanOrEqual(8)
  })
})

describe('what a cast hides', () => {
  it('is told where it would fail when it runs', async () => {
    const body = `await expect(watch).toReceive({ topic: 'a/#/b', qos: 1, retian: true } ${cast}, { within: '2 s' } ${cast})
await (pump ${cast}).powerLos()
const by = 'NOPE' as never
await link(pump).cut({ by })
// @ts${'-'}ignore
await expect(pump).toBeOnlin()
const which: any = { packets: 'PUBACK' }
await link(pump).drop(which)`
    expect((await mistakesIn(body)).map((line) => line.slice(0, 52))).toEqual([
      "5:40: the topic 'a/#/b' is not valid: '#' must be th",
      '5:57: Object literal may only specify known properti',
      "5:82: '2 s' is no length of time: write a number of ",
      "6:21: Property 'powerLos' does not exist on type 'De",
      `8:24: Type '"NOPE"' is not assignable to type '"FIN"`,
      "10:20: Property 'toBeOnlin' does not exist on type '",
      "12:23: Type '{ packets: string; }' has no properties",
    ])
  })

  it('is not told where somebody only looks for it, or where it may be something else', async () => {
    const body = `const any = { a: 1 } ${cast}
any.b = 2
if ((pump ${cast}).boost) await (pump ${cast}).boost()
let who = pump ${cast}
who = observer
await who.drop()
const list: any[] = []
list.push({ x: 1 } ${cast})
await expect(watch).toReceive({ payload: JSON.parse('{}') ${cast} })`
    expect(await mistakesIn(body)).toEqual([])
  })
})
