import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Checked, checkWorkspace } from '../../../main/workbench/check.ts'
import { buildDeviceAssets, type DeviceAssets } from '../../helpers/device-assets.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const root = new URL('../../../', import.meta.url)
const types = new URL('app/script-api/', root)

let assets: DeviceAssets
beforeAll(async () => {
  assets = await buildDeviceAssets()
})
afterAll(() => assets.dispose())

async function check(files: Readonly<Record<string, string>>): Promise<Checked> {
  const folder = await temporaryFolder()
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, dirname(path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  return await checkWorkspace(folder, types, assets)
}

/** What is wrong with a workspace of these files, as the command line prints it. */
async function mistakesIn(files: Readonly<Record<string, string>>): Promise<string[]> {
  const { mistakes } = await check(files)
  return mistakes.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`)
}

/** As `mistakesIn`, of a workspace with these scripts, for scripts with one mistake each: what is said of each, in order. */
async function eachMistake(scripts: readonly string[]): Promise<string[]> {
  const path = (n: number) => `devices/m${n}.device.ts`
  const mistakes = await mistakesIn(Object.fromEntries(scripts.map((text, n) => [path(n), text])))
  expect(mistakes).toHaveLength(scripts.length)
  return mistakes.map((line, n) => {
    expect(line.startsWith(`${path(n)}:`), line).toBe(true)
    return line.slice(path(n).length + 1)
  })
}

const good = `import { device } from 'faultline'\nexport default device(({ id }) => ({ client: { clientId: id } }))\n`
/** Silences the compiler on the next line. Put together, because the house allows none that is written out. */
const silencing = ['// @ts', 'expect', 'error'].join('-')
const fleetOf = (...options: string[]) => {
  return [
    "import { fleet } from 'faultline'",
    'export default fleet({',
    ...options.map((each) => `  ${each},`),
    '})',
    '',
  ].join('\n')
}

describe('the check of faultline.json', () => {
  it('finds wrong keys and values, each at its place', async () => {
    const settings = `{
  "sed": 4,
  "devices": {
    "pump": { "script": "pump", "cuont": 3 },
    "tank": { "script": "pump", "count": "many", "ramp": "5" },
    "valve": { "count": 1, "target": "http://b" }
  }
}`
    expect(await mistakesIn({ 'faultline.json': settings, 'devices/pump.device.ts': good })).toEqual([
      expect.stringMatching(/^faultline\.json:2:3: the file has no "sed"; did you mean "seed"\?/),
      expect.stringMatching(/^faultline\.json:4:33: devices\.pump has no "cuont"; did you mean "count"\?/),
      "faultline.json:5:42: devices.tank.count must be a whole number from 0 to 100000, not 'many'",
      expect.stringMatching(/^faultline\.json:5:58: devices\.tank\.ramp must be a length of time.*not '5'$/),
      'faultline.json:6:5: devices.valve needs a "script": "..."',
      expect.stringMatching(/^faultline\.json:6:38: devices\.valve\.target: a target is a URL such as/),
    ])
  })

  it('finds scripts that are not there, ids that two devices would have, and names that are there twice', async () => {
    const settings = `{ "devices": {
  "pump": { "script": "pmp", "count": 2 },
  "pump-01": { "script": "pump" },
  "p{n}": { "script": "pump", "count": 3 },
  "tank": { "script": "pump" },
  "tank": { "script": "pump" }
} }`
    expect(await mistakesIn({ 'faultline.json': settings, 'devices/pump.device.ts': good })).toEqual([
      'faultline.json:2:23: devices.pump: there is no devices/pmp.device.ts; did you mean "pump"?',
      'faultline.json:3:3: devices.pump-01: the id pump-01 is taken by a device of devices.pump',
      'faultline.json:6:3: devices.tank is there twice, and only the last one counts',
    ])
  })

  it('says where it stops being JSON, and looks at the scripts all the same', async () => {
    expect(
      await mistakesIn({
        'faultline.json': '{\n  "seed": 1,\n}',
        'devices/a.device.ts': `${good}let n: number = 'a'\n`,
      }),
    ).toEqual([
      "devices/a.device.ts:3:5: Type 'string' is not assignable to type 'number'.",
      expect.stringMatching(/^faultline\.json:3:1: it is not JSON from line 3, column 1 on/),
    ])
  })

  it('has a hint, and no mistake, for a script that no entry names', async () => {
    const files = {
      'devices/a.device.ts': good,
      'devices/b.device.ts': good,
      'devices/lib/c.ts': 'export const c = 1\n',
    }
    const settings = '{ "devices": { "a": { "script": "a" } } }'
    expect(await check({ ...files, 'faultline.json': settings })).toMatchObject({
      mistakes: [],
      hints: [{ file: 'devices/b.device.ts', message: expect.stringContaining('no device runs it') }],
    })
    expect(await check({ ...files, 'faultline.json': '{}' })).toMatchObject({ mistakes: [], hints: [] })
  })
})

describe('the check of what scripts say', () => {
  it('finds nothing wrong with what is shipped', async () => {
    const { mistakes, hints } = await checkWorkspace(fileURLToPath(new URL('simulations/', root)), types, assets)
    expect({ mistakes, hints }).toEqual({ mistakes: [], hints: [] })
  })

  // Of one workspace, because each check starts a compiler and a thread.
  const wrongOptions = [
    [["topic: 'a/#'"], /^3:3: topic 'a\/#' has a wildcard/],
    [["topic: 'a'", "every: '2d'"], /^4:3: every must not be longer than 24 h, not '2d'/],
    [["topic: 'a'", "payload: '{int 5}'"], /^4:3: payload/],
    [["topic: 'a'", "client: { username: '{nn}' }"], /^4:/],
    [
      ["topic: 'a'", silencing, "evry: '1s'"],
      /^5:3: `fleet\(\{\.\.\.\}\)` has no option `evry`; did you mean `every`\?$/,
    ],
  ] as const
  it('takes the options of a load fleet as the workbench does', async () => {
    const mistakes = await eachMistake(wrongOptions.map(([options]) => fleetOf(...options)))
    expect(mistakes).toEqual(wrongOptions.map(([, mistake]) => expect.stringMatching(mistake)))
  })

  it('runs a factory as the device does that is named first, and what it says of its client is checked', async () => {
    const text = [
      "import { device, log } from 'faultline'",
      'export default device(({ id }) => {',
      '  log(id)',
      "  if (!id.startsWith('north')) throw new Error('not of the north: ' + id)",
      "  return { client: { password: 'x' } }",
      '})',
    ].join('\n')
    const settings = '{ "devices": { "north-{n}": { "script": "a", "count": 2 } } }'
    expect(await mistakesIn({ 'devices/a.device.ts': text, 'faultline.json': settings })).toEqual([
      expect.stringMatching(/^devices\/a\.device\.ts:5:22: client\.password needs a client\.username/),
    ])
    expect(await mistakesIn({ 'devices/a.device.ts': text })).toEqual([
      expect.stringMatching(/^devices\/a\.device\.ts:4:\d+: not of the north: a$/),
    ])
  })

  it('finds files that are not there, also where no code reads them yet, and errors in those that are', async () => {
    const script = [
      "import { device, protobuf, sensor } from 'faultline'",
      "const Good = protobuf('schemas/good.proto')",
      'export default device(() => {',
      "  const late = () => [protobuf('schemas/gone.proto'), sensor.playback({ column: 'a', file: 'data/gone.csv', every: '1s' })]",
      '  return {',
      '    message() {',
      "      late().push(protobuf('../outside.proto'), Good)",
      '    },',
      '  }',
      '})',
    ].join('\n')
    const bad =
      "import { device, protobuf } from 'faultline'\nprotobuf('schemas/bad.proto')\nexport default device(() => ({}))\n"
    const other = "const protobuf = (file: string) => file\nexport default protobuf('of another program.proto')\n"
    const mistakes = await mistakesIn({
      'devices/a.device.ts': script,
      'devices/b.device.ts': bad,
      'devices/lib/other.ts': other,
      'schemas/good.proto': 'syntax = "proto3"; message Good { int32 a = 1; }',
      'schemas/bad.proto': 'syntax = "proto3";\nmessage Bad { int32 = 1; }',
    })
    expect(mistakes).toEqual([
      'devices/a.device.ts:4:32: schemas/gone.proto does not exist',
      'devices/a.device.ts:4:92: data/gone.csv does not exist',
      'devices/a.device.ts:7:28: ../outside.proto is outside of the workspace',
      expect.stringMatching(/^devices\/b\.device\.ts:2:\d+: protobuf: .*schemas\/bad\.proto, line 2\)/),
    ])
  })

  it('comes to an end whatever a script does, and looks at the others', async () => {
    const mistakes = await mistakesIn({
      'devices/a.device.ts': "import { device } from 'faultline'\nexport default device(() => {\n  for (;;) {}\n})\n",
      'devices/b.device.ts': fleetOf("topic: '+'"),
    })
    expect(mistakes).toEqual([
      expect.stringMatching(/^devices\/a\.device\.ts:\d+:\d+: .*endless loop/),
      expect.stringMatching(/^devices\/b\.device\.ts:3:3: topic '\+' has a wildcard/),
    ])
  })
})

describe('the types of a device', () => {
  const deviceOf = (...lines: string[]) => {
    return [
      "import { device } from 'faultline'",
      'export default device(({ id }) => {',
      '  return {',
      ...lines.map((line) => `    ${line}`),
      '  }',
      '})',
      '',
    ].join('\n')
  }

  const misspelt = [
    ['conected() {},', "4:5: a device has no 'conected'; did you mean 'connected'?"],
    ["'mesage': () => id,", "4:6: a device has no 'mesage'; did you mean 'message'?"],
    ['client: { clientId: id, keepalive: 3 },', "4:29: client has no 'keepalive'; it has the options of ClientOptions"],
    ["client: { will: { topic: 'a', payload: id, retian: true } },", "4:48: client.will has no 'retian'"],
    [
      'client: { clientId: id, reconnect: { aftr: 3 } },',
      "4:42: client.reconnect has no 'aftr'; did you mean 'after'?",
    ],
  ] as const
  it('do not take a name that is misspelt', async () => {
    const mistakes = await eachMistake(misspelt.map(([line]) => deviceOf(line)))
    expect(mistakes.map((text, n) => text.slice(0, misspelt[n]?.[1].length))).toEqual(misspelt.map(([, text]) => text))
  })

  it('know what the handlers are given, and take all that a device has, from any of several returns', async () => {
    const text = [
      "import { type ClientOptions, type DeviceBehaviour, device } from 'faultline'",
      "const options: ClientOptions = { clientId: 'a' }",
      'export const fixed = (): DeviceBehaviour => ({})',
      'export const other = device(fixed)',
      'export default device(({ id, random }) => {',
      '  if (random.next() > 2) return { client: options, powerOn() {} }',
      '  return {',
      "    client: { clientId: id, will: { topic: 'a', payload: id, qos: 1 }, reconnect: { after: '1s' } },",
      '    async connected({ client, sessionPresent }) {',
      "      if (!sessionPresent) await client.subscribe('a', { qos: 2 })",
      '    },',
      '    message: ({ topic, packet }) => void [topic.length, packet.qos],',
      '    disconnected({ willReconnect }) { void willReconnect },',
      '  }',
      '})',
    ].join('\n')
    expect(await mistakesIn({ 'devices/a.device.ts': text })).toEqual([])
  })

  it('take as payload what JSON can hold, also where an interface describes it, and nothing else', async () => {
    const publish = (value: string) => `async connected({ client }) { await client.publish(id, ${value}) },`
    const typed = (value: string) => {
      return `${deviceOf(publish(value))}interface Reading { celsius: number; at?: string }\nclass Sample { watts = 1 }\ndeclare const reading: Reading\n`
    }
    const files = (values: readonly string[]) =>
      Object.fromEntries(values.map((value, i) => [`devices/lib/${i}.ts`, typed(value)]))
    const fine = [
      'reading',
      '[reading]',
      '{ a: 1, b: reading }',
      'new Sample()',
      'null',
      'new Date()',
      'new Uint8Array(1)',
      '{} as Reading | string',
    ]
    expect(await mistakesIn(files(fine))).toEqual([])
    const refused = ['undefined', 'new Map()', 'new Set()', 'Promise.resolve(1)', '() => 1', "Symbol('a')", '1n']
    const mistakes = await mistakesIn(files(refused))
    expect(mistakes.map((line) => line.replace(/(\.ts:4).*/s, '$1'))).toEqual(
      refused.map((_, i) => `devices/lib/${i}.ts:4`),
    )
  })

  it('have no names of Node and of browsers, and say what there is instead', async () => {
    const lines = [
      'setTimeout(() => {}, 5)',
      'setInterval(() => {}, 5)',
      "void fetch('x')",
      "require('fs')",
      'void process.env',
      'console.log(id)',
      "void Buffer.from('x')",
    ]
    const text = deviceOf('powerOn() {', ...lines, '},')
    expect((await mistakesIn({ 'devices/a.device.ts': text })).map((line) => line.replace(/^.*?: /, ''))).toEqual([
      expect.stringMatching(/^A script has no 'setTimeout': .*`after\('1s'/),
      expect.stringMatching(/^A script has no 'setInterval': `every\('1s'/),
      expect.stringMatching(/^A script has no 'fetch': .*`client.publish`/),
      expect.stringMatching(/^A script has no 'require': `import` takes 'faultline'/),
      expect.stringMatching(/^A script has no 'process': /),
      expect.stringMatching(/^A script has no 'console': `log\(\.\.\.\)`/),
      expect.stringMatching(/^A script has no 'Buffer': `bytes`/),
    ])
  })
})
