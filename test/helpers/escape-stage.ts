import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, expect } from 'vitest'
import { Caller } from '../../app/contract/caller.ts'
import type { Result } from '../../app/contract/contract.ts'
import { createMemoryTransports } from '../../app/contract/memory-transport.ts'
import { systemClock } from '../../main/workbench/system-clock.ts'
import { startWorkbench, type Workbench } from '../../main/workbench/workbench.ts'
import { buildDeviceAssets, type DeviceAssets } from './device-assets.ts'
import { until } from './until.ts'

type Snapshot = Result<'devices.list'>[number]

/** What is outside of the workspace, or inside and not for scripts. No device may ever say or send it. */
export const secret = 'this was not for scripts'

/** A stranger's script, and what must come of it. */
export interface Escape {
  /** What it tries: `it` says so. */
  readonly tries: string
  readonly script: string
  /** Its device ends in `script error` with this message, at this place in its script (or in `file`). */
  readonly fails?: string | RegExp
  /** As `line:column` or `line`. */
  readonly at?: string
  readonly file?: string
  /** A line of its console; its device runs on. */
  readonly says?: string
}

const stranger = 'devices/stranger.device.ts'
/** As many as there can be workers: whichever is the stranger's, one of them is in it. */
const neighbours = ['neighbour-1', 'neighbour-2', 'neighbour-3', 'neighbour-4']
const neighbour = `import { device, every } from 'faultline'
export default device(({ id }) => {
  let count = 0
  return {
    connected({ client }) {
      every('20ms', () => {
        const foreign = []
        for (const name in {}) foreign.push(name)
        client.publish(\`\${id}/count\`, \`\${foreign} \${(count += 1)}\`)
      })
    },
  }
})
`

/** A script around the body of its factory, which begins on line 3. */
export function inFactory(body: string): string {
  const names = 'after, clock, device, every, faker, flash, log, sensor'
  return `import { ${names} } from 'faultline'\nexport default device(({ id, random }) => {\n${body}\n})\n`
}

/** A script that does something when it is powered on; the code begins on line 5. */
export function onPower(code: string): string {
  return inFactory(`  return {\n    async powerOn() {\n${code}\n    },\n  }`)
}

/** A script that does something when it is connected; the code begins on line 5. */
export function onConnect(code: string): string {
  return inFactory(`  return {\n    async connected({ client }) {\n${code}\n    },\n  }`)
}

/**
 * A whole workbench with healthy devices in each of its workers, and a screen that asks it without pause. `run` puts a
 * stranger's script beside them.
 */
export function setEscapeStage(title: string) {
  const figures = { cases: 0, answers: 0, worstAnswer: 0, worstReturn: 0, worst: '', longest: '' }
  let running: { folder: string; assets: DeviceAssets; workbench: Workbench; caller: Caller; client: MqttClient }
  let asking: Promise<void>
  let open = true
  let last = ''
  const counts = new Map<string, number>()
  const seen: string[] = []

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'faultline-escape-'))
    await fill(folder)
    const assets = await buildDeviceAssets()
    const workbench = await startWorkbench({
      workspace: join(folder, 'workspace'),
      host: '127.0.0.1',
      ports: { mqtt: 0 },
      assets,
      templates: new URL('../../simulations/templates/', import.meta.url),
      clock: systemClock,
      version: '0.0.0-test',
      log() {},
    })
    const [screen, host] = createMemoryTransports(structuredClone)
    workbench.attach(host)
    const caller = new Caller(screen)
    const client = await connectAsync(workbench.mqttUrl)
    client.on('message', (topic, payload) => {
      const [id = ''] = topic.split('/')
      // A neighbour sends what has come into its own objects from elsewhere, which is nothing, and counts.
      if (neighbours.includes(id) && /^ \d+$/.test(payload.toString())) counts.set(id, (counts.get(id) ?? 0) + 1)
      seen.push(`${topic} ${payload.subarray(0, 2000)}`)
      seen.splice(0, seen.length - 5000)
    })
    await client.subscribeAsync('#')
    running = { folder, assets, workbench, caller, client }
    asking = ask()
  })

  afterAll(async () => {
    open = false
    await asking
    process.stdout.write(
      `  ${title}: ${figures.cases} escapes; ${figures.answers} answers of the workbench, the worst after ` +
        `${figures.worstAnswer.toFixed(1)} ms (${figures.worst}); all neighbours back after ${figures.worstReturn.toFixed(0)} ms at most (${figures.longest})\n`,
    )
    await running.client.endAsync(true)
    running.caller.dispose()
    await running.workbench.close()
    running.assets.dispose()
    await rm(running.folder, { recursive: true })
  })

  /** Asks all the time, each question when the last one is answered, and keeps the longest time that one took. */
  async function ask(): Promise<void> {
    while (open) {
      const asked = performance.now()
      await running.caller.call('devices.list', {})
      const took = performance.now() - asked
      figures.answers++
      if (took > figures.worstAnswer) {
        figures.worstAnswer = took
        figures.worst = last
      }
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }

  async function snapshot(): Promise<Snapshot | undefined> {
    return (await running.caller.call('devices.list', {})).find(({ id }) => id === 'stranger')
  }

  async function lines(since: number): Promise<string[]> {
    const { lines } = await running.caller.call('devices.console', { id: 'stranger' })
    return lines.filter(({ time }) => time >= since).map(({ text }) => text)
  }

  /** Settles with the state of the stranger's device when it has failed or said what was waited for. */
  async function outcome({ fails, says }: Escape, since: number): Promise<Snapshot> {
    try {
      return await until('the stranger has failed or said so', async () => {
        const now = await snapshot()
        if (now?.state === 'script error' && now.since >= since) return now
        return says !== undefined && fails === undefined && (await lines(since)).includes(says) && now
      })
    } catch (error) {
      const now = await snapshot()
      throw new Error(`${error}; it is ${now?.state} (${now?.reason}) and said: ${(await lines(since)).join('\n')}`)
    }
  }

  /** All neighbours publish. Gives how long it took until the last of them did, in milliseconds. */
  async function neighboursPublish(): Promise<number> {
    const start = performance.now()
    counts.clear()
    await until('all neighbours publish', () => neighbours.every((id) => (counts.get(id) ?? 0) > 1)).catch(
      async (error) => {
        const devices = await running.caller.call('devices.list', {})
        throw new Error(
          `${error}; ${devices.map(({ id, state, reason }) => `${id} is ${state} (${reason})`).join(', ')}`,
        )
      },
    )
    return performance.now() - start
  }

  return {
    async run(attempt: Escape): Promise<void> {
      figures.cases++
      last = attempt.tries
      await neighboursPublish()
      const { caller } = running
      const { revision } = await caller.call('scripts.read', { path: stranger })
      const since = systemClock.now()
      await caller.call('scripts.write', { path: stranger, text: attempt.script, basedOn: revision })
      const { error, state } = await outcome(attempt, since)
      const returned = await neighboursPublish()
      if (returned > figures.worstReturn) {
        figures.worstReturn = returned
        figures.longest = attempt.tries
      }
      const said = await lines(since)
      if (attempt.says !== undefined) expect(said).toContain(attempt.says)
      if (attempt.fails === undefined) {
        expect(error, said.join('\n')).toBeUndefined()
        expect(state).not.toBe('script error')
      } else {
        expect(error?.message).toEqual(
          typeof attempt.fails === 'string' ? attempt.fails : expect.stringMatching(attempt.fails),
        )
        expect(error?.file).toBe(attempt.file ?? stranger)
        const [line, column] = attempt.at?.split(':').map(Number) ?? []
        if (line !== undefined) expect(error?.line).toBe(line)
        if (column !== undefined) expect(error?.column).toBe(column)
      }
      expect([...said, ...seen].filter((text) => text.includes(secret))).toEqual([])
    },
  }
}

/** Makes the workspace, and beside it what no script may see. */
async function fill(folder: string): Promise<void> {
  const workspace = join(folder, 'workspace')
  await mkdir(join(workspace, 'devices', 'lib'), { recursive: true })
  await mkdir(join(workspace, 'certificates'))
  await mkdir(join(workspace, '.hidden'))
  const module = `export default '${secret}'\n`
  await writeFile(join(folder, 'secret.ts'), module)
  await writeFile(join(folder, 'secret.csv'), `time,${secret}\n1,1\n`)
  await writeFile(join(workspace, 'certificates', 'pump.key'), module)
  await writeFile(join(workspace, '.hidden', 'secret.ts'), module)
  await symlink(join(folder, 'secret.ts'), join(workspace, 'devices', 'linked.ts'))
  await symlink(folder, join(workspace, 'devices', 'lib', 'out'))
  await writeFile(join(workspace, 'devices', 'lib', 'loop.ts'), 'export const loop = () => {\n  for (;;);\n}\n')
  await writeFile(join(workspace, 'devices', 'lib', 'stuck.ts'), 'new Array(2 ** 32 - 2).join()\nexport {}\n')
  await writeFile(join(workspace, 'devices', 'lib', 'broken.ts'), 'export const a = 1\nconst b: number = ;\n')
  await writeFile(
    join(workspace, 'devices', 'lib', 'thenable.ts'),
    'export const then = (done: unknown) => { for (;;); }\n',
  )
  await writeFile(join(workspace, 'devices', 'lib', 'big.ts'), `export const big = '${'x'.repeat(1_000_000)}'\n`)
  await writeFile(join(workspace, stranger), inFactory('  return {}'))
  await writeFile(join(workspace, 'devices', 'neighbour.device.ts'), neighbour)
  const devices = Object.fromEntries(neighbours.map((id) => [id, { script: 'neighbour' }]))
  await writeFile(
    join(workspace, 'faultline.json'),
    JSON.stringify({ devices: { ...devices, stranger: { script: 'stranger' } } }),
  )
}
