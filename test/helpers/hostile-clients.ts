import { expect } from 'vitest'
import { ConformanceClient } from './conformance-client.ts'
import type { EngineBench } from './engine-bench.ts'
import type { Connect, Kind, Version } from './mqtt-octets.ts'
import type { Came } from './mqtt-reading.ts'
import { until } from './until.ts'

export const kibibyte = 'x'.repeat(1024)
const clients: ConformanceClient[] = []

/** For `afterEach`. */
export function destroyClients(): void {
  for (const client of clients.splice(0)) client.socket.destroy()
}

/** A Network Connection over which nothing was sent. */
export async function open(bench: EngineBench, version: Version = 4): Promise<ConformanceClient> {
  const client = await ConformanceClient.open(bench, version)
  clients.push(client)
  return client
}

export async function join(bench: EngineBench, id: string, options: Connect = {}): Promise<ConformanceClient> {
  const client = await open(bench, options.version ?? 4)
  expect((await client.connect({ id, ...options })).code).toBe(0)
  return client
}

/** That somebody who does nothing wrong is served as ever. */
export async function expectService(bench: EngineBench): Promise<void> {
  const bystander = await join(bench, '')
  await bystander.subscribe([['bystander', 1]])
  await bystander.publish('bystander', 'hello', { qos: 1 })
  expect((await bystander.take()).payload.toString()).toBe('hello')
  bystander.socket.destroy()
}

/** Sends so many pieces, a few in each turn of the event loop, and each when the system takes more. */
export async function flood(client: ConformanceClient, count: number, piece: (n: number) => Buffer, atOnce = 50) {
  for (let n = 1; n <= count; n += atOnce) {
    const pieces = Array.from({ length: Math.min(atOnce, count - n + 1) }, (_, i) => piece(n + i))
    const hasRoom = client.socket.write(Buffer.concat(pieces))
    if (hasRoom) await new Promise(setImmediate)
    else await until('the system takes more', () => !client.socket.writableNeedDrain)
  }
}

/** As `receiveAll`, for very many. */
export async function collect(client: ConformanceClient, kind: Kind, count: number): Promise<Came[]> {
  const all: Came[] = []
  while (all.length < count) for (const came of await client.receiveSome(kind)) all.push(came)
  expect(all.length).toBe(count)
  return all
}

export function numbers(came: readonly { payload: Buffer }[]): number[] {
  return came.map(({ payload }) => Number(payload.toString().split(' ')[0]))
}
