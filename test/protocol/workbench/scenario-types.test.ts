import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { initWorkspace } from '../../../main/workbench/init-workspace.ts'
import { createFindMistakes, withTypes } from '../../../main/workbench/scenario-types.ts'
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
  for (const { file, message, place } of withTypes([], mistakes)) {
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

const lost = {
  each: "nobody waits for what 'forEach' calls: write 'for (const … of …)' with 'await' in it, or 'await Promise.all(….map(…))'",
  map: "nobody waits for the promises that 'map' makes: write 'await Promise.all(…)' around it",
}

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
      ["await expect(pump).toBeOnline({ within: '2 seconds' })", `5:33: ${noTime('2 seconds')}`],
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
      [
        "if (watch.count() > 0) await wait('1s')\nif (pump.state() === 'online') await wait('1s')",
        "5:5: Operator '>' cannot be applied to types 'Promise<number>' and 'number'. Write 'await' before what gives it.",
        `6:5: This comparison appears to be unintentional because the types 'Promise<DeviceStateName>' and '"online"' have no overlap. Write 'await' before what gives it.`,
      ],
      [
        "await expect(watch).toReceive({ payload: 'x', topics: 'y', retians: true }, { wihtin: '2s', 'atleast': 2, order: 1 })\nawait pump.reboot({ offfor: 1 })",
        `5:47: Object literal may only specify known properties, and 'topics' does not exist in type 'MessagePattern | readonly MessagePattern[]'. There are topic, payload, qos, retain, dup, properties.`,
        `5:60: Object literal may only specify known properties, and 'retians' does not exist in type 'MessagePattern | readonly MessagePattern[]'. There are topic, payload, qos, retain, dup, properties.`,
        `5:79: Object literal may only specify known properties, but 'wihtin' does not exist in type 'HowOften & { readonly inOrder?: boolean | undefined; }'. Did you mean to write 'within'?`,
        `5:93: Object literal may only specify known properties, and ''atleast'' does not exist in type 'HowOften & { readonly inOrder?: boolean | undefined; }'. There are exactly, atLeast, never, within, inOrder.`,
        `5:107: Object literal may only specify known properties, but 'order' does not exist in type 'HowOften & { readonly inOrder?: boolean | undefined; }'. Did you mean to write 'inOrder'?`,
        `6:21: Object literal may only specify known properties, and 'offfor' does not exist in type '{ readonly off?: Duration | undefined; }'. There is off.`,
      ],
      [
        "await expect(pump.exchanges).toShow('PUBLISCH', 'PUBACK', 'ACK')\nawait wire.hold('typ:pubrel')\nawait wire.hold('type:pubrell'); await link(pump).loss(20)",
        `5:37: 'PUBLISCH' is no step of a handshake; write PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, with ' DUP', ✕, ‖, ≈ or ×2 after it, or ~`,
        `5:59: 'ACK' is no step of a handshake; write PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, with ' DUP', ✕, ‖, ≈ or ×2 after it, or ~`,
        `6:17: the filter 'typ:pubrel' cannot be read: at character 1: "typ" is no field; expected "type", "client", "topic", "payload", "from", "qos", "id", "bytes", "code", "number", "conn" or "time"; to look for the text put all of it in quotes`,
        `7:17: the filter 'type:pubrell' cannot be read: at character 6: expected a packet or event type after "type:", not "pubrell"`,
        '7:56: the chance of loss must be a number from 0 to 1, not 20',
      ],
      [
        "await wire.speed(3)\nawait observer.subscribe(['a/+', 'plant/#/x'], { qos: 1 })\nawait observer.publish('plant/+/x', 'a')\nawait broker.publish('#', '')\nawait expect(pump.session).toHaveSubscription('a+')",
        '5:18: the factor of speed must be a number from 0.01 to 1, not 3',
        "6:34: the topic filter 'plant/#/x' is not valid: '#' must be the whole of the last level",
        "7:24: the topic 'plant/+/x' has a wildcard; '+' and '#' are for subscriptions only",
        "8:22: the topic '#' has a wildcard; '+' and '#' are for subscriptions only",
        "9:47: the topic filter 'a+' is not valid: '+' must be the whole of a level",
      ],
      ['pump.reboot().then(() => {})', `5:1: ${forgotten('reboot')}`],
      [
        `await expect(watch).toReceive([{ topic: 'a/#/b' }, { topic: \`\${pump.id}/#/b\`, qos: 1 }], { within: '2 s', exactly: 0 })
await link(pump).drop({ topic: 'b+', packet: 'PUBRECK', times: 0, probability: 1.5 })
await link(pump).cut({ at: { packet: 'PUBLISH', topic: 'a#' } })
const third = await client('c', { protocolVersion: 5, will: { topic: 'plant/+', payload: '' }, keepAlive: '5 s' })
third.publish(\`plant/\${pump.id}/+\`, '', { properties: 1, responseTopic: '#' })`,
        "5:41: the topic 'a/#/b' is not valid: '#' must be the whole of the last level",
        "5:61: the topic '…/#/b' is not valid: '#' must be the whole of the last level",
        `5:92: ${noTime('2 s')}`,
        '5:116: exactly must be at least 1; write never: true for none',
        "6:32: the topic 'b+' is not valid: '+' must be the whole of a level",
        `6:38: Type '"PUBRECK"' is not assignable to type 'readonly PacketName[] | PacketName | undefined'. Did you mean '"PUBREC"'?`,
        '6:64: times must be a whole number of at least 1, not 0',
        '6:80: probability must be a number from 0 to 1, not 1.5',
        "7:56: the topic 'a#' is not valid: '#' must be the whole of the last level",
        "8:70: the will's topic 'plant/+' has a wildcard; '+' and '#' are for subscriptions only",
        `8:96: ${noTime('5 s')}`,
        `9:1: ${forgotten('publish')}`,
        "9:15: the topic 'plant/…/+' has a wildcard; '+' and '#' are for subscriptions only",
        "9:43: Object literal may only specify known properties, and 'properties' does not exist in type 'PublishOptions'. There are qos, retain, topicAlias, payloadFormatIndicator, messageExpiryInterval, contentType, responseTopic, correlationData, userProperties.",
        "9:73: responseTopic '#' has a wildcard; '+' and '#' are for subscriptions only",
      ],
      [
        `devices.pump.forEach(async (each) => { await each.powerLoss() })
await step('a', () => devices.pump.forEach((each) => each.powerOn()))
await step('b', () => devices.pump.map((each) => each.powerLoss()))
await devices.pump.map(async (each) => each.powerOn())
const found = devices.pump.filter(async (each) => (await each.state()) === 'online')
devices.pump.forEach((each) => expect(each.exchanges).toShow('PUBLISH'))`,
        `5:14: ${lost.each}`,
        `6:36: ${lost.each}`,
        `7:36: ${lost.map}`,
        `8:20: ${lost.map}`,
        "9:28: 'filter' takes a promise for true: wait for all of them first, with 'await Promise.all(….map(…))'",
        `10:14: ${lost.each}`,
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
      "const other2 = { publish: (topic: string) => topic, loss: (n: number) => n }\nother2.publish('a/#/b')\nother2.loss(20)",
      "await observer.publish('', 'a', { topicAlias: 1 })\nawait wire.hold('type:pubrel client:pump-*')\nawait wire.hold()",
      "await link(pump).loss(0.5)\nawait observer.publish('a/b', '#')\nawait expect(pump.exchanges).toShow('publish', 'PUBREC✕', '~').ofTopic('a/#')",
      'pump.powerLoss().catch(() => {})',
      'void pump.powerLoss().then(() => {})\npump.powerLoss().then(() => {}, () => {})\nlink(pump).drop().then(() => {})',
      "if ((1 as number) === ('a' as string | number) || ('a' as 'a') === ('b' as 'b')) await wait('1s')",
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
      "const mine = { topic: 'a/#/b', times: 0, exactly: 0 }\nawait expect(mine).toEqual({ topic: 'a/#/b', times: 0, exactly: 0 })",
      "await observer.publish('a', { topic: 'a/#/b', will: { topic: '+' } })\nawait expect(watch).toReceive({ payload: { topic: '+a', times: 0 } })",
      'await expect(watch).toReceive({ topic: `$' +
        "{pump.id}/#` }, { exactly: 1 })\nawait link(pump).drop({ topic: 'plant/+/#', nth: 1, times: 1, probability: 0 })",
      'devices.pump.forEach((each) => link(each).drop())\nvoid devices.pump.forEach(async (each) => { await each.powerLoss() })',
      'const jobs: Promise<void>[] = []\ndevices.pump.forEach((each) => jobs.push(each.powerLoss()))\ndevices.pump.forEach((each) => { jobs.push(each.powerLoss()) })\nawait Promise.all(jobs)',
      'const jobs = new Map<string, Promise<void>>()\ndevices.pump.forEach((each) => jobs.set(each.id, each.powerLoss()))\nawait Promise.all(jobs.values())\njobs.forEach(async (job) => { await job })',
      'const jobs = devices.pump.map(async (each) => each.powerLoss())\nawait jobs[0]\njobs.sort()',
      'const on = devices.pump.filter((each) => each.id !== "a")\nawait on[0]?.powerOn()',
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
    expect(found['devices/pump.device.ts']?.[0]).toBe(`2:42: ${noTime('5 parsecs')}`)
  })

  it('tell the import that is missing, once', async () => {
    const source = scenario('').replace(/^.*\n/, '')
    const { found } = await mistakesIn({ 'a.scenario.ts': source })
    const said = "Cannot find name 'scenario'. Write: import { scenario } from 'faultline'"
    expect(found).toEqual({ 'a.scenario.ts': [`1:16: ${said}`] })
    const mistake = (message: string, thrown: boolean) => {
      const place = { file: 'a.scenario.ts', line: 1, column: 16 }
      return { file: 'a.scenario.ts', path: '', message, place, thrown }
    }
    const typed = mistake(said, false)
    expect(withTypes([mistake("ReferenceError: 'scenario' is not defined", true)], [typed])).toEqual([typed])
    const other = mistake('Error: no', true)
    expect(withTypes([other], [typed])).toEqual([other])
  })

  it('tell every import that leads nowhere', async () => {
    const imports = [
      "import { x } from 'node:fs'; import 'node:fs'; import './nothing'",
      "import { a } from './missing'",
      "import b from 'package'",
      "import c from '../../c'",
      "import type { D } from './missing'",
      "import { e } from './lib/there'",
      "export const f = () => import('./missing')",
    ]
    const source = `${imports.join('\n')}\n${scenario('')}`
    const { found } = await mistakesIn(
      { 'scenarios/a.scenario.ts': source },
      { 'scenarios/lib/there.ts': "export { g as e } from './g.ts'\n" },
    )
    expect(found['scenarios/lib/there.ts']).toEqual(["1:24: cannot import './g.ts': there is no scenarios/lib/g.ts"])
    expect(found['scenarios/a.scenario.ts']).toEqual([
      "1:19: cannot import 'node:fs': a script has 'faultline' and modules of its workspace, such as './lib/curves'",
      "1:37: cannot import 'node:fs': a script has 'faultline' and modules of its workspace, such as './lib/curves'",
      "1:55: cannot import './nothing': there is no scenarios/nothing.ts",
      "2:19: cannot import './missing': there is no scenarios/missing.ts",
      "3:15: cannot import 'package': a script has 'faultline' and modules of its workspace, such as './lib/curves'",
      "4:15: cannot import '../../c': it is outside of the workspace",
    ])
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
