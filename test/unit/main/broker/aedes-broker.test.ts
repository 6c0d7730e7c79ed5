import { generate, type Packet } from 'mqtt-packet'
import { afterEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../../../app/base/clock.ts'
import { createConnectionPair } from '../../../../app/mqtt/connection-pair.ts'
import type { NetworkConnection } from '../../../../app/mqtt/network-connection.ts'
import { createAedesBroker } from '../../../../main/broker/aedes-broker.ts'
import type { Broker } from '../../../../main/broker/broker.ts'
import { systemClock } from '../../../../main/workbench/system-clock.ts'
import { ConnectionLog } from '../../../helpers/connection-log.ts'
import { concat } from '../../../helpers/packets.ts'
import { until } from '../../../helpers/until.ts'

const brokers: Broker[] = []

afterEach(async () => {
  await Promise.all(brokers.splice(0).map((broker) => broker.close()))
})

async function createBroker(clock: Clock = systemClock): Promise<Broker> {
  const broker = await createAedesBroker({ clock })
  brokers.push(broker)
  return broker
}

/** A client that is one end of a pair; it sends CONNECT in the same tick. */
function connect(broker: Broker, connection: number, clientId: string): { end: NetworkConnection; log: ConnectionLog } {
  const [end, brokerEnd] = createConnectionPair()
  const log = new ConnectionLog(end)
  end.resume()
  broker.accept(brokerEnd, connection)
  end.write(generate({ cmd: 'connect', clientId, protocolVersion: 4, clean: true, keepalive: 0 }))
  return { end, log }
}

function publish(topic: string, payload: string | Buffer): Buffer {
  return generate({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false })
}

const subscribe: Packet = { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: '#', qos: 0 }] }

async function connectReader(broker: Broker, connection: number) {
  const reader = connect(broker, connection, `reader-${connection}`)
  await until('CONNACK', () => reader.log.heard.length === 4)
  reader.end.write(generate(subscribe))
  await until('SUBACK', () => reader.log.heard.length === 9)
  reader.log.chunks.length = 0
  reader.log.origins.length = 0
  return reader
}

/** Counts the timers that are waiting. */
function countingClock(): Clock & { waiting: number } {
  const clock = {
    now: systemClock.now,
    monotonic: systemClock.monotonic,
    waiting: 0,
    after(ms: number, run: () => void) {
      clock.waiting += 1
      let over = false
      const finish = () => {
        if (!over) clock.waiting -= 1
        over = true
      }
      const timer = systemClock.after(ms, () => {
        finish()
        run()
      })
      return {
        dispose() {
          finish()
          timer.dispose()
        },
      }
    },
  }
  return clock
}

describe('createAedesBroker', () => {
  it('sends each PUBLISH in one write, with its origin', async () => {
    const broker = await createBroker()
    const reader = await connectReader(broker, 1)
    const writer = connect(broker, 2, 'writer')
    await until('CONNACK', () => writer.log.heard.length === 4)
    const messages = ['', 'small', 'x'.repeat(100_000), '', 'last'].map((payload) => publish('t', payload))
    writer.end.write(concat(messages))
    await until('all are received', () => reader.log.heard.length === concat(messages).length)
    expect(reader.log.chunks.map((octets) => octets.length)).toEqual(messages.map((octets) => octets.length))
    const origins = reader.log.origins.map((origin) => [origin?.kind, origin?.clientId])
    expect(origins).toEqual(messages.map(() => ['publish', 'writer']))
    const numbers = reader.log.origins.map((origin) => origin?.message ?? 0)
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
  })

  it('tells the sessions to be over when several connections take over at once', async () => {
    const broker = await createBroker()
    // With a subscription aedes needs a moment to close a client, in which the others come in.
    const first = await connectReader(broker, 1)
    first.end.pause()
    const twins = [2, 3, 4].map((connection) => connect(broker, connection, 'reader-1'))
    await until('all were answered', () => twins.every(({ log }) => log.heard.length > 0))
    for (const { end } of twins.toReversed()) end.reset()
    first.end.resume()
    await until('no session is left', () => broker.sessions().length === 0)
  })

  it('closes within a second, whatever its clients do, and leaves no timer', async () => {
    const clock = countingClock()
    const broker = await createBroker(clock)
    const timersBefore = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const polite = connect(broker, 1, 'polite')
    polite.log.ended = () => polite.end.end()
    const silent = await connectReader(broker, 2)
    const stuck = await connectReader(broker, 3)
    stuck.end.pause()
    const [nameless, brokerEnd] = createConnectionPair()
    const namelessLog = new ConnectionLog(nameless)
    nameless.resume()
    broker.accept(brokerEnd, 4)

    const started = performance.now()
    await broker.close()
    expect(performance.now() - started).toBeLessThan(1000)
    for (const log of [polite.log, silent.log, stuck.log, namelessLog]) expect(log.isClosed).toBe(true)
    expect(silent.log.reasons).toEqual(['the broker was stopped', 'the broker was stopped'])
    expect(clock.waiting).toBe(0)
    const timersAfter = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    expect(timersAfter).toBeLessThan(timersBefore)
  })

  it('turns away whoever comes while it closes', async () => {
    const broker = await createBroker()
    await connectReader(broker, 1)
    const closing = broker.close()
    const late = connect(broker, 2, 'late')
    await closing
    expect(late.log.isClosed).toBe(true)
    expect(late.log.heard.length).toBe(0)
  })

  it('goes on when the client that it waits for is reset', async () => {
    const broker = await createBroker()
    const stuck = await connectReader(broker, 1)
    const reader = await connectReader(broker, 2)
    stuck.end.pause()
    const writer = connect(broker, 3, 'writer')
    await until('CONNACK', () => writer.log.heard.length === 4)
    for (let n = 0; n < 50; n++) writer.end.write(publish('t', Buffer.alloc(100_000, n)))
    await until('the flood has begun', () => reader.log.chunks.length > 0)
    stuck.end.reset()
    await until('the other reader has all of it', () => reader.log.chunks.length === 50)
  })
})
