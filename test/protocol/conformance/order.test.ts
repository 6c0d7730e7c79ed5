import { describe, expect } from 'vitest'
import { rule, type Trial } from '../../helpers/conformance.ts'
import type { ConformanceClient } from '../../helpers/conformance-client.ts'
import { ack, publish, type QoS } from '../../helpers/mqtt-octets.ts'

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, index) => String(from + index))

/** Sends numbers to a topic without waiting for answers, and then waits for all answers. */
async function burst(publisher: ConformanceClient, topic: string, texts: readonly string[], qos: QoS): Promise<void> {
  publisher.send(
    ...texts.map((text, index) =>
      publish(publisher.version, topic, text, { qos, ...(qos > 0 ? { packetId: 1000 + index } : {}) }),
    ),
  )
  if (qos === 0) return publisher.ping()
  for (const _ of texts) {
    const { packetId } = await publisher.receive(qos === 1 ? 'PUBACK' : 'PUBREC')
    if (qos === 2) publisher.send(ack('PUBREL', packetId))
  }
  if (qos === 2) await publisher.receiveAll('PUBCOMP', texts.length)
}

async function kept(trial: Trial, id: string, topic: string, qos: QoS): Promise<ConformanceClient> {
  const client = await trial.keep(id)
  await client.subscribe([[topic, qos]])
  return client
}

describe('order', () => {
  for (const qos of [0, 1, 2] as const) {
    for (const granted of [0, 1, 2] as const) {
      rule(
        { v31: '§4.2', v311: '4.6.0-5 4.6.0-6', v5: '4.6.0-5 4.6.0-6' },
        `is kept from a publisher at QoS ${qos} to a subscriber at QoS ${granted}`,
        async (trial) => {
          const topic = trial.name()
          const [publisher, subscriber] = [await trial.connect(), await trial.connect()]
          await subscriber.subscribe([[`${topic}/+`, granted]])
          // Fewer than any broker lets be unfinished.
          for (let round = 0; round < 5; round++) {
            await burst(publisher, `${topic}/a`, numbers(15, round * 15), qos)
          }
          expect((await subscriber.takeAll(75)).map(({ text }) => text)).toEqual(numbers(75))
          await subscriber.expectNothing(publisher)
        },
      )
    }
  }

  rule({ v311: '4.6.0-6 4.6.0-2', v5: '4.6.0-5' }, 'of acknowledgements is that of the messages', async (trial) => {
    const publisher = await trial.connect()
    const topic = trial.name()
    const ids = [9, 3, 7, 1, 5]
    publisher.send(...ids.map((packetId) => publish(trial.version, topic, '', { qos: 1, packetId })))
    expect((await publisher.receiveAll('PUBACK', 5)).map(({ packetId }) => packetId)).toEqual(ids)
    publisher.send(...ids.map((packetId) => publish(trial.version, topic, '', { qos: 2, packetId })))
    expect((await publisher.receiveAll('PUBREC', 5)).map(({ packetId }) => packetId)).toEqual(ids)
    publisher.send(...ids.map((packetId) => ack('PUBREL', packetId)))
    expect((await publisher.receiveAll('PUBCOMP', 5)).map(({ packetId }) => packetId)).toEqual(ids)
  })

  rule(
    { v311: '4.6.0-1 4.6.0-6 4.4.0-1', v5: '4.6.0-5 4.4.0-1' },
    'of what is sent again is that of the first time',
    async (trial) => {
      const [id, topic] = [trial.name(), trial.name('t')]
      const publisher = await trial.connect()
      const first = await kept(trial, id, topic, 2)
      const qos = (index: number): QoS => (index % 2 === 0 ? 2 : 1)
      for (let index = 0; index < 8; index++) await publisher.publish(topic, String(index), { qos: qos(index) })
      const sent = await first.receiveAll('PUBLISH', 8)
      // Acknowledged out of order, so that what is left is no simple row.
      for (const index of [5, 2]) {
        const came = sent[index]
        if (came !== undefined) await first.answer(came)
      }
      await first.ping()
      first.reset()
      for (let round = 0; round < 2; round++) {
        const again = await trial.keep(id)
        const came = await again.receiveAll('PUBLISH', 6)
        expect(came.map(({ text, dup }) => [text, dup])).toEqual(
          ['0', '1', '3', '4', '6', '7'].map((text) => [text, true]),
        )
        expect(came.map(({ packetId }) => packetId)).toEqual([0, 1, 3, 4, 6, 7].map((index) => sent[index]?.packetId))
        again.reset()
      }
    },
  )

  rule(
    { v311: '4.6.0-6 3.1.2-5', v5: '4.6.0-5 4.5.0-1' },
    'of a queue is kept, and live messages come after it',
    async (trial) => {
      const [id, topic] = [trial.name(), trial.name('t')]
      const publisher = await trial.connect()
      const first = await kept(trial, id, topic, 2)
      await first.disconnect()
      for (let round = 0; round < 20; round++) await burst(publisher, topic, numbers(10, round * 10), 1)
      const second = await trial.keep(id)
      const live = (async () => {
        for (let round = 20; round < 40; round++) await burst(publisher, topic, numbers(10, round * 10), 1)
      })()
      expect((await second.takeAll(400)).map(({ text }) => text)).toEqual(numbers(400))
      await live
      await second.expectNothing(publisher)
    },
  )

  rule({ v311: '4.6.0-6', v5: '4.6.0-5' }, 'is kept through many reconnects in the middle of it', async (trial) => {
    const [id, topic] = [trial.name(), trial.name('t')]
    const publisher = await trial.connect()
    let subscriber = await kept(trial, id, topic, 2)
    const publishing = (async () => {
      for (let round = 0; round < 30; round++) await burst(publisher, topic, numbers(10, round * 10), 2)
    })()
    const heard: string[] = []
    while (heard.length < 300) {
      for (let count = 0; count < 25 && heard.length < 300; count++) heard.push((await subscriber.take()).text)
      await subscriber.ping()
      subscriber.reset()
      subscriber = await trial.keep(id)
    }
    await publishing
    expect(heard).toEqual(numbers(300))
    await subscriber.expectNothing(publisher)
  })

  rule({ v311: '4.6.0-6', v5: '4.6.0-5' }, 'of several publishers is that of each', async (trial) => {
    const topic = trial.name()
    const subscriber = await trial.connect()
    await subscriber.subscribe([[topic, 1]])
    const publishers = await Promise.all(
      Array.from({ length: 5 }, () => trial.connect({ id: trial.name(Math.random().toString(36).slice(2)) })),
    )
    await Promise.all(
      publishers.map(async (publisher, which) => {
        for (let round = 0; round < 4; round++) {
          await burst(
            publisher,
            topic,
            numbers(10, round * 10).map((text) => `${which}:${text}`),
            1,
          )
        }
      }),
    )
    const came = (await subscriber.takeAll(200)).map(({ text }) => text)
    for (let which = 0; which < 5; which++) {
      expect(came.filter((text) => text.startsWith(`${which}:`))).toEqual(numbers(40).map((text) => `${which}:${text}`))
    }
  })

  rule(
    { v311: '4.6.0-6 3.1.2-8', v5: '4.6.0-5 3.1.2-8' },
    'puts a Will behind what its client published before',
    async (trial) => {
      const topic = trial.name()
      const subscriber = await trial.connect()
      await subscriber.subscribe([[topic, 2]])
      for (const qos of [0, 1] as const) {
        const client = await trial.connect({ id: trial.name(`w${qos}`), will: { topic, payload: 'will', qos } })
        const packets = numbers(20).map((text, index) =>
          publish(trial.version, topic, text, { qos, ...(qos > 0 ? { packetId: index + 1 } : {}) }),
        )
        client.send(...packets)
        client.socket.end()
        const came = (await subscriber.takeAll(21)).map(({ text }) => text)
        expect(came).toEqual([...numbers(20), 'will'])
      }
    },
  )
})
