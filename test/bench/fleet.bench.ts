import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FleetSnapshot } from '../../app/device/fleet.ts'
import { createEngine } from '../../main/broker/engine/engine.ts'
import { listenTcp } from '../../main/broker/listeners/tcp-listener.ts'
import { mostWaiting } from '../../main/devices/load/backlog.ts'
import { window } from '../../main/devices/load/load-client.ts'
import { heapLimit } from '../../main/devices/load/load-process.ts'
import { connectionOf } from '../../main/workbench/arrivals.ts'
import { systemClock } from '../../main/workbench/system-clock.ts'
import { startWorkbench, type Workbench } from '../../main/workbench/workbench.ts'
import { buildDeviceAssets, type DeviceAssets } from '../helpers/device-assets.ts'
import { loadScript } from '../helpers/fleet-bench.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { until } from '../helpers/until.ts'

const run = promisify(execFile)
const load = fileURLToPath(new URL('fleet-load.mjs', import.meta.url))

const devices = 1000
const messagesEach = 10
const clients = 10_000
const patience = 240_000
/** How long they publish at full rate, in milliseconds. */
const lastingFull = 15_000

/** Each device publishes once a second, so many messages, and says no more. */
const scripted = `import { device, every } from 'faultline'
export default device(({ id }) => ({
  connected({ client }) {
    let sent = 0
    const timer = every('1s', () => {
      client.publish('bench/' + id, { sent }, { qos: 1 })
      if (++sent === ${messagesEach}) timer.stop()
    })
  },
}))`

let assets: DeviceAssets

beforeAll(async () => {
  assets = await buildDeviceAssets()
})
afterAll(() => assets.dispose())

/** A whole workbench (Link, capture, messages) that runs one fleet. */
async function withFleet(source: string, count: number, work: (workbench: Workbench) => Promise<void>): Promise<void> {
  const workbench = await startWorkbench({
    workspace: await temporaryFolder(),
    host: '127.0.0.1',
    ports: { mqtt: 0 },
    assets,
    templates: new URL('file:///no-templates/'),
    onlyFleet: {
      id: 'f',
      script: 'f.device.ts',
      source,
      count,
      rampMs: 0,
      seed: 1,
      readsFiles: false,
      idOf: (n) => `f-${n}`,
    },
    clock: systemClock,
    version: '0.0.0-bench',
    log: (line) => console.log(line),
  })
  try {
    await work(workbench)
  } finally {
    await workbench.close()
  }
}

function fleetOf({ fleets }: Workbench): FleetSnapshot {
  return fleets.list()[0] as FleetSnapshot
}

function portOf({ mqttUrl }: Workbench): string {
  return new URL(mqttUrl).port
}

/** Counts what the broker delivers, in another process. */
class Counter {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>

  constructor(port: string) {
    this.#child = spawn(process.execPath, [load, 'count', port, 'bench/#'], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
  }

  async ready(): Promise<void> {
    expect((await this.#lines.next()).value).toBe('ready')
  }

  async delivered(): Promise<number> {
    this.#child.stdin?.write('\n')
    return Number((await this.#lines.next()).value)
  }

  async end(): Promise<void> {
    this.#child.stdin?.end()
    await once(this.#child, 'exit')
  }
}

describe('scripted devices', () => {
  it(`${devices} of them, one message a second each`, { timeout: patience }, async () => {
    const delay = monitorEventLoopDelay({ resolution: 1 })
    await withFleet(scripted, 0, async (workbench) => {
      const counter = new Counter(portOf(workbench))
      await counter.ready()
      delay.enable()
      const start = performance.now()
      workbench.fleets.change('f', { count: devices })
      await until('all are online', () => fleetOf(workbench).online === devices, patience)
      const seconds = (performance.now() - start) / 1000
      const wanted = devices * messagesEach
      await until('all has been acknowledged', () => workbench.fleets.totals('f').acknowledged >= wanted, patience)
      await until('all has been delivered', async () => (await counter.delivered()) >= wanted, patience)
      delay.disable()
      const { acknowledged, errors, latency, published } = workbench.fleets.totals('f')
      expect({ acknowledged, delivered: await counter.delivered(), published }).toEqual({
        acknowledged: wanted,
        delivered: wanted,
        published: wanted,
      })
      console.log(
        `${devices} scripted devices: all online in ${seconds.toFixed(1)} s; ${wanted} messages published, ` +
          `acknowledged and delivered; event-loop delay of the workbench p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms ` +
          `(max ${(delay.max / 1e6).toFixed(0)} ms); PUBLISH to PUBACK p50 ${latency?.p50.toFixed(1)} ms, ` +
          `p99 ${latency?.p99.toFixed(1)} ms; errors ${JSON.stringify(errors)}`,
      )
      await counter.end()
    })
  })
})

/** Resident memory of this process and of those that it has started, in octets; 0 where the system does not tell so. */
function memory(): { own: number; children: number } {
  if (process.platform !== 'linux') return { own: process.memoryUsage.rss(), children: 0 }
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const children = pids.filter((pid) => status(pid, 'PPid') === process.pid)
  return {
    own: process.memoryUsage.rss(),
    children: children.reduce((sum, pid) => sum + status(pid, 'VmRSS') * 1024, 0),
  }
}

/** 0 where the process is gone. */
function status(pid: string, field: string): number {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? 0)
  } catch {
    return 0
  }
}

describe('load clients', () => {
  it(`${clients} of them, connected`, { timeout: patience }, async () => {
    const source = loadScript(`topic: 'bench/{id}', every: '60s', payload: '{count}', qos: 1`)
    await withFleet(source, 1, async (workbench) => {
      await until('the first is online', () => fleetOf(workbench).online === 1, patience)
      const before = memory()
      const start = performance.now()
      workbench.fleets.change('f', { count: clients, rampMs: 10_000 })
      await until('all are online', () => fleetOf(workbench).online === clients, patience)
      const seconds = (performance.now() - start) / 1000
      const after = memory()
      const each = (octets: number) => `${(octets / clients / 1024).toFixed(1)} KiB`
      console.log(
        `${clients} load clients: all connected in ${seconds.toFixed(1)} s (ramp 10 s); memory a client ` +
          `${each(after.children - before.children)} in their process, ${each(after.own - before.own)} in the workbench ` +
          `(socket, Link, session, capture); errors ${JSON.stringify(fleetOf(workbench).counters?.errors)}`,
      )
    })
  })
})

describe('load clients at full rate', () => {
  it(`${clients} of them, each as fast as it can`, { timeout: patience }, async () => {
    const source = loadScript(`topic: 'bench/{id}', every: 0, payload: '{count} ${'x'.repeat(200)}', qos: 1`)
    await withFleet(source, 1, async (workbench) => {
      workbench.fleets.change('f', { count: clients, rampMs: 10_000 })
      await until('all are online', () => fleetOf(workbench).online === clients, patience)
      let most = 0
      const published = () => workbench.fleets.totals('f').published
      const [before, start] = [published(), performance.now()]
      await until(
        'it has gone on for a while',
        () => {
          most = Math.max(most, memory().children)
          return performance.now() - start > lastingFull
        },
        patience,
      )
      const rate = (published() - before) / (performance.now() - start)
      console.log(
        `${clients} load clients at full rate (QoS 1, ${window} in flight each): ${(rate * 1000).toFixed(0)} messages/s; ` +
          `their process had ${(most / 2 ** 20).toFixed(0)} MiB at most, of which its heap may have ${heapLimit} MiB and ` +
          `what waits for the broker ${mostWaiting / 2 ** 20} MiB`,
      )
      expect(fleetOf(workbench).online).toBe(clients)
    })
  })
})

/** The same broker, with nothing between it and the sockets. */
async function openBare() {
  const broker = await createEngine({ clock: systemClock })
  const listener = await listenTcp({ host: '127.0.0.1', port: 0 })
  let connection = 0
  listener.onArrival((arrival) => broker.accept(connectionOf(arrival), ++connection))
  return {
    port: String(listener.port),
    async close() {
      await listener.close()
      await broker.close()
    },
  }
}

const rounds = 7
const publishers = 4
const inFlight = 20
const lasting = 2.5

/** Messages a second that MQTT.js gets through in a bare loop. */
async function bareRate(port: string, qos: number): Promise<number> {
  const words = ['publish', port, qos, publishers, inFlight, lasting].map(String)
  const { stdout } = await run(process.execPath, [load, ...words], { timeout: 60_000 })
  const { acknowledged, seconds }: { acknowledged: number; seconds: number } = JSON.parse(stdout)
  return acknowledged / seconds
}

/** Messages a second that the load fleet gets through. It has no clients before and after. */
async function fleetRate(workbench: Workbench, qos: 0 | 1 | 2): Promise<number> {
  const { fleets } = workbench
  fleets.change('f', { count: publishers, qos })
  await until('it publishes', () => (fleetOf(workbench).counters?.rate ?? 0) > 0, 30_000)
  await pause(500)
  // There are no acknowledgements at QoS 0.
  const sent = () => fleets.totals('f')[qos === 0 ? 'published' : 'acknowledged']
  const [before, start] = [sent(), performance.now()]
  await pause(lasting * 1000)
  const rate = (sent() - before) / ((performance.now() - start) / 1000)
  fleets.change('f', { count: 0 })
  await until('it is still', () => fleetOf(workbench).counters?.rate === 0, 30_000)
  return rate
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number
}

describe('the rate of a load fleet with Link and capture, against MQTT.js in a bare loop without', () => {
  for (const qos of [0, 1, 2] as const) {
    it(`at QoS ${qos}`, { timeout: patience }, async () => {
      const bare = await openBare()
      const source = loadScript(`topic: 'load/{n}', every: 0, payload: '${'a'.repeat(64)}'`)
      await withFleet(source, 0, async (workbench) => {
        await until('its script was read', () => fleetOf(workbench).kind === 'load', patience)
        await fleetRate(workbench, qos)
        await bareRate(bare.port, qos)
        const pairs: { fleet: number; loop: number }[] = []
        for (let round = 0; round < rounds; round++) {
          const fleetFirst = round % 2 === 0
          const first = fleetFirst ? await fleetRate(workbench, qos) : await bareRate(bare.port, qos)
          const second = fleetFirst ? await bareRate(bare.port, qos) : await fleetRate(workbench, qos)
          pairs.push(fleetFirst ? { fleet: first, loop: second } : { fleet: second, loop: first })
        }
        const ratios = pairs.map(({ fleet, loop }) => fleet / loop)
        const spread = [...ratios].sort((a, b) => a - b).map((ratio) => ratio.toFixed(2))
        console.log(
          `QoS ${qos}: ratio ${median(ratios).toFixed(2)} (of ${spread.join(' ')}); load fleet ` +
            `${Math.round(median(pairs.map(({ fleet }) => fleet)))} messages/s, MQTT.js ` +
            `${Math.round(median(pairs.map(({ loop }) => loop)))} messages/s`,
        )
        expect(Object.keys(fleetOf(workbench).counters?.errors ?? {})).toEqual([])
      })
      await bare.close()
    })
  }
})
