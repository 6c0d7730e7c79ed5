import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { QoS } from '../../app/mqtt/control-packet.ts'
import { launchMosquitto } from '../helpers/mosquitto-broker.ts'

const run = promisify(execFile)
const root = new URL('../..', import.meta.url)
const load = fileURLToPath(new URL('broker-load.mjs', import.meta.url))

/** Every round runs the load once on each broker; who is first moves on by one. */
const rounds = 5
const patience = 600_000

const names = {
  road: 'engine, capture on',
  engine: 'engine, capture off',
  aedes: 'stock aedes 1.2.0',
  mosquitto: 'Mosquitto',
} as const

type Name = keyof typeof names

interface Shape {
  readonly name: string
  readonly publishers: number
  readonly subscribers: number
  /** Messages that one publisher has in flight. */
  readonly window: number
  /** Of all publishers together. */
  readonly messages: Readonly<Record<QoS, number>>
}

const shapes: readonly Shape[] = [
  { name: '1 to 1', publishers: 1, subscribers: 1, window: 200, messages: { 0: 40_000, 1: 20_000, 2: 12_000 } },
  { name: '50 to 50', publishers: 50, subscribers: 50, window: 20, messages: { 0: 40_000, 1: 20_000, 2: 12_000 } },
  { name: '1 to 1000', publishers: 1, subscribers: 1000, window: 20, messages: { 0: 60, 1: 40, 2: 20 } },
]

/** At least so many times as fast as stock aedes with capture on, by QoS. */
const bars: Readonly<Record<QoS, number>> = { 0: 1.2, 1: 2, 2: 2 }

interface Running {
  readonly port: number
  readonly pid: number
  stop(): Promise<void>
}

interface Measured {
  readonly delivered: number
  readonly seconds: number
  readonly brokerSeconds?: number
  readonly ownSeconds: number
}

async function launch(bundle: string, kind: Name): Promise<Running> {
  const child: ChildProcess = spawn(process.execPath, [bundle, kind], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  if (child.stdout === null || child.pid === undefined) throw new Error(`${kind} did not start`)
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return {
    port: Number(line),
    pid: child.pid,
    async stop() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Without limits that the others do not have, and without a line of log for every packet. */
async function launchQuietMosquitto(): Promise<Running> {
  const lines = ['max_queued_messages 0', 'max_inflight_messages 1000', 'set_tcp_nodelay true', 'sys_interval 0']
  return launchMosquitto(['log_type none', 'log_type information', ...lines])
}

async function measure({ port, pid }: Running, qos: QoS, shape: Shape): Promise<Measured> {
  const { publishers, subscribers, messages, window } = shape
  const words = [port, pid, qos, publishers, subscribers, messages[qos], window].map(String)
  const { stdout } = await run(process.execPath, [load, ...words], { timeout: patience })
  const measured: Measured = JSON.parse(stdout)
  expect(measured.delivered).toBe(messages[qos] * (subscribers / publishers))
  return measured
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] as number
}

/** Deliveries a second, and microseconds of processor time that a delivery takes of the broker. */
interface Round {
  readonly rate: number
  readonly cpu: number
  /** How much of the time the clients were at work: near 1 they, and not the broker, may be what is measured. */
  readonly clients: number
}

function roundOf({ delivered, seconds, brokerSeconds = Number.NaN, ownSeconds }: Measured): Round {
  return { rate: delivered / seconds, cpu: (brokerSeconds / delivered) * 1e6, clients: ownSeconds / seconds }
}

/** How many times as good as the other, round by round: what the machine does besides concerns both alike. */
function times(rounds: readonly Round[], others: readonly Round[]): { rate: number; cpu: number } {
  const pairs = rounds.map((round, at) => [round, others[at] as Round] as const)
  return {
    rate: median(pairs.map(([one, other]) => one.rate / other.rate)),
    cpu: median(pairs.map(([one, other]) => other.cpu / one.cpu)),
  }
}

function line(name: string, own: readonly Round[], aedes: readonly Round[], mosquitto: readonly Round[]): string {
  const rate = Math.round(median(own.map((round) => round.rate)))
  const cpu = median(own.map((round) => round.cpu))
  const clients = Math.round(median(own.map((round) => round.clients)) * 100)
  const toAedes = times(own, aedes)
  const toMosquitto = times(own, mosquitto)
  const cells = [
    name.padEnd(20),
    `${rate}/s`.padStart(9),
    `${cpu.toFixed(2)} us`.padStart(9),
    `${toAedes.rate.toFixed(2)} (${toAedes.cpu.toFixed(2)})`.padStart(13),
    `${toMosquitto.rate.toFixed(2)} (${toMosquitto.cpu.toFixed(2)})`.padStart(13),
    `${clients} %`.padStart(6),
  ]
  return cells.join('  ')
}

const heading = [
  ''.padEnd(20),
  'delivered'.padStart(9),
  'processor'.padStart(9),
  'times aedes'.padStart(13),
  'times Mosq.'.padStart(13),
  'clients',
].join('  ')

/** What a run is to be cut down to, such as `FAULTLINE_BENCH=road,aedes`; all of it without. */
const wanted = process.env['FAULTLINE_BENCH']?.split(',')
const kinds = (Object.keys(names) as Name[]).filter((kind) => wanted?.includes(kind) ?? true)

describe('the broker, beside stock aedes and Mosquitto', () => {
  const brokers = new Map<Name, Running>()
  let folder: string

  beforeAll(async () => {
    const cache = fileURLToPath(new URL('node_modules/.cache/faultline/', root))
    mkdirSync(cache, { recursive: true })
    folder = mkdtempSync(`${cache}broker-bench-`)
    const bundle = `${folder}/broker-process.mjs`
    await build({
      entryPoints: [fileURLToPath(new URL('broker-process.ts', import.meta.url))],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      target: 'node20',
    })
    for (const kind of kinds) {
      brokers.set(kind, kind === 'mosquitto' ? await launchQuietMosquitto() : await launch(bundle, kind))
    }
    console.log(`the bars: with capture on ${bars[0]} times stock aedes at QoS 0, ${bars[1]} at QoS 1 and 2`)
    console.log('times aedes, times Mosq.: of the rate, and in brackets of deliveries for the same processor time')
  })
  afterAll(async () => {
    for (const broker of brokers.values()) await broker.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  for (const shape of shapes) {
    for (const qos of [0, 1, 2] as const) {
      it(`${shape.name} at QoS ${qos}`, { timeout: patience }, async () => {
        const measured = new Map(kinds.map((kind) => [kind, [] as Round[]]))
        for (const kind of kinds) await measure(brokers.get(kind) as Running, qos, shape)
        for (let round = 0; round < rounds; round++) {
          for (let turn = 0; turn < kinds.length; turn++) {
            const kind = kinds[(round + turn) % kinds.length] as Name
            const result = await measure(brokers.get(kind) as Running, qos, shape)
            measured.get(kind)?.push(roundOf(result))
          }
        }
        const of = (kind: Name) => measured.get(kind) ?? []
        const lines = kinds.map((kind) => line(names[kind], of(kind), of('aedes'), of('mosquitto')))
        console.log([`${shape.name}, QoS ${qos}`.padEnd(20) + heading.slice(20), ...lines].join('\n'))
      })
    }
  }
})
