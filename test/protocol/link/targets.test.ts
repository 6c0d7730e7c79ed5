import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ConnectionEvent } from '../../../app/capture/captured.ts'
import { TestAuthority } from '../../helpers/certificates.ts'
import { Mosquitto } from '../../helpers/mosquitto.ts'
import {
  startMosquitto,
  startMosquittoTls,
  startMosquittoWebSocket,
  startMosquittoWithPasswords,
} from '../../helpers/mosquitto-broker.ts'
import { freePort } from '../../helpers/ports.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { TargetRoad } from '../../helpers/target-road.ts'
import { until } from '../../helpers/until.ts'

const typesOf = (events: readonly ConnectionEvent[]) => events.map(({ type }) => type)

describe('a target that is reached', () => {
  it.each([3, 4, 5] as const)('serves MQTT level %i as if nothing were between', async (protocolVersion) => {
    const broker = await startMosquitto()
    const road = await TargetRoad.open()
    const url = `mqtt://127.0.0.1:${broker.port}`
    const port = await road.port(url)
    const protocolId = protocolVersion === 3 ? ('MQIsdp' as const) : ('MQTT' as const)
    const client = await RawClient.connect(port, 'pump', { protocolVersion, protocolId })
    client.send({ cmd: 'disconnect' })
    await until('the broker has closed', () => client.ended)
    client.socket.end()
    await until('the connection is closed', () => typesOf(road.events()).includes('closed'))
    expect(road.events()).toEqual([
      { type: 'opened', transport: 'tcp', remote: expect.stringContaining('127.0.0.1:') },
      { type: 'target reached', url },
      { type: 'closed', by: 'broker', cause: 'fin' },
    ])
    expect(road.connections.list()).toMatchObject([{ id: 1, clientId: 'pump', protocolVersion, open: false }])
    expect(broker.log()).toContain('as pump')
  })

  it('gets all that a client says at once and then is gone', async () => {
    const broker = await startMosquitto()
    const subscriber = new Mosquitto('mosquitto_sub', broker.port, '-t', 'plant/#', '-q', '1', '-v')
    await until('it has subscribed', () => broker.log().includes('Sending SUBACK'))
    const road = await TargetRoad.open()
    const client = await RawClient.open(await road.port(`mqtt://localhost:${broker.port}`))
    client.send({ cmd: 'connect', clientId: 'hasty', protocolVersion: 4, clean: true, keepalive: 0 })
    client.send({ cmd: 'publish', topic: 'plant/a', payload: '21', qos: 1, messageId: 7, dup: false, retain: false })
    client.send({ cmd: 'disconnect' })
    client.socket.end()
    await until('it has arrived', () => subscriber.output.includes('plant/a 21'))
    await subscriber.kill()
  })

  it('is not called by a client that says nothing', async () => {
    const broker = await startMosquitto()
    const road = await TargetRoad.open()
    const client = await RawClient.open(await road.port(`mqtt://127.0.0.1:${broker.port}`))
    await until('the link is open', () => road.connections.list().length === 1)
    client.socket.end()
    await until('the connection is closed', () => client.closed)
    expect(typesOf(road.events())).toEqual(['opened', 'closed'])
    expect(broker.log()).not.toContain('New connection')
  })

  it('publishes the will of a client whose connection is reset, and not of one that says DISCONNECT', async () => {
    const broker = await startMosquitto()
    const watcher = await RawClient.connect(broker.port, 'watcher')
    await watcher.subscribe('will/#', 1)
    const road = await TargetRoad.open()
    const port = await road.port(`mqtt://127.0.0.1:${broker.port}`)
    const will = (name: string) => ({
      topic: `will/${name}`,
      payload: Buffer.from(name),
      qos: 1 as const,
      retain: false,
    })
    const polite = await RawClient.connect(port, 'polite', { will: will('polite') })
    const dead = await RawClient.connect(port, 'dead', { will: will('dead') })
    polite.send({ cmd: 'disconnect' })
    await until('the polite one is gone', () => polite.ended)
    polite.socket.end()
    dead.reset()
    expect((await watcher.receive('publish')).topic).toBe('will/dead')
    expect(broker.log()).toContain('Client polite disconnected.')
    watcher.reset()
  })

  it('refuses a password in its own words', async () => {
    const broker = await startMosquittoWithPasswords({ ann: 'secret' })
    const road = await TargetRoad.open()
    const port = await road.port(`mqtt://127.0.0.1:${broker.port}`)
    const connect = { cmd: 'connect', protocolVersion: 4, clean: true, keepalive: 0, username: 'ann' } as const
    const client = await RawClient.open(port)
    client.send({ ...connect, clientId: 'ann', password: Buffer.from('wrong') })
    expect((await client.receive('connack')).returnCode).toBe(5)
    const good = await RawClient.open(port)
    good.send({ ...connect, clientId: 'ann', password: Buffer.from('secret') })
    expect((await good.receive('connack')).returnCode).toBe(0)
    good.reset()
  })
})

describe('a target over WebSocket', () => {
  // Of what it sends over WebSocket, mosquitto 2.0.11 keeps back the end of packets above 64 KiB until it sends another.
  it('carries megabytes to the broker and what fits into a frame of it back', async () => {
    const broker = await startMosquittoWebSocket()
    const road = await TargetRoad.open()
    const url = `ws://127.0.0.1:${broker.port}/mqtt`
    const client = await RawClient.connect(await road.port(url), 'big')
    const watcher = await RawClient.connect(broker.plainPort, 'watcher')
    await watcher.subscribe('big', 0)
    await client.subscribe('small', 0)
    const payload = Buffer.alloc(3_000_000, 'faultline ')
    client.send({ cmd: 'publish', topic: 'big', payload, qos: 0, dup: false, retain: false })
    expect(payload.equals((await watcher.receive('publish')).payload as Buffer)).toBe(true)
    const small = payload.subarray(0, 50_000)
    watcher.send({ cmd: 'publish', topic: 'small', payload: small, qos: 0, dup: false, retain: false })
    expect(small.equals((await client.receive('publish')).payload as Buffer)).toBe(true)
    watcher.reset()
    client.socket.end()
    await until('the connection is closed', () => typesOf(road.events()).includes('closed'))
    expect(road.events()[1]).toEqual({ type: 'target reached', url })
  })

  it('says so when the other side speaks no WebSocket, or not for MQTT', async () => {
    const { createServer } = await import('node:http')
    const site = createServer((_request, response) => response.writeHead(404).end())
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
    const { port } = site.address() as { port: number }
    const road = await TargetRoad.open()
    expect(await road.refused(`ws://127.0.0.1:${port}/mqtt`)).toBe(
      `127.0.0.1:${port} answered the WebSocket request for /mqtt with 404 Not Found`,
    )
    await new Promise<void>((resolve) => site.close(() => resolve()))
  })
})

describe('a target that cannot be reached', () => {
  it('is an event with its reason, and the client is told before its connection is reset', async () => {
    const port = await freePort()
    const road = await TargetRoad.open()
    const url = `mqtt://127.0.0.1:${port}`
    expect(await road.refused(url)).toBe(`nobody listens on 127.0.0.1:${port}`)
    expect(road.explained).toMatchObject([{ connection: 1, clientId: 'refused' }])
    await until('the connection is closed', () => typesOf(road.events()).includes('closed'))
    const reason = `nobody listens on 127.0.0.1:${port}`
    expect(road.events().slice(1)).toEqual([
      { type: 'target failed', url, reason },
      // No broker was there to close anything: the Link resets the client.
      { type: 'closed', by: 'link', cause: 'local', reason },
    ])
  })

  it('may have a host that does not exist', async () => {
    const road = await TargetRoad.open()
    expect(await road.refused('mqtt://no-such-host.invalid')).toMatch(
      /^the host of no-such-host\.invalid:1883 (is not known: there is no such name|could not be looked up: no name server answers)$/,
    )
  })
})

describe('a target with TLS', () => {
  it('is reached when its certificate is trusted, and says which one it has', async () => {
    const authority = await TestAuthority.create()
    const pair = await authority.forBroker()
    const broker = await startMosquittoTls(pair)
    const road = await TargetRoad.open()
    await road.put('ca.crt', authority.certificate)
    const url = `mqtts://localhost:${broker.port}`
    const client = await RawClient.connect(await road.port({ url, ca: 'ca.crt', insecure: false }), 'pump')
    await client.subscribe('a', 2)
    client.reset()
    await until('the connection is closed', () => typesOf(road.events()).includes('closed'))
    const reached = road.events()[1]
    expect(reached).toMatchObject({ type: 'target reached', url })
    expect(reached).toHaveProperty(
      'security',
      expect.stringMatching(/^TLSv1\.3, certificate of the broker until \d{4}-/),
    )
    await until('the broker has seen the reset', () => /pump (closed|has|disconnected)/.test(broker.log()))
  })

  it('is reached over WebSocket too', async () => {
    const authority = await TestAuthority.create()
    const broker = await startMosquittoTls(await authority.forBroker(), ['protocol websockets'])
    const road = await TargetRoad.open()
    await road.put('ca.crt', authority.certificate)
    const url = `wss://localhost:${broker.port}/mqtt`
    const client = await RawClient.connect(await road.port({ url, ca: 'ca.crt', insecure: false }), 'pump')
    await client.subscribe('a', 2)
    client.send({ cmd: 'publish', topic: 'a', payload: 'x', qos: 0, dup: false, retain: false })
    expect((await client.receive('publish')).payload.toString()).toBe('x')
    client.reset()
    await until('the connection is closed', () => typesOf(road.events()).includes('closed'))
  })

  it('is not reached, and hears nothing, when its certificate is not trusted', async () => {
    const authority = await TestAuthority.create()
    const broker = await startMosquittoTls(await authority.forBroker())
    const road = await TargetRoad.open()
    const url = `mqtts://localhost:${broker.port}`
    expect(await road.refused(url)).toBe(
      "the target's certificate (the broker) is not trusted: Test Authority has signed it, which is not an authority known here",
    )
    await until('the connection is closed', () => typesOf(road.events()).includes('closed'))
    expect(typesOf(road.events())).toEqual(['opened', 'target failed', 'closed'])
    expect(road.events()[2]).toMatchObject({ by: 'link', cause: 'local' })
    expect(broker.log()).not.toContain('as refused')
  })

  it('is reached whatever its certificate is where that is wanted, and the capture says so', async () => {
    const authority = await TestAuthority.create()
    const broker = await startMosquittoTls(await authority.forBroker())
    const road = await TargetRoad.open()
    const url = `mqtts://localhost:${broker.port}`
    const client = await RawClient.connect(await road.port({ url, insecure: true }), 'pump')
    client.reset()
    expect(road.events()[1]).toHaveProperty('security', expect.stringContaining('not trusted and taken all the same'))
  })

  it.each([
    [
      'has expired',
      -20,
      -10,
      'localhost',
      /^the target's certificate \(the broker\) has expired: it was valid until \d/,
    ],
    [
      'is not valid yet',
      10,
      20,
      'localhost',
      /^the target's certificate \(the broker\) is not valid yet: it will be from/,
    ],
    [
      'is for another host',
      -1,
      10,
      'elsewhere.example',
      /^the target's certificate \(the broker\) is for another host: it is for elsewhere\.example, not for localhost$/,
    ],
  ])('is not reached when its certificate %s', async (_what, from, until, name, reason) => {
    const authority = await TestAuthority.create()
    const day = 86_400_000
    const pair = await authority.forBroker([{ type: 'dns', value: name }], from * day, until * day)
    const broker = await startMosquittoTls(pair)
    const road = await TargetRoad.open()
    await road.put('ca.crt', authority.certificate)
    const settings = { url: `mqtts://localhost:${broker.port}`, ca: 'ca.crt', insecure: false }
    expect(await road.refused(settings)).toMatch(reason)
  })

  it('is not one that does not speak TLS', async () => {
    const broker = await startMosquitto()
    const road = await TargetRoad.open()
    expect(await road.refused(`mqtts://127.0.0.1:${broker.port}`)).toMatch(
      /^(what listens on \S+ does not speak TLS|\S+ broke off the TLS handshake without a word: .*)$/,
    )
  })

  it.each([
    ['as soon as TLS is there', 'secureConnection', 'TLSv1.3'],
    ['as soon as TLS is there', 'secureConnection', 'TLSv1.2'],
    ['after CONNECT', 'data', 'TLSv1.3'],
    ['after CONNECT', 'data', 'TLSv1.2'],
  ] as const)('is not reached where it closes without a word %s (%s, %s)', async (_when, moment, maxVersion) => {
    const authority = await TestAuthority.create()
    const { certificate: cert, key } = await authority.forBroker()
    const server = createServer({ cert, key, maxVersion }, (socket) => {
      socket.on('error', () => socket.destroy())
      if (moment === 'secureConnection') socket.end()
      else socket.once('data', () => socket.end())
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const road = await TargetRoad.open()
    await road.put('certificates/ca.crt', authority.certificate)
    const { port } = server.address() as AddressInfo
    const target = { url: `mqtts://localhost:${port}`, ca: 'certificates/ca.crt', insecure: false }
    const reason = 'the target closed the connection after the TLS handshake: it may not accept the client certificate'
    expect(await road.refused(target)).toBe(reason)
    expect(road.events()).toContainEqual({ type: 'target failed', url: target.url, reason })
    expect(road.events().at(-1)).toEqual({ type: 'closed', by: 'link', cause: 'local', reason })
  })

  it('is not reached without the files that its settings name', async () => {
    const broker = await startMosquitto()
    const road = await TargetRoad.open()
    const url = `mqtts://127.0.0.1:${broker.port}`
    expect(await road.refused({ url, ca: 'ca.crt', insecure: false })).toBe('there is no ca.crt in the workspace')
    expect(await road.refused({ url, ca: '../ca.crt', insecure: false })).toBe('../ca.crt is not inside the workspace')
    await road.put('certificates/a.crt', 'nonsense')
    await road.put('certificates/a.key', 'nonsense')
    expect(await road.refused({ url, certificate: 'a', insecure: false })).toMatch(
      /^certificates\/a\.crt with certificates\/a\.key cannot be used: /,
    )
  })
})

describe('a target that wants client certificates', () => {
  async function strictBroker() {
    const authority = await TestAuthority.create()
    const clients = await TestAuthority.create('Client Authority')
    const broker = await startMosquittoTls({
      ...(await authority.forBroker()),
      clientAuthority: clients.certificate,
    })
    const road = await TargetRoad.open()
    await road.put('ca.crt', authority.certificate)
    const settings = { url: `mqtts://localhost:${broker.port}`, ca: 'ca.crt', insecure: false }
    return { broker, clients, road, settings }
  }

  it('takes one that its authority has signed', async () => {
    const { broker, clients, road, settings } = await strictBroker()
    await road.putCertificate('pump', await clients.forClient('pump-of-ann'))
    const client = await RawClient.connect(await road.port({ ...settings, certificate: 'pump' }), 'pump')
    client.reset()
    expect(broker.log()).toContain("u'pump-of-ann'")
  })

  it('takes another one from the next connection on when the files were replaced', async () => {
    const { broker, clients, road, settings } = await strictBroker()
    const target = { ...settings, certificate: 'pump' }
    await road.putCertificate('pump', await clients.forClient('ann'))
    const first = await RawClient.connect(await road.port(target), 'first')
    await road.putCertificate('pump', await clients.forClient('ben'))
    const second = await RawClient.connect(await road.port(target), 'second')
    first.reset()
    second.reset()
    expect(broker.log()).toMatch(/as first .*u'ann'.*as second .*u'ben'/s)
  })

  it('refuses none, in plain words', async () => {
    const { road, settings } = await strictBroker()
    expect(await road.refused(settings)).toBe('the target wants a client certificate, and none was sent')
    await until('the connection is closed', () => typesOf(road.events()).includes('closed'))
    expect(typesOf(road.events())).toEqual(['opened', 'target failed', 'closed'])
  })

  it('refuses one of a stranger and one that has expired, and takes another with connectWith', async () => {
    const { clients, road, settings } = await strictBroker()
    const stranger = await TestAuthority.create('Somebody')
    await road.putCertificate('strange', await stranger.forClient('pump'))
    await road.putCertificate('expired', await clients.forClient('pump', -2e9, -1e9))
    await road.putCertificate('good', await clients.forClient('pump'))
    expect(await road.refused({ ...settings, certificate: 'strange' })).toBe(
      'the target refused the client certificate: it does not know the authority that signed it',
    )
    const own = { ...settings, certificate: 'good' }
    const port = await road.port(own)
    const other = await road.targets.connectWith(road.targets.get(own), 'expired')
    expect(other.port).not.toBe(port)
    expect(other.url).toBe(settings.url)
    const client = await RawClient.open(other.port)
    client.send({ cmd: 'connect', clientId: 'refused', protocolVersion: 4, clean: true, keepalive: 0 })
    await until('it was explained', () => road.explained.length === 2)
    expect(road.explained[1]?.reason).toBe('the target refused the client certificate: it has expired')
    const healed = await RawClient.connect(port, 'healed')
    healed.reset()
  })

  it('has no other certificate for connectWith where the files are not there, or no TLS', async () => {
    const { road, settings } = await strictBroker()
    await road.port(settings)
    await expect(road.targets.connectWith(road.targets.get(settings), 'none')).rejects.toMatchObject({
      code: 'not-found',
      message: 'there is no certificates/none.crt in the workspace',
    })
    await road.port('mqtt://127.0.0.1:1')
    await expect(road.targets.connectWith(road.targets.get('mqtt://127.0.0.1:1'), 'none')).rejects.toMatchObject({
      code: 'wrong-state',
    })
  })
})
