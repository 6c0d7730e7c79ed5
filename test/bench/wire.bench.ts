import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { generate } from 'mqtt-packet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createConnectionPair } from '../../app/mqtt/connection-pair.ts'
import type { QoS } from '../../app/mqtt/control-packet.ts'
import { createEngine } from '../../main/broker/engine/engine.ts'
import type { Listener } from '../../main/broker/listeners/listener.ts'
import { listenTcp } from '../../main/broker/listeners/tcp-listener.ts'
import { createWire } from '../../main/link/wire.ts'
import { Recorder } from '../../main/recorder/recorder.ts'
import { connectionOf } from '../../main/workbench/arrivals.ts'
import { systemClock } from '../../main/workbench/system-clock.ts'
import { Road } from '../helpers/road.ts'

const run = promisify(execFile)
const load = fileURLToPath(new URL('broker-load.mjs', import.meta.url))

/** Each round runs the load once with and once without the Link; which goes first alternates. */
const rounds = 7
const messages: Record<QoS, number> = { 0: 40_000, 1: 20_000, 2: 12_000 }
/** Each publisher has a subscriber of its own. */
const pairs = 2
const inFlight = 64

/** The same broker, with nothing between it and the sockets. */
async function openBare(): Promise<{ listener: Listener; close(): Promise<void> }> {
  const broker = await createEngine({ clock: systemClock })
  const listener = await listenTcp({ host: '127.0.0.1', port: 0 })
  let connection = 0
  listener.onArrival((arrival) => broker.accept(connectionOf(arrival), ++connection))
  return {
    listener,
    async close() {
      await listener.close()
      await broker.close()
    },
  }
}

interface Measured {
  readonly delivered: number
  readonly seconds: number
  /** Undefined where the system does not tell it. */
  readonly brokerSeconds?: number
  readonly ownSeconds: number
}

/** Deliveries a second, deliveries for a second of the broker's processor time, and how busy the clients were. */
interface Rates {
  readonly rate: number
  readonly work: number
  readonly clients: number
}

async function throughput(port: number, qos: QoS): Promise<Rates> {
  const words = [port, process.pid, qos, pairs, pairs, messages[qos], inFlight].map(String)
  const { stdout } = await run(process.execPath, [load, ...words], { timeout: 60_000 })
  const { delivered, seconds, brokerSeconds = Number.NaN, ownSeconds }: Measured = JSON.parse(stdout)
  expect(delivered).toBe(messages[qos])
  return { rate: delivered / seconds, work: delivered / brokerSeconds, clients: ownSeconds / seconds }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] as number
}

describe('broker throughput with Link and capture, against the same broker without', () => {
  let road: Road
  let bare: Awaited<ReturnType<typeof openBare>>

  beforeAll(async () => {
    road = await Road.open()
    bare = await openBare()
  })
  afterAll(async () => {
    await road.close()
    await bare.close()
  })

  for (const qos of [0, 1, 2] as const) {
    it(`at QoS ${qos}`, async () => {
      const ratios: number[] = []
      const works: number[] = []
      const bareRuns: Rates[] = []
      await throughput(road.port, qos)
      await throughput(bare.listener.port, qos)
      for (let round = 0; round < rounds; round++) {
        const linkedFirst = round % 2 === 0
        const first = await throughput(linkedFirst ? road.port : bare.listener.port, qos)
        const second = await throughput(linkedFirst ? bare.listener.port : road.port, qos)
        const [linked, without] = linkedFirst ? [first, second] : [second, first]
        ratios.push(linked.rate / without.rate)
        works.push(linked.work / without.work)
        bareRuns.push(without)
      }
      const spread = [...ratios].sort((a, b) => a - b).map((ratio) => ratio.toFixed(2))
      console.log(
        `QoS ${qos}: ratio ${median(ratios).toFixed(2)} (of ${spread.join(' ')}); ` +
          `of deliveries for the same processor time ${median(works).toFixed(2)}; without Link ` +
          `${Math.round(median(bareRuns.map(({ rate }) => rate)))} messages/s, the clients at work for ` +
          `${Math.round(median(bareRuns.map(({ clients }) => clients)) * 100)} % of the time`,
      )
    })
  }
})

describe('the tap alone', () => {
  it('takes 50,000 packets a second without loss', () => {
    const publish = generate({
      cmd: 'publish',
      topic: 'plant/pump-01/temperature',
      payload: Buffer.alloc(40, 0x61),
      qos: 1,
      messageId: 7,
      dup: false,
      retain: false,
    })
    const chunk = new Uint8Array(Buffer.concat(Array.from({ length: 20 }, () => publish)))
    const recorder = new Recorder({ clock: systemClock })
    const [client, clientEnd] = createConnectionPair()
    const [brokerEnd, broker] = createConnectionPair()
    let arrived = 0
    broker.listen({
      octets: (octets) => {
        arrived += octets.length
      },
      ended: () => {},
      drained: () => {},
      closed: () => {},
    })
    const wire = createWire({ clock: systemClock, seed: 1, tap: recorder })
    wire.open({ connection: 1, client: clientEnd, broker: brokerEnd })
    broker.resume()
    const packets = 500_000
    const before = recorder.stats().captured
    const start = performance.now()
    for (let sent = 0; sent < packets; sent += 20) client.write(chunk)
    const seconds = (performance.now() - start) / 1000
    expect(recorder.stats().captured - before).toBe(packets)
    expect(arrived).toBe(packets * publish.length)
    const rate = packets / seconds
    console.log(`tap alone: ${Math.round(rate)} packets/s, ${(rate / 50_000).toFixed(1)} times 50,000; none lost`)
  })
})
