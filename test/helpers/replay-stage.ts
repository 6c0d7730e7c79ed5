import { join } from 'node:path'
import type { Difference } from '../../app/scenario/replay-compare.ts'
import type { ReplayReport } from '../../app/scenario/replay-report.ts'
import { prepareReplay, type ReplayOptions, replay } from '../../main/workbench/replay-run.ts'
import { systemClock } from '../../main/workbench/system-clock.ts'
import { openWorkbench } from './open-workbench.ts'
import { RawClient } from './raw-client.ts'
import { until } from './until.ts'

/** Something that clients do with the broker at this port; they are all gone, or silent, when it settles. */
export type Conversation = (port: number) => Promise<void>

/** What a real broker and real clients have said, as a recording in this format; gives the path of the file. */
export async function record(format: 'faultline' | 'pcapng', conversation: Conversation): Promise<string> {
  const { caller, port, workspace } = await openWorkbench()
  await conversation(port)
  const { path } = await caller.call('capture.export', { capture: 'live', format, filter: '' })
  return join(workspace, path)
}

export interface Replayed extends Partial<Omit<ReplayOptions, 'clock'>> {
  readonly clients?: string
  readonly brokerPort?: number
}

/** Replays a file, on a broker of its own where nothing else is said, as fast as can be. */
export async function replayFile(path: string, options: Replayed = {}): Promise<ReplayReport> {
  const { brokerPort = 1883, clients = '*', ...others } = options
  const prepared = await prepareReplay({ path, brokerPort, clients })
  return await replay(prepared, {
    clock: systemClock,
    target: undefined,
    speed: 'max',
    rules: [],
    seed: 1,
    signal: new AbortController().signal,
    progress: () => {},
    log: () => {},
    ...others,
  })
}

/** All differences of a report. */
export function differencesOf({ connections }: ReplayReport): Difference[] {
  return connections.flatMap(({ differences }) => differences)
}

/** A message from a client to itself or others, with its handshake to the end. */
async function publish(
  client: RawClient,
  topic: string,
  payload: string,
  qos: 0 | 1 | 2,
  messageId: number,
  retain = false,
) {
  client.send({ cmd: 'publish', topic, payload, qos, messageId, dup: false, retain })
  if (qos === 1) await client.receive('puback')
  if (qos !== 2) return
  await client.receive('pubrec')
  client.send({ cmd: 'pubrel', messageId })
  await client.receive('pubcomp')
}

/** Receives a message and acknowledges it as its QoS demands; gives its payload. */
async function take(client: RawClient): Promise<string> {
  const { messageId = 0, payload, qos } = await client.receive('publish')
  if (qos === 1) client.send({ cmd: 'puback', messageId })
  if (qos === 2) {
    client.send({ cmd: 'pubrec', messageId })
    await client.receive('pubrel')
    client.send({ cmd: 'pubcomp', messageId })
  }
  return payload.toString()
}

async function leave(client: RawClient): Promise<void> {
  client.send({ cmd: 'disconnect' })
  client.socket.end()
  await until('its connection is closed', () => client.closed)
}

/**
 * A day at a plant: all QoS, retained messages, a kept Session with what waited in it, a Will Message, MQTT 5 with Topic
 * Aliases, a client that is taken over, and one that is still there at the end.
 */
export const aDay: Conversation = async (port) => {
  const dashboard = await RawClient.connect(port, 'dashboard', { clean: false })
  await dashboard.subscribe('plant/#', 2)
  const gateway = await RawClient.connect(port, 'gateway')
  await publish(gateway, 'plant/a', 'zero', 0, 0)
  await take(dashboard)
  await publish(gateway, 'plant/b', 'one', 1, 11)
  await take(dashboard)
  await publish(gateway, 'plant/c', 'two', 2, 12, true)
  await take(dashboard)
  await leave(dashboard)
  await publish(gateway, 'plant/d', 'it waited', 1, 13)
  await publish(gateway, 'plant/e', 'it waited too', 2, 14)
  const again = await RawClient.connect(port, 'dashboard', { clean: false })
  await take(again)
  await take(again)
  const will = { topic: 'plant/pump', payload: Buffer.from('lost'), qos: 1 as const, retain: false }
  const pump = await RawClient.connect(port, 'pump', { protocolVersion: 5, will })
  pump.send({ cmd: 'subscribe', messageId: 3, subscriptions: [{ topic: 'plant/c', qos: 1, nl: true }] })
  await pump.receive('suback')
  await take(pump)
  const aliased = (payload: string, topic: string) =>
    pump.send({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false, properties: { topicAlias: 1 } })
  aliased('warm', 'plant/heat')
  await take(again)
  aliased('hot', '')
  await take(again)
  pump.send({ cmd: 'pingreq' })
  await pump.receive('pingresp')
  const second = await RawClient.connect(port, 'pump', { protocolVersion: 5, will })
  await pump.receive('disconnect')
  pump.socket.end()
  await until('it was taken over', () => pump.closed)
  await take(again)
  second.reset()
  await take(again)
  gateway.send({ cmd: 'unsubscribe', messageId: 15, unsubscriptions: ['nothing'] })
  await gateway.receive('unsuback')
  await leave(gateway)
}
