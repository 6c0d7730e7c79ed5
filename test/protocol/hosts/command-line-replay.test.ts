import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { buildFirst, faultline } from '../../helpers/command-line.ts'
import { Scene } from '../../helpers/scene.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { until } from '../../helpers/until.ts'

/** A folder with a recording of a client that subscribes, and was granted this QoS. */
async function recorded(granted = 1): Promise<string> {
  const scene = new Scene()
  scene.opened(1)
  scene.send(1, 'to broker', { cmd: 'connect', clientId: 'pump', protocolVersion: 4, clean: true, keepalive: 0 })
  scene.send(1, 'to client', { cmd: 'connack', returnCode: 0, sessionPresent: false })
  scene.send(1, 'to broker', { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'a/#', qos: 1 }] })
  scene.send(1, 'to client', { cmd: 'suback', messageId: 1, granted: [granted] })
  scene.send(1, 'to broker', { cmd: 'disconnect' })
  scene.event(1, { type: 'closed', by: 'client', cause: 'fin' })
  const file = join(await temporaryFolder(), 'day.faultline')
  await writeFile(file, (await scene.export('faultline')).octets)
  return file
}

/** Runs a command to its end. */
async function run(...words: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const command = faultline(words)
  const code = await command.exited
  return { code, stdout: command.stdout, stderr: command.stderr }
}

describe('faultline replay', () => {
  beforeAll(buildFirst, 120_000)

  it('ends with 0 where the broker answers as it did then', async () => {
    const { code, stdout, stderr } = await run('replay', await recorded(), '--speed', 'max')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.split('\n')).toEqual([
      'pump (connection 1): 3 sent, 2 received: no differences',
      expect.stringMatching(/^no differences: 1 connection to a new broker, as fast as answers came, \d+\.\d s$/),
      '',
    ])
  })

  it('ends with 1 where it does not, and lists the differences', async () => {
    const file = await recorded(0)
    const people = await run('replay', file)
    expect(people.code).toBe(1)
    expect(people.stdout).toContain(
      '\n  changed: SUBACK of SUBSCRIBE to a/#: codes was 0x00 Success, Maximum QoS 0, is 0x01 Success, Maximum QoS 1\n',
    )
    const programs = await run('replay', file, '--json', '--seed', 'lab')
    expect(programs.code).toBe(1)
    expect(JSON.parse(programs.stdout)).toMatchObject({
      recording: 'day.faultline',
      target: null,
      seed: 'lab',
      speed: 1,
      differences: 1,
      explained: 0,
      exitCode: 1,
      connections: [
        { clientId: 'pump', sent: 3, unsent: 0, received: 2, differences: [{ is: 'changed', because: null }] },
      ],
    })
  })

  it('lets rules of a file act, and refuses those that are none', async () => {
    const file = await recorded()
    const rules = `${file}.json`
    await writeFile(rules, '[{ "fault": "cut", "filter": "type:subscribe", "name": "scissors" }]')
    const { code, stdout } = await run('replay', file, '--rules', rules)
    expect(code).toBe(1)
    expect(stdout).toContain('is cut on the way: scissors')
    await writeFile(rules, '[{ "fault": "kut" }]')
    const refused = await run('replay', file, '--rules', rules)
    expect([refused.code, refused.stdout]).toEqual([2, ''])
    expect(refused.stderr).toContain('there is no fault')
  })

  it('ends with 2 for a mistake in the options, and with 5 for a file that is not there', async () => {
    const file = await recorded()
    expect(await run('replay', file, '--speed', 'fast')).toMatchObject({ code: 2, stdout: '' })
    expect(await run('replay', `${file}.not`)).toMatchObject({ code: 5, stdout: '' })
    const help = await run('replay', '--help')
    expect(help).toMatchObject({ code: 0, stderr: '' })
    expect(help.stdout).toContain('--clients <PATTERN>')
  })

  it('has not passed where it was stopped before its end', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}).resume())
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    onTestFinished(() => void silent.close())
    const target = `mqtt://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const command = faultline(['replay', await recorded(), '--target', target])
    await once(silent, 'connection')
    command.child.kill('SIGTERM')
    expect(await command.exited).toBe(130)
    expect(command.stdout).toContain(', stopped before the end')
  })

  it('goes on until Ctrl-C where it is to loop, and says how often', async () => {
    const command = faultline(['replay', await recorded(), '--loop', '--json', '--speed', 'max'])
    await until('it was replayed twice', () => command.stdout.split('\n').length > 2)
    command.child.kill('SIGINT')
    expect(await command.exited).toBe(0)
    expect(command.stderr).toMatch(/^faultline: replayed (\d+) times\n$/)
    const rounds = command.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).round)
    expect(rounds).toEqual(rounds.map((_, i) => i + 1))
    expect(command.stderr).toContain(` ${rounds.length} times`)
  })
})
