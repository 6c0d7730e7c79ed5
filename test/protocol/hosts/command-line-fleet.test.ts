import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildFirst, type CommandLine, faultline, launchFaultline } from '../../helpers/command-line.ts'
import { loadScript } from '../../helpers/fleet-bench.ts'
import { launchMosquitto, type MosquittoBroker, startMosquitto } from '../../helpers/mosquitto-broker.ts'
import { freePort } from '../../helpers/ports.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { until } from '../../helpers/until.ts'

const meter = loadScript(`topic: 'meter/{id}', every: '100ms', payload: '{int 0 1000000} {count}', qos: 1`)

const pump = `import { device, every } from 'faultline'
import { topicOf } from './lib/topics'
export default device(({ id }) => ({
  connected({ client }) {
    every('100ms', () => client.publish(topicOf(id), { id }, { qos: 1 }))
  },
}))`

describe('faultline fleet', () => {
  let folder: string
  let full: MosquittoBroker
  let closedPort: number
  /** Nothing but time ends them. They run beside one another, and beside the tests that come before theirs. */
  let timed: Record<'ofItsOwn' | 'unreachable' | 'refused' | 'alone', CommandLine>

  beforeAll(async () => {
    await buildFirst()
    folder = await mkdtemp(join(tmpdir(), 'faultline-'))
    full = await launchMosquitto(['max_connections 2'])
    closedPort = await freePort()
    const path = await scriptIn(folder, meter)
    const alone = join(folder, 'a.device.ts')
    await writeFile(alone, meter)
    const start = (script: string, ...words: string[]) =>
      launchFaultline(['fleet', script, ...words, '--duration', '20s', '--json'])
    const target = (port: number) => ['--target', `mqtt://127.0.0.1:${port}`]
    timed = {
      ofItsOwn: start(path, '--count', '5', '--ramp', '1s'),
      unreachable: start(path, '--count', '2', ...target(closedPort)),
      refused: start(path, '--count', '4', ...target(full.port)),
      alone: start(alone, '--count', '1'),
    }
  })
  afterAll(async () => {
    await Promise.all(Object.values(timed).map((command) => command.end()))
    await full.stop()
    await rm(folder, { recursive: true, force: true })
  })

  async function scriptWith(text: string): Promise<string> {
    return scriptIn(await temporaryFolder(), text)
  }

  async function scriptIn(folder: string, text: string): Promise<string> {
    await mkdir(join(folder, 'devices', 'lib'), { recursive: true })
    await writeFile(
      join(folder, 'devices', 'lib', 'topics.ts'),
      "export const topicOf = (id: string) => 'pump/' + id\n",
    )
    const path = join(folder, 'devices', 'a.device.ts')
    await writeFile(path, text)
    return path
  }

  function summaryOf(...words: string[]) {
    return summed(faultline(['fleet', ...words, '--json']))
  }

  async function summed(command: CommandLine) {
    const code = await command.exited
    const lines = command.stdout.split('\n')
    expect(lines, command.stderr).toEqual([expect.any(String), ''])
    return { code, stderr: command.stderr, summary: JSON.parse(String(lines[0])) }
  }

  it('runs a shard of a fleet of scripts against another broker, and ends in order when asked, with a table', async () => {
    const mosquitto = await startMosquitto()
    const watch = await RawClient.connect(mosquitto.port, 'watch')
    await watch.subscribe('pump/#', 0)
    const words = ['--count', '7', '--shard', '2/3', '--target', `mqtt://127.0.0.1:${mosquitto.port}`]
    const command = faultline(['fleet', await scriptWith(pump), ...words])
    const topics = () => watch.packets.flatMap((packet) => (packet.cmd === 'publish' ? [packet.topic] : []))
    await until('both publish', () => new Set(topics()).size === 2)
    command.child.kill('SIGINT')
    expect(await command.exited, command.stderr).toBe(0)
    expect(new Set(topics())).toEqual(new Set(['pump/a-02', 'pump/a-05']))
    const rows = command.stdout.split('\n')
    expect(rows).toContain('fleet         a: 2 scripted devices')
    expect(rows).toContain(`target        mqtt://127.0.0.1:${mosquitto.port}`)
    expect(rows).toContain('connected     2 of 2')
    expect(rows).toContain('errors        none')
    expect(rows.find((row) => row.startsWith('published'))).toMatch(/^published {5}[1-9]/)
    expect(mosquitto.log()).toMatch(/Received DISCONNECT from a-05/)
    watch.reset()
  })

  it('publishes the same for the same seed, also where two machines share the fleet', async () => {
    const path = await scriptWith(meter)
    const run = async (...shards: string[]) => {
      const mosquitto = await startMosquitto()
      const watch = await RawClient.connect(mosquitto.port, 'watch')
      await watch.subscribe('meter/#', 0)
      const words = ['--count', '4', '--seed', 'x', '--target', `mqtt://127.0.0.1:${mosquitto.port}`]
      const commands = shards.map((shard) => faultline(['fleet', path, ...words, '--shard', shard]))
      const texts = (n: number) =>
        watch.packets.flatMap((packet) =>
          packet.cmd === 'publish' && packet.topic === `meter/a-0${n}` ? [String(packet.payload)] : [],
        )
      await until('all have published', () => [1, 2, 3, 4].every((n) => texts(n).length >= 5))
      for (const command of commands) command.child.kill('SIGTERM')
      expect(await Promise.all(commands.map(({ exited }) => exited))).toEqual(shards.map(() => 0))
      watch.reset()
      return [1, 2, 3, 4].map((n) => texts(n).slice(0, 5))
    }
    const [shared, whole] = await Promise.all([run('1/2', '2/2'), run('1/1')])
    expect(shared).toEqual(whole)
  })

  it('ends with 3 as soon as its script fails, and says where', async () => {
    const path = await scriptWith(
      `import { device } from 'faultline'\nexport default device(() => { throw new Error('no') })`,
    )
    const [{ code, summary }, wrong] = await Promise.all([
      summaryOf(path, '--count', '3', '--duration', '1h'),
      summaryOf(await scriptWith(loadScript(`topic: 'a/#'`)), '--count', '3', '--duration', '1h'),
    ])
    expect(code).toBe(3)
    expect(summary.end).toBe('script error')
    expect(summary.scriptErrors).toHaveLength(3)
    expect(summary.scriptErrors[0].message).toContain('no (devices/a.device.ts:2:')
    expect(wrong.code).toBe(3)
    expect(wrong.summary.scriptErrors[0].message).toContain("'a/#' has a wildcard")
  })

  it('ends with 2 for more devices with a script of their own than there can be', async () => {
    const path = await scriptWith(`// This is no fleet.\n${pump}`)
    const command = faultline(['fleet', path, '--count', '10001', '--duration', '1h'])
    expect(await command.exited).toBe(2)
    expect(command.stderr).toMatch(/^faultline: a fleet can have 10,000 devices with a script of their own, not 10,001/)
    expect(command.stdout).toBe('')
  })

  it('ends with 5 without its script, and with 2 for a mistake in the arguments', async () => {
    const missing = faultline(['fleet', 'nowhere/none.device.ts', '--count', '1'])
    const mistaken = faultline(['fleet', 'a.device.ts', '--count', '0'])
    expect(await missing.exited).toBe(5)
    expect(missing.stderr).toMatch(/^faultline: there is no script .*none\.device\.ts; name the file of a script/)
    expect(await mistaken.exited).toBe(2)
  })

  it('runs load clients against a broker of its own, and sums up what they did', async () => {
    const { code, stderr, summary } = await summed(timed.ofItsOwn)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(summary).toMatchObject({
      fleet: 'a',
      kind: 'load',
      target: null,
      count: 5,
      wanted: 5,
      connected: 5,
      errors: {},
      scriptErrors: [],
      end: 'duration',
      exitCode: 0,
    })
    expect(summary.published).toBeGreaterThan(20)
    expect(summary.acknowledged).toBe(summary.published)
    expect(summary.latency.p50).toBeLessThanOrEqual(summary.latency.p99)
    expect(summary.seconds).toBeGreaterThanOrEqual(20)
  })

  it('ends with 5 when nobody could connect, and counts why', async () => {
    const { code, summary } = await summed(timed.unreachable)
    expect(code).toBe(5)
    expect(summary).toMatchObject({ connected: 0, published: 0, latency: null })
    expect(Object.keys(summary.errors)).toEqual([`nobody listens on 127.0.0.1:${closedPort}`])
  })

  it('ends with 4 when its time is over before all were connected', async () => {
    const { code, summary } = await summed(timed.refused)
    expect({ code, connected: summary.connected }).toEqual({ code: 4, connected: 2 })
  })

  it('lets a script by itself read nothing of what lies beside it', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'lib'))
    await writeFile(join(folder, 'lib', 'topics.ts'), "export const topicOf = (id: string) => 'pump/' + id\n")
    const path = join(folder, 'a.device.ts')
    await writeFile(path, pump)
    const { code, summary } = await summaryOf(path, '--count', '1', '--duration', '1h')
    expect({ code, end: summary.end }).toEqual({ code: 3, end: 'script error' })
    expect(summary.scriptErrors[0].message).toMatch(
      /the script lies by itself; put it into the folder devices of a workspace.*\(a\.device\.ts:2:/,
    )
    expect(await summed(timed.alone)).toMatchObject({ code: 0, summary: { connected: 1 } })
  })
})
