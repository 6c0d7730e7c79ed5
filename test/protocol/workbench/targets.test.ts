import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CaptureBatch } from '../../../app/capture/batch.ts'
import type { Captured, ConnectionEvent } from '../../../app/capture/captured.ts'
import type { Caller } from '../../../app/contract/caller.ts'
import type { DeviceSnapshot, DeviceState } from '../../../app/device/device-snapshot.ts'
import { ruleDefaults } from '../../../app/faults/check-rule.ts'
import { summarize } from '../../../app/mqtt/summary.ts'
import { TestAuthority } from '../../helpers/certificates.ts'
import { buildDeviceAssets, type DeviceAssets } from '../../helpers/device-assets.ts'
import { startMosquitto, startMosquittoTls } from '../../helpers/mosquitto-broker.ts'
import { openWorkbench } from '../../helpers/open-workbench.ts'
import { freePort } from '../../helpers/ports.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { until } from '../../helpers/until.ts'

let assets: DeviceAssets
beforeAll(async () => {
  assets = await buildDeviceAssets()
})
afterAll(() => assets.dispose())

/** A device that says what it hears, and publishes at QoS 2 when it is told to. */
const probe = `import { device, log } from 'faultline'
export default device(({ id }) => ({
  client: {
    cleanStart: false,
    keepAlive: '30s',
    reconnect: { after: '50ms', factor: 1, jitter: 0 },
    will: { topic: \`will/\${id}\`, payload: 'gone', qos: 1 },
  },
  async connected({ client, sessionPresent }) {
    if (!sessionPresent) await client.subscribe(\`do/\${id}\`, { qos: 2 })
    log('ready')
  },
  message({ client, text }) {
    log('heard', text)
    void client.publish(\`said/\${id}\`, text, { qos: 2 })
  },
  disconnected({ reason }) {
    log('disconnected:', reason)
  },
}))
`

const workspaceOf = (settings: object) => ({
  'devices/probe.device.ts': probe,
  'faultline.json': JSON.stringify({ devices: { probe: { script: 'probe' } }, ...settings }),
})

async function device(caller: Caller): Promise<DeviceSnapshot> {
  const [found] = await caller.call('devices.list', {})
  if (found === undefined) throw new Error('there is no device')
  return found as DeviceSnapshot
}

async function reaches(caller: Caller, state: DeviceState): Promise<DeviceSnapshot> {
  const probe = async () => {
    const snapshot = await device(caller)
    return snapshot.state === state && snapshot
  }
  return until(`the device is ${state}`, probe).catch(async (error: Error) => {
    const { state: now, reason } = await device(caller)
    throw new Error(`${error.message}: it is ${now} (${reason})`)
  })
}

function says(caller: Caller, text: string, id = 'probe'): Promise<boolean> {
  const probe = async () => {
    const { lines } = await caller.call('devices.console', { id })
    return lines.some((line) => line.text === text)
  }
  return until(`${id} says ${text}`, probe)
}

async function records(caller: Caller): Promise<Captured[]> {
  const { block } = await caller.call('capture.read', { capture: 'live', from: 1, limit: 4096 })
  const batch = new CaptureBatch(block)
  return Array.from({ length: batch.count }, (_, i) => batch.at(i) as Captured)
}

const eventsOf = (all: readonly Captured[]): ConnectionEvent[] =>
  all.flatMap((record) => (record.kind === 'event' ? [record.event] : []))

const order = (payload: string) =>
  ({ cmd: 'publish', topic: 'do/probe', payload, qos: 0, dup: false, retain: false }) as const

describe('devices with a target', () => {
  it('connect to it and to nothing else, and say what they connect to', async () => {
    const broker = await startMosquitto()
    const url = `mqtt://127.0.0.1:${broker.port}`
    const { caller } = await openWorkbench({ assets, files: workspaceOf({ target: url }) })
    const watcher = await RawClient.connect(broker.port, 'watcher')
    await watcher.subscribe('said/#', 2)
    expect((await reaches(caller, 'online')).target).toBe(url)
    await says(caller, 'ready')
    watcher.send(order('hello'))
    expect((await watcher.receive('publish')).payload.toString()).toBe('hello')
    expect(eventsOf(await records(caller))).toContainEqual({ type: 'target reached', url })
    // Of what goes on in a broker that is not ours, nothing is claimed.
    expect(await caller.call('sessions.list', {})).toEqual([])
    watcher.reset()
  })

  it('go to the one that the command line names, where they have none of their own', async () => {
    const broker = await startMosquitto()
    const files = workspaceOf({
      target: 'mqtt://127.0.0.1:1',
      devices: { probe: { script: 'probe' }, own: { script: 'probe', target: 'mqtt://127.0.0.1:2' } },
    })
    const target = `mqtt://127.0.0.1:${broker.port}`
    const { caller } = await openWorkbench({ assets, files, target })
    const devices = await until('one is online and one backs off', async () => {
      const all = await caller.call('devices.list', {})
      return all.map(({ state }) => state).join() === 'online,backing off' && all
    })
    expect(devices.map((each) => each.target)).toEqual([target, 'mqtt://127.0.0.1:2'])
  })

  it('go to another one when the settings name another one', async () => {
    const [first, second] = [await startMosquitto(), await startMosquitto()]
    const urls = [first, second].map(({ port }) => `mqtt://127.0.0.1:${port}`)
    const { caller, workspace, lines } = await openWorkbench({ assets, files: workspaceOf({ target: urls[0] }) })
    await reaches(caller, 'online')
    await writeFile(join(workspace, 'faultline.json'), workspaceOf({ target: 'nonsense' })['faultline.json'])
    await until('the mistake is told', () => lines.some((line) => line.includes('a target is a URL such as')))
    await writeFile(join(workspace, 'faultline.json'), workspaceOf({ target: urls[1] })['faultline.json'])
    await until('it is known to the other broker', () => second.log().includes('as probe'))
    expect((await reaches(caller, 'online')).target).toBe(urls[1])
  })

  it('back off with the reason when nobody is there', async () => {
    const port = await freePort()
    const url = `mqtt://127.0.0.1:${port}`
    const { caller } = await openWorkbench({ assets, files: workspaceOf({ target: url }) })
    const reason = `nobody listens on 127.0.0.1:${port}`
    expect((await reaches(caller, 'backing off')).reason).toBe(reason)
    await says(caller, `disconnected: ${reason}`)
    const events = eventsOf(await records(caller))
    expect(events).toContainEqual({ type: 'target failed', url, reason })
    // No broker was there to close anything: the Link resets the client.
    expect(events).toContainEqual({ type: 'closed', by: 'link', cause: 'local', reason })
    const all = await records(caller)
    const failed = all.find((record) => record.kind === 'event' && record.event.type === 'target failed')
    const connections = await caller.call('connections.list', {})
    expect(connections.find(({ id }) => id === failed?.connection)?.clientId).toBe('probe')
  })
})

describe('a link to a target', () => {
  it('holds, drops and repeats packets, and the handshake says so: exactly once all the same', async () => {
    const broker = await startMosquitto()
    const { caller } = await openWorkbench({
      assets,
      files: workspaceOf({ target: `mqtt://127.0.0.1:${broker.port}` }),
    })
    const watcher = await RawClient.connect(broker.port, 'watcher')
    await watcher.subscribe('said/#', 0)
    await reaches(caller, 'online')
    await says(caller, 'ready')
    const drop = { ...ruleDefaults('drop'), clients: 'probe', filter: 'type:pubrec from:broker', times: 1 }
    await caller.call('wire.addRule', drop)
    watcher.send(order('once'))
    await until('the PUBREC was dropped', async () => (await caller.call('wire.state', {})).rules[0]?.done === true)
    // So that both send again what is not acknowledged [MQTT-4.4.0-1].
    expect(await caller.call('wire.cut', { clients: 'probe', how: 'rst' })).toEqual({ connections: 1 })
    const types = await until('the handshake is complete', async () => {
      const said = (await records(caller)).flatMap((record) => {
        if (record.kind !== 'packet') return []
        const { type, topic, dup, packetId } = summarize(record.octets, 4)
        return topic === 'said/probe' || (packetId !== undefined && /^PUB/.test(type ?? ''))
          ? [`${type}${dup ? ' DUP' : ''}`]
          : []
      })
      return said.includes('PUBCOMP') && said
    })
    expect(types).toEqual(['PUBLISH', 'PUBREC', 'PUBLISH DUP', 'PUBREC', 'PUBREL', 'PUBCOMP'])
    // This one delivers with PUBREL, and only then.
    expect((await watcher.receive('publish')).payload.toString()).toBe('once')
    watcher.send({ ...order('after'), topic: 'said/end' })
    expect((await watcher.receive('publish')).topic).toBe('said/end')
    const { messages } = await caller.call('messages.follow', { capture: 'live' })
    const message = messages.find(({ topic }) => topic === 'said/probe')
    expect(message).toMatchObject({ state: 'complete', publisherId: 'probe', deliveries: 0, qos: 2 })
    watcher.reset()
  })

  it('holds a packet at a breakpoint until it is delivered', async () => {
    const broker = await startMosquitto()
    const { caller } = await openWorkbench({
      assets,
      files: workspaceOf({ target: `mqtt://127.0.0.1:${broker.port}` }),
    })
    const watcher = await RawClient.connect(broker.port, 'watcher')
    await watcher.subscribe('said/#', 0)
    await says(caller, 'ready')
    await caller.call('wire.addBreakpoint', { filter: 'type:publish from:client' })
    watcher.send(order('held'))
    const held = await until('it is held', async () => (await caller.call('wire.state', {})).held[0])
    watcher.send({ ...order('first'), topic: 'said/first' })
    expect((await watcher.receive('publish')).topic).toBe('said/first')
    await caller.call('wire.decide', { packet: held.packet, action: 'deliver' })
    expect((await watcher.receive('publish')).topic).toBe('said/probe')
    watcher.reset()
  })

  it('shows who published and who received as one message, likely the same', async () => {
    const broker = await startMosquitto()
    const listener = `import { device, log } from 'faultline'
export default device(() => ({
  client: { cleanStart: true },
  async connected({ client }) { await client.subscribe('said/#', { qos: 1 }); log('listens') },
}))
`
    const { caller } = await openWorkbench({
      assets,
      files: {
        ...workspaceOf({
          target: `mqtt://127.0.0.1:${broker.port}`,
          devices: { probe: { script: 'probe' }, listener: { script: 'listener' } },
        }),
        'devices/listener.device.ts': listener,
      },
    })
    await says(caller, 'ready')
    await says(caller, 'listens', 'listener')
    const watcher = await RawClient.connect(broker.port, 'watcher')
    watcher.send(order('to all'))
    const message = await until('the message is complete', async () => {
      const { messages } = await caller.call('messages.follow', { capture: 'live' })
      return messages.find(
        ({ topic, state, subscribers }) => topic === 'said/probe' && state === 'complete' && subscribers > 0,
      )
    })
    expect(message).toMatchObject({ publisherId: 'probe', subscriberIds: ['listener'], match: 'likely', qos: 2 })
    const whole = await caller.call('messages.get', { capture: 'live', id: message.id })
    expect(whole.publisher?.steps.map((step) => 'type' in step && step.type)).toEqual([
      'PUBLISH',
      'PUBREC',
      'PUBREL',
      'PUBCOMP',
    ])
    expect(whole.exchanges[0]?.steps.map((step) => 'type' in step && step.type)).toEqual(['PUBLISH', 'PUBACK'])
    watcher.reset()
  })

  it('is cut with the power of the device, and the broker there publishes its will', async () => {
    const broker = await startMosquitto()
    const { caller } = await openWorkbench({
      assets,
      files: workspaceOf({ target: `mqtt://127.0.0.1:${broker.port}` }),
    })
    const watcher = await RawClient.connect(broker.port, 'watcher')
    await watcher.subscribe('will/#', 0)
    await reaches(caller, 'online')
    await caller.call('devices.act', { id: 'probe', action: 'powerLoss' })
    expect((await watcher.receive('publish')).topic).toBe('will/probe')
    expect(eventsOf(await records(caller)).map(({ type }) => type)).toEqual([
      'opened',
      'target reached',
      'fault',
      'closed',
    ])
    watcher.reset()
  })
})

describe('useCertificate', () => {
  it('connects anew with another certificate, shows why the target refuses it, and heals', async () => {
    const authority = await TestAuthority.create()
    const clients = await TestAuthority.create('Client Authority')
    const broker = await startMosquittoTls({ ...(await authority.forBroker()), clientAuthority: clients.certificate })
    const good = await clients.forClient('probe')
    const expired = await clients.forClient('probe', -2e9, -1e9)
    const url = `mqtts://localhost:${broker.port}`
    const { caller } = await openWorkbench({
      assets,
      files: {
        ...workspaceOf({ target: { url, ca: 'certificates/ca.crt', certificate: 'good' } }),
        'certificates/ca.crt': authority.certificate,
        'certificates/good.crt': good.certificate,
        'certificates/good.key': good.key,
        'certificates/expired.crt': expired.certificate,
        'certificates/expired.key': expired.key,
      },
    })
    await reaches(caller, 'online')
    await expect(
      caller.call('devices.act', { id: 'probe', action: 'useCertificate', settings: { certificate: 'none' } }),
    ).rejects.toMatchObject({ code: 'not-found', message: 'there is no certificates/none.crt in the workspace' })
    await caller.call('devices.act', { id: 'probe', action: 'useCertificate', settings: { certificate: 'expired' } })
    const refused = await reaches(caller, 'backing off')
    expect(refused).toMatchObject({
      reason: 'the target refused the client certificate: it has expired',
      faults: ["certificate 'expired'"],
      target: url,
    })
    expect(eventsOf(await records(caller))).toContainEqual({ type: 'target failed', url, reason: refused.reason })
    await caller.call('devices.act', { id: 'probe', action: 'heal' })
    expect((await reaches(caller, 'online')).faults).toEqual([])
  })

  it('is refused where the broker is our own, which speaks no TLS', async () => {
    const { caller } = await openWorkbench({ assets, files: workspaceOf({}) })
    await reaches(caller, 'online')
    await expect(
      caller.call('devices.act', { id: 'probe', action: 'useCertificate', settings: { certificate: 'any' } }),
    ).rejects.toMatchObject({ code: 'wrong-state' })
  })
})
