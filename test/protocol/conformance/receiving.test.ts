import { describe, expect } from 'vitest'
import { rule, type Trial } from '../../helpers/conformance.ts'
import type { ConformanceClient } from '../../helpers/conformance-client.ts'
import { expectClosed } from '../../helpers/conformance-expect.ts'
import { ack, publish } from '../../helpers/mqtt-octets.ts'

/** A publisher and a subscriber of its topic at QoS 2. */
async function pair(
  trial: Trial,
): Promise<{ publisher: ConformanceClient; subscriber: ConformanceClient; topic: string }> {
  const topic = trial.name('t')
  const subscriber = await trial.connect()
  await subscriber.subscribe([[topic, 2]])
  return { publisher: await trial.connect(), subscriber, topic }
}

/** A client has published at QoS 2, was cut off after PUBREC, and is back with its Session. */
async function publishedAndBack(trial: Trial) {
  const { subscriber, topic } = await pair(trial)
  const id = trial.name('p')
  const first = await trial.keep(id)
  first.send(publish(trial.version, topic, 'hello', { qos: 2, packetId: 5 }))
  await first.receive('PUBREC')
  first.reset()
  const second = await trial.keep(id)
  return { second, subscriber, topic }
}

describe('a broker that receives PUBLISH', () => {
  rule({ v31: '§4.1', v311: '3.3.4-1 4.3.1-1', v5: '3.3.4-1 4.3.1-1' }, 'answers nothing at QoS 0', async (trial) => {
    const { publisher, subscriber, topic } = await pair(trial)
    publisher.send(publish(trial.version, topic, 'hello'))
    expect(await subscriber.take()).toMatchObject({ text: 'hello', qos: 0, dup: false, packetId: 0 })
    await publisher.expectNothing()
  })

  for (const packetId of [1, 256, 65535]) {
    rule(
      { v31: '§4.1', v311: '3.3.4-1 4.3.2-2 2.3.1-6', v5: '3.3.4-1 4.3.2-4 2.2.1-5 3.4.2-1' },
      `answers PUBACK at QoS 1 with Packet Identifier ${packetId}`,
      async (trial) => {
        const { publisher, subscriber, topic } = await pair(trial)
        publisher.send(publish(trial.version, topic, 'hello', { qos: 1, packetId }))
        expect(await publisher.next()).toMatchObject({ kind: 'PUBACK', packetId, code: 0 })
        expect(await subscriber.take()).toMatchObject({ text: 'hello', qos: 1, dup: false })
        await publisher.expectNothing()
      },
    )

    rule(
      { v31: '§4.1', v311: '3.3.4-1 4.3.3-2 2.3.1-6', v5: '4.3.3-8 4.3.3-11 2.2.1-5 3.5.2-1 3.7.2-1' },
      `answers PUBREC and PUBCOMP at QoS 2 with Packet Identifier ${packetId}`,
      async (trial) => {
        const { publisher, subscriber, topic } = await pair(trial)
        publisher.send(publish(trial.version, topic, 'hello', { qos: 2, packetId }))
        expect(await publisher.next()).toMatchObject({ kind: 'PUBREC', packetId, code: 0 })
        publisher.send(ack('PUBREL', packetId))
        expect(await publisher.next()).toMatchObject({ kind: 'PUBCOMP', packetId, code: 0 })
        expect(await subscriber.take()).toMatchObject({ text: 'hello', qos: 2, dup: false })
        await subscriber.expectNothing(publisher)
      },
    )
  }

  rule(
    { v311: '4.3.2-2', v5: '4.3.2-5' },
    'takes a QoS 1 PUBLISH after PUBACK for a new one, also with DUP',
    async (trial) => {
      const { publisher, subscriber, topic } = await pair(trial)
      for (const [text, dup] of [
        ['one', false],
        ['two', true],
        ['three', false],
      ] as const) {
        await publisher.publish(topic, text, { qos: 1, packetId: 7, dup })
      }
      const came = await subscriber.takeAll(3)
      expect(came.map(({ text, dup }) => [text, dup])).toEqual([
        ['one', false],
        ['two', false],
        ['three', false],
      ])
    },
  )

  rule({ v311: '4.3.3-2', v5: '4.3.3-10' }, 'delivers a QoS 2 PUBLISH and its DUP once', async (trial) => {
    const { publisher, subscriber, topic } = await pair(trial)
    publisher.send(publish(trial.version, topic, 'hello', { qos: 2, packetId: 5 }))
    expect(await publisher.receive('PUBREC')).toMatchObject({ packetId: 5, code: 0 })
    publisher.send(publish(trial.version, topic, 'hello', { qos: 2, packetId: 5, dup: true }))
    expect(await publisher.receive('PUBREC')).toMatchObject({ packetId: 5 })
    publisher.send(ack('PUBREL', 5))
    expect(await publisher.receive('PUBCOMP')).toMatchObject({ packetId: 5 })
    expect((await subscriber.take()).dup).toBe(false)
    await subscriber.expectNothing(publisher)
  })

  rule(
    { v311: '4.3.3-2', v5: '4.3.3-10' },
    'delivers it once when both come in one segment',
    async (trial) => {
      const { publisher, subscriber, topic } = await pair(trial)
      publisher.send(
        publish(trial.version, topic, 'hello', { qos: 2, packetId: 5 }),
        publish(trial.version, topic, 'hello', { qos: 2, packetId: 5, dup: true }),
        publish(trial.version, topic, 'hello', { qos: 2, packetId: 5, dup: true }),
        ack('PUBREL', 5),
      )
      await publisher.receive('PUBCOMP')
      expect(publisher.unread.map(({ kind, packetId }) => [kind, packetId])).toEqual(Array(3).fill(['PUBREC', 5]))
      await subscriber.take()
      await subscriber.expectNothing(publisher)
    },
    { why: 'it closes at the second repetition' },
  )

  rule(
    { v311: '4.3.3-2 4.4.0-1', v5: '4.3.3-10 4.4.0-1' },
    'delivers it once when the DUP comes after a reconnect',
    async (trial) => {
      const { second, subscriber, topic } = await publishedAndBack(trial)
      second.send(publish(trial.version, topic, 'hello', { qos: 2, packetId: 5, dup: true }))
      expect(await second.receive('PUBREC')).toMatchObject({ packetId: 5 })
      second.send(ack('PUBREL', 5))
      await second.receive('PUBCOMP')
      await subscriber.take()
      await subscriber.expectNothing(second)
    },
  )

  rule(
    { v311: '4.4.0-1 4.3.3-2', v5: '4.4.0-1 4.3.3-11' },
    'answers a PUBREL that comes after a reconnect',
    async (trial) => {
      const { second, subscriber } = await publishedAndBack(trial)
      second.send(ack('PUBREL', 5))
      expect(await second.receive('PUBCOMP')).toMatchObject({ packetId: 5, code: 0 })
      await subscriber.take()
      await subscriber.expectNothing(second)
    },
  )

  rule({ v311: '4.3.3-2', v5: '4.3.3-12' }, 'takes a QoS 2 PUBLISH after PUBCOMP for a new one', async (trial) => {
    const { publisher, subscriber, topic } = await pair(trial)
    for (const text of ['one', 'two', 'three']) await publisher.publish(topic, text, { qos: 2, packetId: 5 })
    expect((await subscriber.takeAll(3)).map(({ text }) => text)).toEqual(['one', 'two', 'three'])
    await subscriber.expectNothing(publisher)
  })

  rule({ v311: '4.3.3-2', v5: '4.3.3-11 3.7.2-1' }, 'answers every PUBREL with PUBCOMP', async (trial) => {
    const { publisher, subscriber, topic } = await pair(trial)
    await publisher.publish(topic, 'hello', { qos: 2, packetId: 5 })
    for (const [packetId, known] of [
      [5, false],
      [99, false],
    ] as const) {
      publisher.send(ack('PUBREL', packetId))
      const answer = await publisher.receive('PUBCOMP')
      expect(answer.packetId).toBe(packetId)
      // 0x92: Packet Identifier not found; Success is allowed, because the first PUBCOMP may be lost.
      expect(known || trial.version < 5 ? [0] : [0x92, 0]).toContain(answer.code)
    }
    await subscriber.take()
    await subscriber.expectNothing(publisher)
  })

  rule({ v311: '4.3.3-2 4.6.0-6', v5: '4.3.3-10 4.6.0-5' }, 'keeps several QoS 2 messages apart', async (trial) => {
    const { publisher, subscriber, topic } = await pair(trial)
    const ids = [3, 1, 2]
    publisher.send(...ids.map((packetId) => publish(trial.version, topic, `m${packetId}`, { qos: 2, packetId })))
    expect((await publisher.receiveAll('PUBREC', 3)).map(({ packetId }) => packetId)).toEqual(ids)
    publisher.send(
      ...ids.map((packetId) => publish(trial.version, topic, `m${packetId}`, { qos: 2, packetId, dup: true })),
    )
    await publisher.receiveAll('PUBREC', 3)
    for (const packetId of [2, 3, 1]) {
      publisher.send(ack('PUBREL', packetId))
      expect((await publisher.receive('PUBCOMP')).packetId).toBe(packetId)
    }
    const came = await subscriber.takeAll(3)
    expect(came.map(({ text }) => text).sort()).toEqual(['m1', 'm2', 'm3'])
    await subscriber.expectNothing(publisher)
  })

  rule({ v311: '2.3.1-4 4.3.3-2', v5: '2.2.1-4 4.3.3-10' }, 'has Packet Identifiers of its own', async (trial) => {
    const topic = trial.name()
    const client = await trial.connect()
    await client.subscribe([[topic, 2]])
    // Both sides may use 1 at the same time.
    client.send(publish(trial.version, topic, 'mine', { qos: 2, packetId: 1 }))
    await client.receive('PUBREC')
    client.send(ack('PUBREL', 1))
    await client.receive('PUBCOMP')
    const came = await client.receive('PUBLISH')
    client.send(publish(trial.version, topic, 'again', { qos: 2, packetId: came.packetId }))
    await client.receive('PUBREC')
    client.send(ack('PUBREC', came.packetId))
    expect((await client.receive('PUBREL')).packetId).toBe(came.packetId)
    client.send(ack('PUBREL', came.packetId), ack('PUBCOMP', came.packetId))
    await client.receive('PUBCOMP')
    expect((await client.take()).text).toBe('again')
    await client.expectNothing()
  })

  rule({ v311: '3.3.1-3', v5: '3.3.1-3' }, 'tells no subscriber of a DUP that it was sent with', async (trial) => {
    const { publisher, subscriber, topic } = await pair(trial)
    await publisher.publish(topic, 'one', { qos: 1, dup: true })
    await publisher.publish(topic, 'two', { qos: 2, dup: true })
    const came = await subscriber.takeAll(2)
    expect(came.map(({ text, dup }) => [text, dup])).toEqual([
      ['one', false],
      ['two', false],
    ])
  })

  rule({ v311: '3.3.1-2', v5: '3.3.1-2' }, 'sends no DUP at QoS 0', async (trial) => {
    const { publisher, subscriber, topic } = await pair(trial)
    publisher.send(publish(trial.version, topic, 'odd', { dup: true }))
    await subscriber.fence()
    // A Server may take it for malformed.
    if (subscriber.unread.length === 0) await expectClosed(publisher)
    else expect((await subscriber.take()).dup).toBe(false)
  })

  rule({ v311: '3.3.1-4 4.8.0-1', v5: '3.3.1-4 4.13.1-1' }, 'takes no QoS 3', async (trial) => {
    const { publisher, subscriber, topic } = await pair(trial)
    publisher.send(publish(trial.version, topic, 'hello', { qos: 3, packetId: 1 }))
    await expectClosed(publisher)
    await subscriber.expectNothing()
  })

  for (const topic of ['a/+', 'a/#', '#', '+', 'a+', 'a#b']) {
    rule(
      { v31: '§3.3', v311: '3.3.2-2 4.7.1-1', v5: '3.3.2-2 4.7.0-1' },
      `takes no Topic Name '${topic}'`,
      async (trial) => {
        const client = await trial.connect()
        client.send(publish(trial.version, topic, 'hello'))
        await expectClosed(client)
      },
    )
  }

  rule({ v311: '4.7.3-1', v5: '4.7.3-1' }, 'takes no Topic Name without a character', async (trial) => {
    const client = await trial.connect()
    client.send(publish(trial.version, '', 'hello'))
    await expectClosed(client)
  })
})
