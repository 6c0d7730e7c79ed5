import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { connectAsync, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt'
import { afterAll, afterEach, beforeAll, onTestFinished } from 'vitest'
import { createEngine } from '../../main/broker/engine/engine.ts'
import { socketConnection } from '../../main/link/socket-connection.ts'
import { systemClock } from '../../main/workbench/system-clock.ts'
import { buildDeviceAssets, type DeviceAssets } from './device-assets.ts'
import { DeviceBench } from './device-bench.ts'
import { launchMosquitto } from './mosquitto-broker.ts'
import { until } from './until.ts'

/** A broker that speaks MQTT 5, and what differs between those that do. */
export interface Mqtt5Broker {
  readonly port: number
  /** How many Topic Aliases it takes of a client. */
  readonly aliases: number
  /** The Client Identifiers that it gives to clients without one. */
  readonly assigned: RegExp
  /** Whether it knows that a client is no longer connected. */
  isGone(clientId: string): boolean
  stop(): Promise<void>
}

/** To run the same tests against each: one that nobody here wrote, and the workbench's own. */
export const mqtt5Brokers: readonly (readonly [name: string, open: () => Promise<Mqtt5Broker>])[] = [
  ['Mosquitto', openMosquitto],
  ["the workbench's own broker", openOwn],
]

export async function openMosquitto(): Promise<Mqtt5Broker> {
  const { log, port, stop } = await launchMosquitto()
  return {
    port,
    aliases: 10,
    assigned: /^auto-/,
    isGone: (clientId) => log().includes(`Client ${clientId} disconnected`),
    stop,
  }
}

async function openOwn(): Promise<Mqtt5Broker> {
  const engine = await createEngine({ clock: systemClock, limits: { topicAliasMaximum: 20 } })
  let connections = 0
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    connections += 1
    engine.accept(socketConnection(socket), connections)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    aliases: engine.limits.topicAliasMaximum,
    assigned: /^anonymous-\d+$/,
    isGone: (clientId) => engine.session(clientId)?.session.connected !== true,
    async stop() {
      server.close()
      await engine.close()
    },
  }
}

export interface Mqtt5Stage {
  readonly assets: DeviceAssets
  readonly broker: Mqtt5Broker
  readonly bench: DeviceBench
  /** Another client of the same broker, which subscribes, and what it has received. */
  observe(filter: string, options?: IClientOptions): Promise<{ client: MqttClient; heard: IPublishPacket[] }>
  /** JSON that a script has logged on a line after a word. */
  said(id: string, word: string): Promise<unknown>
}

/** Sets up the broker and devices for the tests of a `describe`; after each test all devices are taken away. */
export function setMqtt5Stage(open: () => Promise<Mqtt5Broker>): Mqtt5Stage {
  let stage: { assets: DeviceAssets; broker: Mqtt5Broker; bench: DeviceBench } | undefined
  const there = () => {
    if (stage === undefined) throw new Error('the stage is not set yet: use it inside of a test')
    return stage
  }

  beforeAll(async () => {
    const assets = await buildDeviceAssets()
    const broker = await open()
    stage = { assets, broker, bench: new DeviceBench(assets, broker.port, { workers: 1 }) }
  })
  afterEach(() => stage?.bench.run({}))
  afterAll(async () => {
    await stage?.bench.devices.close()
    await stage?.broker.stop()
    stage?.assets.dispose()
  })

  return {
    get assets() {
      return there().assets
    },
    get broker() {
      return there().broker
    },
    get bench() {
      return there().bench
    },
    async observe(filter, options = {}) {
      const heard: IPublishPacket[] = []
      const client = await connectAsync(`mqtt://127.0.0.1:${there().broker.port}`, { protocolVersion: 5, ...options })
      onTestFinished(() => client.endAsync(true))
      client.on('message', (_topic, _payload, packet) => heard.push(packet))
      await client.subscribeAsync(filter, { qos: 2, rap: true })
      return { client, heard }
    },
    async said(id, word) {
      const line = await there().bench.says(id, new RegExp(`^${word} `))
      return JSON.parse(line.slice(word.length + 1))
    },
  }
}

/** Settles when so many messages were heard. */
export function heardOf(heard: readonly IPublishPacket[], count: number): Promise<readonly IPublishPacket[]> {
  return until(`${count} messages were heard`, () => heard.length >= count && heard)
}
