import { once } from 'node:events'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { CaptureBatch } from '../../../app/capture/batch.ts'
import type { Captured, CapturedEvent, ConnectionEvent } from '../../../app/capture/captured.ts'
import type { Caller } from '../../../app/contract/caller.ts'
import { addUser } from '../../../main/broker/access/edit-users.ts'
import { ensureCertificates } from '../../../main/broker/certificates/workspace-certificates.ts'
import { buildDeviceAssets, type DeviceAssets } from '../../helpers/device-assets.ts'
import { ran } from '../../helpers/listener-bench.ts'
import { openWorkbench } from '../../helpers/open-workbench.ts'
import { freePort } from '../../helpers/ports.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { until } from '../../helpers/until.ts'

let assets: DeviceAssets
beforeAll(async () => {
  assets = await buildDeviceAssets()
})
afterAll(() => assets.dispose())

const settings = (broker: object, more: object = {}) => ({ 'faultline.json': JSON.stringify({ broker, ...more }) })

async function events(caller: Caller): Promise<CapturedEvent[]> {
  const { block } = await caller.call('capture.read', { capture: 'live', from: 1, limit: 4096 })
  const batch = new CaptureBatch(block)
  const all = Array.from({ length: batch.count }, (_, i) => batch.at(i) as Captured)
  return all.filter((record) => record.kind === 'event')
}

type Kind = ConnectionEvent['type']

function captured<T extends Kind>(caller: Caller, type: T) {
  return until(`there is a "${type}"`, async () => {
    const all = (await events(caller)).map(({ event }) => event)
    const found = all.filter((event): event is Extract<ConnectionEvent, { type: T }> => event.type === type)
    return found.length > 0 && found
  })
}

const portOf = (urls: readonly string[], scheme: string) => {
  const url = urls.find((each) => each.startsWith(`${scheme}:`))
  return String(new URL(String(url)).port)
}

/** Debian's mosquitto_pub over TLS; says what it printed, too. @param certificate of the workspace; undefined shows none */
function publish(port: string, workspace: string, certificate: string | undefined, ...more: string[]) {
  const file = (name: string) => join(workspace, 'certificates', name)
  const shown =
    certificate === undefined ? [] : ['--cert', file(`${certificate}.crt`), '--key', file(`${certificate}.key`)]
  const where = ['-h', 'localhost', '-p', port, '--cafile', file('ca.crt')]
  return ran('mosquitto_pub', [...where, ...shown, '-t', 'a', '-m', 'hello', '-q', '1', ...more])
}

async function subscriber(port: number, filter = 'a') {
  const client = await RawClient.connect(port, 'watcher')
  onTestFinished(() => client.reset())
  await client.subscribe(filter, 1)
  return client
}

describe('a workbench that listens for TLS', () => {
  const mutual = { mqtts: 0, tls: { clientCertificate: 'required' } }

  it('lets a client with a good certificate through the Link, and the capture says how it came', async () => {
    const { caller, port, urls, workspace } = await openWorkbench({ files: settings(mutual) })
    const watcher = await subscriber(port)
    expect(await publish(portOf(urls, 'mqtts'), workspace, 'client', '-i', 'gate')).toEqual({ code: 0, output: '' })
    expect(String((await watcher.receive('publish')).payload)).toBe('hello')
    const opened = await captured(caller, 'opened')
    expect(opened).toMatchObject([
      { transport: 'tcp' },
      { transport: 'tls', security: expect.stringMatching(/^TLSv1\.3, certificate of client until 20\d\d-\d\d-\d\d$/) },
    ])
    const { messages } = await caller.call('messages.follow', { capture: 'live' })
    expect(messages).toMatchObject([{ topic: 'a', publisherId: 'gate', subscriberIds: ['watcher'] }])
  })

  it.each([
    ['expired', /^the client's certificate \(expired\) has expired: it was valid until 20/],
    ['revoked', /^the client's certificate \(revoked\) was revoked by Faultline workspace/],
    ['stranger', /^the client's certificate \(stranger\) is not trusted: Stranger .* has signed it/],
    [undefined, /^the client showed no certificate, and this listener requires one$/],
  ])('captures why it turned away a client whose certificate is %s', async (certificate, reason) => {
    const { caller, lines, urls, workspace } = await openWorkbench({ files: settings(mutual) })
    const url = urls.find((each) => each.startsWith('mqtts:'))
    expect((await publish(portOf(urls, 'mqtts'), workspace, certificate)).code).not.toBe(0)
    const [failed] = await captured(caller, 'handshake failed')
    expect(failed).toMatchObject({ transport: 'tls', reason: expect.stringMatching(reason) })
    expect(lines).toContain(`${failed?.remote} did not get in at ${url}: ${failed?.reason}`)
    // It never was a Network Connection.
    expect((await events(caller)).map(({ connection, event }) => [connection, event.type])).toEqual([
      [0, 'handshake failed'],
    ])
    expect(await caller.call('connections.list', {})).toEqual([])
  })

  it('says that a client does not trust it, or does not speak TLS', async () => {
    const { caller, urls } = await openWorkbench({ ports: { mqtts: 0 } })
    const port = portOf(urls, 'mqtts')
    const stranger = await strangersWorkspace()
    expect((await publish(port, stranger, undefined)).code).not.toBe(0)
    const [first] = await captured(caller, 'handshake failed')
    expect(first?.reason).toBe(
      "the client refused the broker's certificate: it does not know the authority that signed it",
    )
    expect((await ran('mosquitto_pub', ['-h', '127.0.0.1', '-p', port, '-t', 'a', '-m', 'x'])).code).not.toBe(0)
    const plain = 'what the client speaks is not TLS: is it plain MQTT, at the port of mqtts?'
    await until('plain MQTT is told of', async () => {
      return (await captured(caller, 'handshake failed')).some(({ reason }) => reason === plain)
    })
  })

  it('checks by an authority that was changed while it runs', async () => {
    const tls = { clientCertificate: 'required', revoked: false }
    const { caller, lines, urls, workspace } = await openWorkbench({ files: settings({ mqtts: 0, tls }) })
    const port = portOf(urls, 'mqtts')
    const send = () => publish(port, workspace, 'client')
    expect((await send()).code).toBe(0)
    // Whom the one before has signed is a stranger now.
    const other = join(await strangersWorkspace(), 'certificates/ca.crt')
    await copyFile(other, join(workspace, 'certificates/ca.crt'))
    const reason = /^the client's certificate \(client\) is not trusted: Faultline workspace .* has signed it/
    await until('the client is a stranger', async () => {
      // It trusts the broker no more either, which comes first: this one looks at nothing.
      const own = join(workspace, 'certificates/client')
      const shown = ['-cert', `${own}.crt`, '-key', `${own}.key`]
      await ran('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...shown])
      const all = (await events(caller)).map(({ event }) => event)
      return all.some((event) => event.type === 'handshake failed' && reason.test(event.reason))
    })
    expect(lines.filter((line) => line.includes('mistake'))).toEqual([])
  })
})

/** Another workspace with certificates of its own. */
async function strangersWorkspace(): Promise<string> {
  const { workspace } = await openWorkbench()
  await ensureCertificates(workspace, Date.now())
  return workspace
}

describe('a workbench that listens for WebSockets', () => {
  it('takes MQTT.js in over ws and wss, through the Link', async () => {
    const { caller, port, urls, workspace } = await openWorkbench({ ports: { ws: 0, wss: 0 } })
    expect(urls.map((url) => new URL(url).protocol)).toEqual(['mqtt:', 'ws:', 'wss:'])
    const watcher = await subscriber(port)
    const ca = await readFile(join(workspace, 'certificates/ca.crt'))
    for (const url of urls.slice(1)) {
      const clientId = new URL(url).protocol
      const client = await mqtt.connectAsync(url, { ca, clientId, reconnectPeriod: 0, protocolVersion: 5 })
      await client.publishAsync('a', clientId, { qos: 2 })
      await client.endAsync()
      expect(String((await watcher.receive('publish')).payload)).toBe(clientId)
    }
    const opened = await captured(caller, 'opened')
    expect(opened.map(({ security, transport }) => [transport, security])).toEqual([
      ['tcp', undefined],
      ['ws', undefined],
      ['wss', 'TLSv1.3'],
    ])
  })

  it('captures why a WebSocket was refused', async () => {
    const { caller, urls } = await openWorkbench({ files: settings({ ws: 0, webSocket: { path: '/mqtt' } }) })
    const wrong = `ws://127.0.0.1:${portOf(urls, 'ws')}/other`
    const socket = new WebSocket(wrong, 'mqtt')
    const [error] = await once(socket, 'error')
    expect(String(error)).toContain('404')
    expect(await captured(caller, 'handshake failed')).toMatchObject([
      { transport: 'ws', reason: 'the client asked for /other, and MQTT is served at /mqtt' },
    ])
  })
})

describe('a workbench with users and rules', () => {
  const login = (name: string, password: string) => ['-u', name, '-P', password]
  const send = (port: number, topic: string, ...more: string[]) =>
    ran('mosquitto_pub', ['-h', '127.0.0.1', '-p', String(port), '-t', topic, '-m', 'x', '-q', '1', ...more])

  it('lets in who has the password, and says why of others', async () => {
    const { caller, port, workspace } = await openWorkbench()
    expect((await send(port, 'a')).code).toBe(0)
    await addUser(workspace, 'ann', 'right')
    await until('who has no password is kept out', async () => (await send(port, 'a')).code !== 0)
    expect((await send(port, 'a', ...login('ann', 'right'))).code).toBe(0)
    expect((await send(port, 'a', ...login('ann', 'wrong'))).code).toBe(4)
    const closed = (await captured(caller, 'closed')).map(({ reason }) => reason)
    expect(closed).toContain('refused: the password of the user ann is wrong')
    expect(closed).toContain('refused: the client has no user name, and anonymous clients may not connect')
  })

  it('captures what a rule denies, with the rule', async () => {
    const acl = {
      rules: [
        { deny: 'publish', topics: ['plant/#'] },
        { deny: 'subscribe', topics: ['secret/#'] },
      ],
    }
    const { caller, port } = await openWorkbench({ files: settings({ access: { acl } }) })
    const watcher = await subscriber(port, 'other')
    expect((await send(port, 'plant/1', '-i', 'pump')).code).toBe(0)
    expect((await send(port, 'other', '-i', 'pump')).code).toBe(0)
    expect((await watcher.receive('publish')).topic).toBe('other')
    await watcher.subscribe('secret/+', 1)
    expect(await captured(caller, 'denied')).toEqual([
      {
        type: 'denied',
        clientId: 'pump',
        action: 'publish',
        topic: 'plant/1',
        rule: 'rule 1: deny publish to plant/#',
      },
      {
        type: 'denied',
        clientId: 'watcher',
        action: 'subscribe',
        topic: 'secret/+',
        rule: 'rule 2: deny subscribe to secret/#',
      },
    ])
  })

  it('drops a will that a rule denies, with the rule', async () => {
    const acl = { rules: [{ deny: 'publish', topics: ['will/#'] }] }
    const { caller, port } = await openWorkbench({ files: settings({ access: { acl } }) })
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
      clientId: 'pump',
      reconnectPeriod: 0,
      will: { topic: 'will/pump', payload: Buffer.from('gone'), qos: 1, retain: false },
    })
    client.stream.destroy()
    expect(await captured(caller, 'will dropped')).toMatchObject([
      { clientId: 'pump', reason: expect.stringContaining('will/#') },
    ])
  })

  it('follows faultline.json while it runs', async () => {
    const { caller, lines, port, workspace } = await openWorkbench({ files: settings({}) })
    const file = join(workspace, 'faultline.json')
    expect((await send(port, 'plant/1')).code).toBe(0)
    const rules = [{ deny: 'publish', topics: ['plant/#'] }]
    await writeFile(file, settings({ access: { acl: { rules } }, limits: { maxQueued: 7 } })['faultline.json'])
    await until('the rule is in force', async () => {
      await send(port, 'plant/1')
      return (await events(caller)).some(({ event }) => event.type === 'denied')
    })
    expect((await caller.call('broker.limits', {})).maxQueued).toBe(7)
    await writeFile(file, settings({ ws: 0 })['faultline.json'])
    const told = '"broker.ws" of faultline.json changed: that counts from the next start on'
    await until('it says what has to wait', () => lines.includes(told))
    expect((await caller.call('broker.limits', {})).maxQueued).toBe(1_000_000)
  })
})

describe("a device that dials the workbench's own TLS listener", () => {
  it('is refused when its certificate has expired, and both sides of it are captured', async () => {
    const port = await freePort()
    const url = `mqtts://localhost:${port}`
    const script = `import { device } from 'faultline'
export default device(() => ({ client: { reconnect: { after: '50ms', factor: 1, jitter: 0 } } }))
`
    const broker = { mqtts: port, tls: { clientCertificate: 'required' } }
    const target = { url, ca: 'certificates/ca.crt', certificate: 'client' }
    const { caller } = await openWorkbench({ assets, scripts: { probe: script }, files: settings(broker, { target }) })
    const reaches = (state: string) =>
      until(`the device is ${state}`, async () => {
        const [found] = await caller.call('devices.list', {})
        return found?.state === state && found
      })
    await reaches('online')
    await caller.call('devices.act', { id: 'probe', action: 'useCertificate', settings: { certificate: 'expired' } })
    const refused = await reaches('backing off')
    expect(refused.reason).toBe(
      'the target closed the connection after the TLS handshake: it may not accept the client certificate',
    )
    expect((await captured(caller, 'target failed'))[0]).toEqual({ type: 'target failed', url, reason: refused.reason })
    await caller.call('devices.act', { id: 'probe', action: 'heal' })
    await reaches('online')
  })
})
