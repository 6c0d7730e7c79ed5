import { createConnection } from 'node:net'
import type { DeviceGroup, PlannedBroker } from '../../app/scenario/plan.ts'
import type { Bench } from '../../main/scenarios/bench.ts'

/** A device that says that it is online, takes orders, and comes back at once. */
const pump = `import { device, log } from 'faultline'
export default device(({ id }) => ({
  client: {
    cleanStart: false,
    keepAlive: '30s',
    will: { topic: \`plant/\${id}/status\`, payload: 'offline', qos: 1 },
    reconnect: { after: '100ms', factor: 1, jitter: 0 },
  },
  async connected({ client, sessionPresent }) {
    await client.publish(\`plant/\${id}/status\`, 'online', { qos: 1, retain: true })
    if (!sessionPresent) await client.subscribe(\`plant/\${id}/set\`, { qos: 2 })
    log('ready')
  },
  message({ text }) { log(text) },
}))
`

export const pumpFiles = { 'devices/pump.device.ts': pump }
/** A group of pumps. */
export const group = (more: Partial<DeviceGroup> = {}): DeviceGroup => {
  return { name: 'pump', script: 'pump', count: 1, on: true, ...more }
}
export const broker = (more: Partial<PlannedBroker> = {}): PlannedBroker => {
  return { limits: {}, store: 'memory', access: undefined, ...more }
}

export const octets = (text: string) => new TextEncoder().encode(text)
export const subscribe = (bench: Bench, id: string, filter: string, qos: 0 | 1 | 2 = 2) =>
  bench.clients.subscribe({ id, filters: [filter], qos })
export const publish = (bench: Bench, id: string, topic: string, text: string, qos: 0 | 1 | 2 = 0) =>
  bench.clients.publish({ id, topic, qos, retain: false }, octets(text))
export const order = (bench: Bench, name: 'stop' | 'kill' | 'start' | 'accept') =>
  bench.broker.order({ order: name }, undefined)
export const texts = (received: readonly { client: string; payload: Uint8Array }[], client: string) =>
  received.filter((message) => message.client === client).map(({ payload }) => Buffer.from(payload).toString())
export const stateOf = (bench: Bench, id: string) => bench.devices.list().find((device) => device.id === id)?.state
export const isHeld = (bench: Bench, packets: number) => () => bench.wire.state().heldCount >= packets

/** How the system refuses who connects where the broker was. */
export function refusedBy({ mqttUrl }: Bench): Promise<string | undefined> {
  const { hostname, port } = new URL(mqttUrl)
  return new Promise((resolve) => {
    const socket = createConnection({ host: hostname, port: Number(port) })
    socket.on('connect', () => resolve(undefined))
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
    socket.on('close', () => socket.destroy())
  })
}

export function queuedFor({ broker }: Bench, clientId: string): number | undefined {
  return broker.sessions().find((session) => session.clientId === clientId)?.queued
}
