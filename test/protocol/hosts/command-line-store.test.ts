import { access, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildFirst, faultline } from '../../helpers/command-line.ts'
import { freePort } from '../../helpers/ports.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { startRedis } from '../../helpers/redis-server.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const quiet = ['--mqtt', '0', '--http', '0', '--no-open']

describe('faultline serve with a store', () => {
  beforeAll(buildFirst, 120_000)

  it('has sessions and retained messages after kill -9, in the workspace', async () => {
    const workspace = await temporaryFolder()
    const words = ['serve', workspace, ...quiet, '--store', 'level']
    const first = faultline(words)
    const before = await first.ready()
    const reader = await RawClient.connect(before.mqttPort, 'reader', { clean: false })
    await reader.subscribe('level', 1)
    reader.send({
      cmd: 'publish',
      topic: 'level',
      payload: '7',
      qos: 1,
      messageId: 5,
      retain: true,
      dup: false,
    })
    await reader.receive('puback')
    await first.end()
    await access(join(workspace, '.faultline/broker/CURRENT'))

    const { mqttPort } = await faultline(words).ready()
    const again = await RawClient.open(mqttPort)
    again.send({ cmd: 'connect', clientId: 'reader', protocolVersion: 4, clean: false, keepalive: 0 })
    expect(await again.receive('connack')).toMatchObject({ sessionPresent: true })
    const other = await RawClient.connect(mqttPort, 'other')
    await other.subscribe('level', 1)
    expect(String((await other.receive('publish')).payload)).toBe('7')
  })

  it('has them in a Redis, in whatever process', async () => {
    const { url } = await startRedis()
    const words = ['serve', ...quiet, '--store', url]
    const { mqttPort: first } = await faultline(words).ready()
    const { mqttPort: second } = await faultline(words).ready()
    const reader = await RawClient.connect(first, 'reader', { clean: false })
    await reader.subscribe('level', 1)
    const other = await RawClient.connect(second, 'other')
    other.send({ cmd: 'publish', topic: 'level', payload: '7', qos: 1, messageId: 5, retain: true, dup: false })
    await other.receive('puback')
    expect(String((await reader.receive('publish')).payload)).toBe('7')
    const again = await RawClient.open(second)
    again.send({ cmd: 'connect', clientId: 'reader', protocolVersion: 4, clean: false, keepalive: 0 })
    expect(await again.receive('connack')).toMatchObject({ sessionPresent: true })
  })

  it('says in one line that there is no Redis, with exit code 5', async () => {
    const port = await freePort()
    const command = faultline(['serve', ...quiet, '--store', `redis://:secret@127.0.0.1:${port}/1`])
    expect(await command.exited).toBe(5)
    expect(command.stderr).toContain(`the store in Redis at 127.0.0.1:${port}/1 cannot be reached`)
    expect(command.stderr).not.toContain('secret')
    expect(command.stderr).toContain(`nothing listens at port ${port}; start Redis`)
  })

  it('says in one line why it cannot use a folder, with exit code 5', async () => {
    const data = join(await temporaryFolder(), 'data')
    await faultline(['serve', ...quiet, '--data', data]).ready()
    const second = faultline(['serve', ...quiet, '--data', data])
    expect(await second.exited).toBe(5)
    expect(second.stderr).toMatch(/the store in \S+ is in use by another process/)
    const full = await temporaryFolder()
    await writeFile(join(full, 'notes.txt'), 'mine')
    const third = faultline(['serve', ...quiet, '--data', full])
    expect(await third.exited).toBe(5)
    expect(third.stderr).toMatch(/is no store of this broker: it has notes.txt in it/)
    const nowhere = faultline(['serve', ...quiet, '--data', '/proc/nope/deeper'])
    expect(await nowhere.exited).toBe(5)
    expect(nowhere.stderr).toMatch(/there can be no store in \/proc\/nope\/deeper: /)
  })

  it('refuses a store that there is not, with exit code 2', async () => {
    const command = faultline(['serve', ...quiet, '--store', 'disk'])
    expect(await command.exited).toBe(2)
    expect(command.stderr).toMatch(/there is no store disk/)
  })
})
