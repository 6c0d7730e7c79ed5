import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStore } from '../../../../main/broker/stores/open-store.ts'
import type { Batch, Store } from '../../../../main/broker/stores/store.ts'
import { Recorder } from '../../../../main/recorder/recorder.ts'
import { Metrics } from '../../../../main/workbench/metrics.ts'
import { systemClock } from '../../../../main/workbench/system-clock.ts'
import { ConformanceClient } from '../../../helpers/conformance-client.ts'
import { openEngine } from '../../../helpers/engine-bench.ts'
import { disconnect, publish } from '../../../helpers/mqtt-octets.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'
import { until } from '../../../helpers/until.ts'

/** A store on a disk that is full, or busy, for a while. */
class FullDisk implements Store {
  readonly name: string
  isFull = false
  /** What is written waits for it. */
  busy: Promise<void> = Promise.resolve()
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
    this.name = store.name
  }

  load(take: Parameters<Store['load']>[0]): Promise<void> {
    return this.#store.load(take)
  }

  async write(batch: Batch): Promise<void> {
    await this.busy
    if (this.isFull) throw new Error('no space left')
    await this.#store.write(batch)
  }

  close(): Promise<void> {
    return this.#store.close()
  }
}

const size = 256 * 1024
const count = 160
/** As the broker has it. */
const most = 16 * 1024 * 1024

async function setUp() {
  const folder = join(await temporaryFolder(), 'store')
  const store = new FullDisk(await openStore({ type: 'level', folder }, systemClock).then((opened) => opened as Store))
  const problems: string[] = []
  const bench = await openEngine({
    store,
    onProblem: ({ message }) => problems.push(message),
  })
  const open = async (id: string, keepAlive: number) => {
    const client = await ConformanceClient.open(bench, 4, 30_000)
    onTestFinished(() => void client.socket.destroy())
    await client.connect({ id, clean: false, keepAlive })
    return client
  }
  return { bench, open, problems, store }
}

describe('a broker whose store fails', () => {
  it('takes no more than so much from clients, says so, and goes on by itself when the store does', async () => {
    const { bench, open, problems, store } = await setUp()
    const { engine } = bench
    const recorder = new Recorder({ clock: systemClock })
    const figures = new Metrics({ clock: systemClock, version: '0', broker: engine, recorder })
    onTestFinished(() => figures.dispose())
    const meter = await open('meter', 0)
    await meter.subscribe([['a', 1]])
    await meter.disconnect()
    const publisher = await open('pump', 1)
    store.isFull = true
    for (let n = 1; n <= count; n++) {
      publisher.send(publish(4, 'a', Buffer.alloc(size, n), { qos: 1, packetId: n }))
    }
    await until('it is full', () => engine.storeHealth?.fullTimes === 1)
    const taken = engine.counters.messagesReceived
    expect(taken).toBeLessThan(count)
    // Longer than its Keep Alive allows: that it cannot be heard is not its fault.
    const { failures = 0 } = engine.storeHealth ?? {}
    await until('it has failed some more', () => (engine.storeHealth?.failures ?? 0) >= failures + 3)
    expect(engine.counters.messagesReceived).toBe(taken)
    expect(engine.storeHealth).toMatchObject({ isFailing: true, fullTimes: 1 })
    expect(engine.storeHealth?.waiting).toBeLessThan(most + 2 * size)
    expect(publisher.unread).toEqual([])
    expect(publisher.closed).toBe(false)
    const failing = await figures.text()
    expect(failing).toMatch(/^faultline_store_failing 1$/m)
    expect(failing).toMatch(/^faultline_store_failing_seconds (?!0$)[\d.e-]+$/m)
    store.isFull = false
    const acknowledged = await publisher.receiveAll('PUBACK', count)
    expect(acknowledged.map(({ packetId }) => packetId)).toEqual(Array.from({ length: count }, (_, at) => at + 1))
    await until('all is written', () => engine.storeHealth?.waiting === 0)
    expect(engine.storeHealth?.isFailing).toBe(false)
    const text = await figures.text()
    for (const sample of [
      'failing 0',
      'failing_seconds 0',
      // What comes of the rest may fill it again.
      'full_total [1-9]',
      'waiting_bytes 0',
      'failures_total [4-9]',
      'writes_total [1-9]',
    ]) {
      expect(text).toMatch(new RegExp(`^faultline_store_${sample}`, 'm'))
    }
    expect(Number(/^faultline_store_write_seconds_total (.*)$/m.exec(text)?.[1])).toBeGreaterThan(0)
    expect(Number(/^faultline_store_write_longest_seconds (.*)$/m.exec(text)?.[1])).toBeGreaterThan(0)
    const kinds = problems.map(
      (text) => /cannot be written: no space left|octets wait|is written again/.exec(text)?.[0],
    )
    expect([...new Set(kinds)]).toEqual(['cannot be written: no space left', 'octets wait', 'is written again'])
    const again = await open('meter', 0)
    const came = await again.takeAll(count)
    expect(came.map(({ payload }) => payload[0])).toEqual(Array.from({ length: count }, (_, at) => at + 1))
  })
})

describe('a broker whose store is slow', () => {
  it('lets a client go that goes in order once that is written', async () => {
    const { bench, store } = await setUp()
    const client = await ConformanceClient.open(bench, 4)
    const other = await ConformanceClient.open(bench, 4)
    onTestFinished(() => [client, other].forEach(({ socket }) => void socket.destroy()))
    await client.connect({ id: 'leaves', clean: false, will: { topic: 'will', payload: 'dead', qos: 1 } })
    let goOn = () => {}
    store.busy = new Promise((resolve) => {
      goOn = resolve
    })
    client.send(disconnect())
    await until('it has gone', () => bench.engine.session('leaves')?.session.connected === false)
    // Somebody who is sent away at once: by then it would have heard too.
    other.send(Buffer.of(0xc0, 0))
    await other.closing()
    expect(client.closed).toBe(false)
    goOn()
    await client.closing()
  })
})
