import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { describe, expect, it, onTestFinished } from 'vitest'
import { addUser } from '../../../main/broker/access/edit-users.ts'
import type { Listener } from '../../../main/broker/listeners/listener.ts'
import { createAccess, openListeners } from '../../../main/workbench/broker-parts.ts'
import { systemClock } from '../../../main/workbench/system-clock.ts'
import { parseSettings } from '../../../main/workspace/settings.ts'
import { leadTo, publishOverTls, ran } from '../../helpers/listener-bench.ts'
import { startMosquitto } from '../../helpers/mosquitto-broker.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const settingsOf = (broker: unknown) => parseSettings(JSON.stringify({ broker })).broker

async function open(broker: unknown, ports = {}, workspace?: string) {
  const folder = workspace ?? (await temporaryFolder())
  const lines: string[] = []
  const listeners = await openListeners({
    clock: systemClock,
    workspace: folder,
    settings: settingsOf(broker),
    ports: { mqtt: 0, ...ports },
    log: (line) => lines.push(line),
  })
  onTestFinished(async () => {
    await Promise.all(listeners.map((listener) => listener.close()))
  })
  return { listeners, lines, workspace: folder }
}

function schemes(listeners: readonly Listener[]): string[] {
  return listeners.map(({ url }) => new URL(url).protocol)
}

describe('openListeners', () => {
  it('opens MQTT over TCP alone where nothing else is said, and makes no certificates', async () => {
    const { listeners, lines, workspace } = await open(undefined)
    expect(schemes(listeners)).toEqual(['mqtt:'])
    expect(lines).toEqual([])
    await expect(readFile(join(workspace, 'certificates/ca.crt'))).rejects.toThrow()
  })

  it('opens all four, each for real clients', async () => {
    const { listeners, workspace } = await open({ ws: 0, wss: 0, webSocket: { path: '/mqtt' } }, { mqtts: 0 })
    expect(schemes(listeners)).toEqual(['mqtt:', 'ws:', 'mqtts:', 'wss:'])
    const broker = await startMosquitto()
    for (const listener of listeners) leadTo(listener, broker.port)
    const ca = await readFile(join(workspace, 'certificates/ca.crt'))
    for (const { url } of listeners) {
      const client = await mqtt.connectAsync(url, { ca, reconnectPeriod: 0 })
      await client.publishAsync('a', 'x', { qos: 2 })
      await client.endAsync()
    }
    const [tcp, , tls] = listeners
    const plain = ['-h', '127.0.0.1', '-p', String(tcp?.port), '-t', 'a', '-m', 'x', '-q', '2']
    expect(await ran('mosquitto_pub', plain)).toEqual({ code: 0, output: '' })
    expect((await publishOverTls(tls as Listener, workspace, undefined)).code).toBe(0)
  })

  it('checks client certificates as the settings say', async () => {
    const tls = { clientCertificate: 'required', maxVersion: '1.2', certificate: 'server-chain' }
    const { listeners, workspace } = await open({ mqtts: 0, tls })
    const broker = await startMosquitto()
    const led = leadTo(listeners[1] as Listener, broker.port)
    expect((await publishOverTls(listeners[1] as Listener, workspace, 'client')).code).toBe(0)
    expect(led.through).toMatchObject([{ tls: { protocol: 'TLSv1.2' }, certificate: { commonName: 'client' } }])
    expect((await publishOverTls(listeners[1] as Listener, workspace, 'revoked')).code).not.toBe(0)
    expect(led.refused.map(({ reason }) => reason)).toEqual([expect.stringContaining('was revoked')])
  })

  it('says loudly what others than this machine reach', async () => {
    const { listeners, lines } = await open({ host: '0.0.0.0', wss: 0 })
    const [tcp, wss] = listeners
    expect(tcp?.url).toBe(`mqtt://127.0.0.1:${tcp?.port}`)
    expect(lines).toEqual([
      `ATTENTION: mqtt on port ${tcp?.port} is open to every network of this machine: whoever reaches it can use this broker, and all of it, passwords too, can be read on the way`,
      `ATTENTION: wss on port ${wss?.port} is open to every network of this machine: whoever reaches it can use this broker`,
    ])
  })

  it('opens none where one cannot be had', async () => {
    const { listeners } = await open(undefined)
    const taken = listeners[0]?.port
    await expect(open({ ws: taken })).rejects.toMatchObject({
      code: 'port-in-use',
      hint: expect.stringContaining('--ws'),
    })
    const tls = { certificate: 'none' }
    await expect(open({ mqtts: 0, tls })).rejects.toMatchObject({ code: 'not-found' })
    await expect(
      open({ mqtts: 0, tls: { clientCertificate: 'wanted', clientAuthority: '../ca.crt' } }),
    ).rejects.toMatchObject({ code: 'forbidden' })
  })
})

describe('createAccess', () => {
  const attempt = (userName: string, password: string) => ({
    clientId: 'a',
    userName,
    password: Buffer.from(password),
    connection: { transport: 'tcp', remote: '127.0.0.1:1', certificate: undefined, tls: undefined } as const,
  })

  it('has the users and the rules of the workspace', async () => {
    const workspace = await temporaryFolder()
    const rules = [{ allow: 'all', topics: ['{username}/#'] }]
    const settings = settingsOf({ access: { acl: { rules, otherwise: 'deny' } } })
    const access = createAccess({ clock: systemClock, workspace, settings })
    expect(await access.authenticate(attempt('ann', 'x'))).toMatchObject({ allowed: true })
    await addUser(workspace, 'ann', 'right')
    const fresh = createAccess({ clock: systemClock, workspace, settings })
    expect(await fresh.authenticate(attempt('ann', 'x'))).toMatchObject({ allowed: false, code: 0x86 })
    expect(await fresh.authenticate(attempt('ann', 'right'))).toMatchObject({ allowed: true })
    expect(fresh.mayPublish({ clientId: 'a', userName: 'ann' }, 'ann/1')).toMatchObject({ allowed: true })
    expect(fresh.maySubscribe({ clientId: 'a', userName: 'ann' }, '+/1')).toMatchObject({ allowed: false })
  })

  it('lets nobody in where the file of users is broken', async () => {
    const workspace = await temporaryFolder()
    await mkdir(join(workspace, 'broker'))
    await writeFile(join(workspace, 'broker/users.json'), '{')
    const access = createAccess({ clock: systemClock, workspace, settings: undefined })
    expect(await access.authenticate(attempt('ann', 'x'))).toMatchObject({ allowed: false, code: 0x88 })
  })
})
