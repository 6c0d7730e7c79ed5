import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Address, ConformanceClient } from '../helpers/conformance-client.ts'
import { connect, pingreq, publish, subscribe } from '../helpers/mqtt-octets.ts'
import { until } from '../helpers/until.ts'

// How late the event loop of the broker alone is while a client does its worst: `HOSTILE=QoS` picks
// those whose name has the word. Others must not wait for longer than this, in milliseconds.
const bar = 50
const patience = 120_000
const root = new URL('../..', import.meta.url)
const kibibyte = 'x'.repeat(1024)

let folder: string
let child: ChildProcess
let lines: AsyncIterator<string>
let broker: Address
const clients: ConformanceClient[] = []

beforeAll(async () => {
  // Inside of the repository, because it takes its packages from there.
  const cache = fileURLToPath(new URL('node_modules/.cache/faultline', root))
  mkdirSync(cache, { recursive: true })
  folder = mkdtempSync(path.join(cache, 'hostile-'))
  const outfile = path.join(folder, 'broker.mjs')
  const entryPoints = [fileURLToPath(new URL('hostile-broker.ts', import.meta.url))]
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external' })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function start(): Promise<void> {
  child = spawn(process.execPath, [path.join(folder, 'broker.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] })
  if (child.stdout === null) throw new Error('the broker did not start')
  lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  broker = { host: '127.0.0.1', port: Number(await line()) }
}

async function line(): Promise<string> {
  const { value } = await lines.next()
  return String(value)
}

async function stop(): Promise<void> {
  for (const client of clients.splice(0)) client.socket.destroy()
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

async function open(): Promise<ConformanceClient> {
  const client = await ConformanceClient.open(broker, 4, patience)
  clients.push(client)
  return client
}

async function join(id: string, clean = true): Promise<ConformanceClient> {
  const client = await open()
  expect((await client.connect({ id, clean })).code).toBe(0)
  return client
}

/** One that only swallows what it is sent. */
function swallow(client: ConformanceClient): ConformanceClient {
  client.socket.removeAllListeners('data').resume()
  return client
}

async function send(
  client: ConformanceClient,
  count: number,
  piece: (n: number) => Buffer,
  atOnce = 50,
): Promise<void> {
  for (let n = 1; n <= count; n += atOnce) {
    const pieces = Array.from({ length: Math.min(atOnce, count - n + 1) }, (_, i) => piece(n + i))
    if (client.socket.write(Buffer.concat(pieces))) await new Promise(setImmediate)
    else await until('the system takes more', () => !client.socket.writableNeedDrain, patience)
  }
}

/** Sends until nothing moves any more: for a second the system has taken nothing. */
async function stuff(client: ConformanceClient, piece: Buffer): Promise<void> {
  for (let since = performance.now(); performance.now() - since < 1000; ) {
    if (!client.socket.writableNeedDrain) {
      client.socket.write(piece)
      since = performance.now()
    }
    await new Promise(setImmediate)
  }
}

const deep = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

/** So many different filters, 256 at most, each of which matches all that is retained. */
function overlapping(count: number): [string, 1][] {
  const filter = (n: number) => deep.map((level, bit) => ((n >> bit) % 2 === 1 ? '+' : level))
  return Array.from({ length: count }, (_, n) => [`${filter(n).join('/')}/#`, 1])
}

async function retained(count: number): Promise<void> {
  const publisher = await join('keeper')
  await send(publisher, count, (n) => publish(4, `${deep.join('/')}/${n}`, kibibyte, { retain: true }))
  await publisher.ping()
}

async function fan(subscribers: number, qos: 0 | 1): Promise<ConformanceClient> {
  for (let n = 0; n < subscribers; n++) {
    const client = await join(`fan-${n}`)
    await client.subscribe([['fan', qos]])
    swallow(client)
  }
  return join('publisher')
}

type Attack = () => Promise<void>

/** Each prepares itself, and gives what is measured. */
const attacks: Readonly<Record<string, () => Promise<Attack>>> = {
  'a subscriber that does not read, QoS 1': async () => {
    const [deaf, publisher] = [await join('deaf'), await join('publisher')]
    await deaf.subscribe([['plant/#', 1]])
    deaf.socket.pause()
    return async () => {
      await send(publisher, 20_000, (n) => publish(4, 'plant/a', kibibyte, { qos: 1, packetId: n }))
      await publisher.ping()
    }
  },
  'QoS 1 of a client that reads no PUBACK': async () => {
    const rude = await join('rude')
    rude.socket.pause()
    const piece = Buffer.concat(
      Array.from({ length: 20_000 }, (_, i) => publish(4, 'f', '', { qos: 1, packetId: i + 1 })),
    )
    return () => stuff(rude, piece)
  },
  'PINGREQ of a client that reads no PINGRESP': async () => {
    const pinger = await join('pinger')
    pinger.socket.pause()
    return () => stuff(pinger, Buffer.concat(Array.from({ length: 32_768 }, () => pingreq)))
  },
  '65,535 unfinished handshakes of QoS 2, twice': async () => {
    const client = swallow(await join('all ids', false))
    const watcher = await join('watcher')
    return async () => {
      for (const dup of [false, true]) {
        await send(client, 65_535, (packetId) => publish(4, 'ids', '', { qos: 2, packetId, dup }), 1000)
      }
      await watcher.ping()
    }
  },
  '50,000 Subscriptions in 200 packets': async () => {
    const client = await join('greedy')
    const filters = (n: number) => Array.from({ length: 250 }, (_, i) => [`deep/${n}/${i}/#`, 1] as const)
    return async () => {
      await send(client, 200, (n) => subscribe(4, n, filters(n)))
      await client.receiveAll('SUBACK', 200)
    }
  },
  'the end of a client with 50,000 Subscriptions': async () => {
    const client = await join('greedy')
    const filters = (n: number) => Array.from({ length: 250 }, (_, i) => [`deep/${n}/${i}/#`, 1] as const)
    await send(client, 200, (n) => subscribe(4, n, filters(n)))
    await client.receiveAll('SUBACK', 200)
    const other = await join('other')
    return async () => {
      client.reset()
      for (let n = 0; n < 200; n++) await other.ping()
    }
  },
  'SUBSCRIBE with 250 filters for 2,000 retained messages each': async () => {
    await retained(2000)
    const [client, other] = [swallow(await join('greedy')), await join('other')]
    return async () => {
      client.send(subscribe(4, 1, overlapping(250)))
      for (let n = 0; n < 1000; n++) await other.ping()
    }
  },
  'the same, and it reads nothing': async () => {
    await retained(2000)
    const [client, other] = [await join('greedy'), await join('other')]
    client.socket.pause()
    return async () => {
      client.send(subscribe(4, 1, overlapping(250)))
      for (let n = 0; n < 1000; n++) await other.ping()
    }
  },
  '2,000 messages of QoS 0 to 200 subscribers': async () => {
    const publisher = await fan(200, 0)
    return async () => {
      publisher.send(...Array.from({ length: 2000 }, (_, n) => publish(4, 'fan', String(n))))
      await publisher.ping()
    }
  },
  '20 messages of QoS 0 to 3,000 subscribers': async () => {
    const publisher = await fan(3000, 0)
    return async () => {
      publisher.send(...Array.from({ length: 20 }, (_, n) => publish(4, 'fan', String(n))))
      await publisher.ping()
    }
  },
  '20 messages of QoS 1 to 3,000 subscribers that do not answer': async () => {
    const publisher = await fan(3000, 1)
    return async () => {
      publisher.send(...Array.from({ length: 20 }, (_, n) => publish(4, 'fan', String(n))))
      await publisher.ping()
    }
  },
  '5,000 messages to 200 subscribers, and RST at once': async () => {
    const publisher = await fan(200, 0)
    const other = await join('other')
    return async () => {
      publisher.send(...Array.from({ length: 5000 }, () => publish(4, 'fan', '')))
      publisher.socket.end()
      for (let n = 0; n < 1000; n++) await other.ping()
    }
  },
  '2,000 connections with half a CONNECT': async () => {
    const half = connect({ id: 'half' }).subarray(0, 9)
    return async () => {
      for (let n = 0; n < 2000; n += 100) {
        const some = await Promise.all(Array.from({ length: 100 }, () => open()))
        for (const client of some) client.send(half)
      }
    }
  },
  '2,000 connections of one Client Identifier': async () => async () => {
    for (let n = 0; n < 2000; n += 100) {
      const some = await Promise.all(Array.from({ length: 100 }, () => open()))
      for (const client of some) client.send(connect({ id: 'storm' }))
    }
    await (await join('other')).ping()
  },
  'packets of 20 MB': async () => {
    const client = await join('large')
    return async () => {
      for (let n = 0; n < 5; n++) client.send(publish(4, 'large', Buffer.alloc(20_000_000)))
      await client.ping()
    }
  },
}

const wanted = process.env['HOSTILE'] ?? ''

it.each(Object.entries(attacks).filter(([name]) => name.includes(wanted)))(
  `%s keeps others waiting for less than ${bar} ms`,
  async (name, prepare) => {
    await start()
    try {
      const attack = await prepare()
      child.stdin?.write('begin\n')
      await attack()
      child.stdin?.write('end\n')
      const { p99, longest } = JSON.parse(await line()) as { p99: number; longest: number }
      process.stdout.write(`event loop delay, ${name}: p99 ${p99.toFixed(1)} ms, longest ${longest.toFixed(1)} ms\n`)
      expect(p99).toBeLessThan(bar)
    } finally {
      await stop()
    }
  },
)
