import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { ensureCertificates } from '../../../../main/broker/certificates/workspace-certificates.ts'
import type { Listener, WebSocketOptions } from '../../../../main/broker/listeners/listener.ts'
import { listenSecureWebSocket, listenWebSocket } from '../../../../main/broker/listeners/web-socket-listener.ts'
import { systemClock } from '../../../../main/workbench/system-clock.ts'
import { leadTo, materialOf } from '../../../helpers/listener-bench.ts'
import { launchMosquitto, type MosquittoBroker } from '../../../helpers/mosquitto-broker.ts'
import { until } from '../../../helpers/until.ts'

const where = { host: '127.0.0.1', port: 0, clock: systemClock }
let workspace = ''
let broker: MosquittoBroker

beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'faultline-'))
  await ensureCertificates(workspace, Date.now())
  broker = await launchMosquitto()
})

afterAll(async () => {
  await broker.stop()
  await rm(workspace, { recursive: true })
})

function lead<L extends Listener>(listener: L) {
  const led = leadTo(listener, broker.port)
  return { listener, ...led, reason: () => until('somebody is refused', () => led.refused[0]?.reason) }
}

async function open(webSocket?: WebSocketOptions, timeout?: number) {
  return lead(await listenWebSocket({ ...where, webSocket, timeout }))
}

async function openSecure(clientCertificate: 'off' | 'required' = 'off') {
  const tls = { material: await materialOf(workspace), clientCertificate }
  return lead(await listenSecureWebSocket({ ...where, tls }))
}

/** MQTT.js sends a message to itself, and gives what came back. */
async function roundTrip(url: string, options: mqtt.IClientOptions = {}, payload = 'x'): Promise<string> {
  const client = await mqtt.connectAsync(url, { ...options, reconnectPeriod: 0, connectTimeout: 10_000 })
  try {
    const topic = `t/${client.options.clientId}`
    const arrived = new Promise<string>((resolve) => client.on('message', (_, octets) => resolve(String(octets))))
    await client.subscribeAsync(topic, { qos: 2 })
    await client.publishAsync(topic, payload, { qos: 2 })
    return await arrived
  } finally {
    await client.endAsync(true)
  }
}

/** What a client that asks for a WebSocket is answered: 101, or the status and the words. */
function ask(url: string, protocols: string[], headers: Record<string, string> = {}): Promise<string> {
  const client = new WebSocket(url, protocols, { headers })
  onTestFinished(() => client.terminate())
  return new Promise((resolve, reject) => {
    client.on('open', () => resolve(`101 ${client.protocol}`))
    client.on('unexpected-response', (_, response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part) => {
        text += part
      })
      response.on('end', () => resolve(`${response.statusCode} ${text.trim()}`))
    })
    client.on('error', reject)
  })
}

describe('listenWebSocket', () => {
  it.each([4, 5] as const)('serves MQTT.js with protocol version %i', async (protocolVersion) => {
    const { listener, through, refused } = await open()
    expect(listener.url).toBe(`ws://127.0.0.1:${listener.port}`)
    expect(await roundTrip(`${listener.url}/mqtt`, { protocolVersion })).toBe('x')
    expect(through).toMatchObject([{ transport: 'ws', certificate: undefined, tls: undefined }])
    expect(through[0]?.remote).toMatch(/^127\.0\.0\.1:\d+$/)
    expect(refused).toEqual([])
  })

  it('carries a message of a megabyte both ways', async () => {
    const { listener } = await open()
    const payload = 'm'.repeat(1_000_000)
    expect((await roundTrip(listener.url, {}, payload)) === payload).toBe(true)
  })

  it('answers with the subprotocol that the client asked for', async () => {
    const { listener } = await open()
    expect(await ask(listener.url, ['x', 'mqtt'])).toBe('101 mqtt')
    expect(await ask(listener.url, ['mqttv3.1'])).toBe('101 mqttv3.1')
  })

  it('refuses a client that asks for no subprotocol, or another', async () => {
    const { listener, refused } = await open()
    expect(await ask(listener.url, [])).toBe(
      '400 the client asked for no subprotocol, and MQTT over WebSocket needs "mqtt"',
    )
    expect(await ask(listener.url, ['chat'])).toMatch(/^400 .* the subprotocol chat,/)
    expect(refused.map(({ transport }) => transport)).toEqual(['ws', 'ws'])
  })

  it('serves everywhere, or at its path alone', async () => {
    expect(await ask(`${(await open()).listener.url}/anywhere?x=1`, ['mqtt'])).toBe('101 mqtt')
    const { listener } = await open({ path: '/mqtt' })
    expect(listener.url).toBe(`ws://127.0.0.1:${listener.port}/mqtt`)
    expect(await ask(`${listener.url}?token=1`, ['mqtt'])).toBe('101 mqtt')
    expect(await ask(`ws://127.0.0.1:${listener.port}/`, ['mqtt'])).toBe(
      '404 the client asked for /, and MQTT is served at /mqtt',
    )
  })

  it('serves web pages of this machine and those that it is told of, and no others', async () => {
    const { listener } = await open({ origins: ['https://dashboard.example'] })
    const from = (origin: string) => ask(listener.url, ['mqtt'], { origin })
    for (const origin of [
      'http://localhost:5173',
      'http://127.0.0.1',
      'http://[::1]:80',
      'https://dashboard.example',
    ]) {
      expect(await from(origin), origin).toBe('101 mqtt')
    }
    for (const origin of ['https://elsewhere.example', 'http://localhost.elsewhere.example', 'null']) {
      expect(await from(origin), origin).toMatch(/^403 a web page of /)
    }
    const rebound = { origin: 'http://rebound.example:80', host: 'rebound.example:80' }
    expect(await ask(listener.url, ['mqtt'], rebound)).toMatch(/^403/)
    expect(await ask((await open({ origins: ['*'] })).listener.url, ['mqtt'], { origin: 'null' })).toBe('101 mqtt')
  })

  it.each([
    ['MQTT without WebSocket', '\x10\x0d\0\x04MQTT\x04\x02\0\x3c\0\x01a', 'the client speaks MQTT without WebSocket'],
    ['TLS', '\x16\x03\x01\x02\x00', 'the client speaks TLS, which this port does not'],
    ['plain HTTP', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'the client spoke HTTP, and did not ask for a WebSocket'],
    [
      'half a handshake',
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n',
      'not a WebSocket: Missing or invalid Sec-WebSocket-Key header',
    ],
  ])('says that somebody speaks %s, and closes', async (_, octets, words) => {
    const { listener, reason, through } = await open()
    const socket = connect(listener.port, '127.0.0.1')
    const closed = once(socket.resume(), 'close')
    socket.write(octets, 'latin1')
    expect(await reason()).toBe(words)
    await closed
    expect(through).toEqual([])
  })

  it('closes a connection that says nothing, when its time is over, and none that is through', async () => {
    const { listener, reason } = await open({}, 300)
    const client = new WebSocket(listener.url, ['mqtt'])
    await once(client, 'open')
    const socket = connect(listener.port, '127.0.0.1')
    const closed = once(socket.resume(), 'close')
    expect(await reason()).toBe('the WebSocket handshake was not complete after 0.3 s')
    await closed
    expect(client.readyState).toBe(client.OPEN)
    client.terminate()
  })

  it('says that a client has gone in the middle', async () => {
    const { listener, reason } = await open()
    const socket = connect(listener.port, '127.0.0.1')
    await once(socket, 'connect')
    socket.destroy()
    expect(await reason()).toBe("the client's connection was closed before the WebSocket handshake was complete")
  })

  it('says in plain words that its port is taken, and what to do', async () => {
    const { listener } = await open()
    await expect(listenWebSocket({ ...where, port: listener.port, option: '--ws' })).rejects.toMatchObject({
      code: 'port-in-use',
      hint: 'choose another with --ws, or 0 for any',
    })
  })
})

describe('listenSecureWebSocket', () => {
  it('serves MQTT.js over TLS', async () => {
    const { listener, through } = await openSecure()
    const { clientAuthorities } = await materialOf(workspace)
    expect(await roundTrip(listener.url, { ca: clientAuthorities ?? '' })).toBe('x')
    expect(through).toMatchObject([{ transport: 'wss', tls: { protocol: 'TLSv1.3' } }])
  })

  it('knows the client by its certificate, and refuses one that has expired', async () => {
    const { listener, through, reason } = await openSecure('required')
    const shown = async (name: string) => {
      const { certificate, key, clientAuthorities } = await materialOf(workspace, name)
      return { cert: certificate, key, ca: clientAuthorities ?? '' }
    }
    expect(await roundTrip(listener.url, await shown('client'))).toBe('x')
    expect(through[0]?.certificate?.commonName).toBe('client')
    await expect(roundTrip(listener.url, await shown('expired'))).rejects.toThrow()
    expect(await reason()).toMatch(/^the client's certificate \(expired\) has expired/)
  })

  it('shows another certificate when it is told to', async () => {
    const { listener } = await openSecure()
    const { clientAuthorities } = await materialOf(workspace)
    listener.present(await materialOf(workspace, 'server-expired'))
    await expect(roundTrip(listener.url, { ca: clientAuthorities ?? '' })).rejects.toThrow(/expired/)
  })

  it('says that a WebSocket without TLS was tried', async () => {
    const { listener, reason } = await openSecure()
    await expect(ask(`ws://127.0.0.1:${listener.port}`, ['mqtt'])).rejects.toThrow()
    expect(await reason()).toMatch(/is not TLS: it is HTTP/)
  })
})
