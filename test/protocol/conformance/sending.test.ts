import { describe, expect } from 'vitest'
import { rule, type Trial } from '../../helpers/conformance.ts'
import type { ConformanceClient } from '../../helpers/conformance-client.ts'
import { ack, publish } from '../../helpers/mqtt-octets.ts'

interface Scene {
  readonly topic: string
  readonly id: string
  readonly publisher: ConformanceClient
  readonly subscriber: ConformanceClient
}

/** A publisher, and a subscriber at this QoS whose Session is kept. */
async function scene(trial: Trial, qos: 0 | 1 | 2): Promise<Scene> {
  const topic = trial.name('t')
  const id = trial.name('s')
  const subscriber = await trial.keep(id)
  await subscriber.subscribe([[topic, qos]])
  return { topic, id, subscriber, publisher: await trial.connect() }
}

describe('a broker that sends PUBLISH', () => {
  rule(
    { v31: '§4.1', v311: '4.3.1-1 3.3.1-2', v5: '4.3.1-1 3.3.1-2' },
    'at QoS 0 sends it once, without DUP',
    async (trial) => {
      const { topic, subscriber, publisher } = await scene(trial, 0)
      for (const qos of [0, 1, 2]) await publisher.publish(topic, String(qos), { qos })
      const came = await subscriber.receiveAll('PUBLISH', 3)
      expect(came.map(({ text, qos, dup }) => [text, qos, dup])).toEqual([
        ['0', 0, false],
        ['1', 0, false],
        ['2', 0, false],
      ])
      await subscriber.expectNothing(publisher)
    },
  )

  rule(
    { v311: '4.3.2-1 2.3.1-4 2.3.1-1', v5: '4.3.2-1 4.3.2-2 2.2.1-4' },
    'at QoS 1 gives each an identifier of its own',
    async (trial) => {
      const { topic, subscriber, publisher } = await scene(trial, 1)
      for (const text of ['one', 'two', 'three']) await publisher.publish(topic, text, { qos: 1 })
      const came = await subscriber.receiveAll('PUBLISH', 3)
      expect(new Set(came.map(({ packetId }) => packetId)).size).toBe(3)
      expect(came.map(({ text, qos, dup }) => [text, qos, dup])).toEqual([
        ['one', 1, false],
        ['two', 1, false],
        ['three', 1, false],
      ])
      for (const one of came) await subscriber.answer(one)
      await subscriber.expectNothing(publisher)
    },
  )

  rule(
    { v311: '4.3.3-1 2.3.1-6', v5: '4.3.3-1 4.3.3-2 4.3.3-4 2.2.1-5 3.6.2-1' },
    'at QoS 2 answers PUBREC with PUBREL',
    async (trial) => {
      const { topic, subscriber, publisher } = await scene(trial, 2)
      await publisher.publish(topic, 'one', { qos: 2 })
      await publisher.publish(topic, 'two', { qos: 2 })
      const [one, two] = await subscriber.receiveAll('PUBLISH', 2)
      expect(one?.packetId).not.toBe(two?.packetId)
      expect([one?.dup, two?.dup]).toEqual([false, false])
      for (const { packetId } of [one, two].flatMap((came) => came ?? [])) {
        subscriber.send(ack('PUBREC', packetId))
        expect(await subscriber.receive('PUBREL')).toMatchObject({ packetId, flags: 2, code: 0 })
        subscriber.send(ack('PUBCOMP', packetId))
      }
      await subscriber.expectNothing(publisher)
    },
  )

  rule({ v311: '4.3.3-1', v5: '4.3.3-4 4.3.3-6' }, 'answers a repeated PUBREC with PUBREL again', async (trial) => {
    const { topic, subscriber, publisher } = await scene(trial, 2)
    await publisher.publish(topic, 'one', { qos: 2 })
    const { packetId } = await subscriber.receive('PUBLISH')
    subscriber.send(ack('PUBREC', packetId), ack('PUBREC', packetId))
    await subscriber.receiveAll('PUBREL', 2)
    subscriber.send(ack('PUBCOMP', packetId))
    await publisher.publish(topic, 'two', { qos: 2 })
    expect((await subscriber.take()).text).toBe('two')
    await subscriber.expectNothing(publisher)
  })

  rule({ v311: '4.3.3-1', v5: '4.3.3-5' }, 'bears acknowledgements that belong to nothing', async (trial) => {
    const { topic, subscriber, publisher } = await scene(trial, 2)
    subscriber.send(ack('PUBACK', 77), ack('PUBCOMP', 78))
    await subscriber.ping()
    await publisher.publish(topic, 'one', { qos: 2 })
    expect((await subscriber.take()).text).toBe('one')
  })

  rule(
    { v311: '4.4.0-1 3.3.1-1 2.3.1-3 2.3.1-4', v5: '4.4.0-1 3.3.1-1 4.3.2-3' },
    'at QoS 1 sends again what was not acknowledged, with DUP',
    async (trial) => {
      const { topic, id, subscriber, publisher } = await scene(trial, 1)
      await publisher.publish(topic, 'one', { qos: 1 })
      await publisher.publish(topic, 'two', { qos: 1 })
      const [one, two] = await subscriber.receiveAll('PUBLISH', 2)
      if (one === undefined || two === undefined) throw new Error('two were received')
      subscriber.send(ack('PUBACK', one.packetId))
      await subscriber.ping()
      subscriber.reset()
      const again = await trial.keep(id)
      const came = await again.take()
      expect(came).toMatchObject({ text: 'two', packetId: two.packetId, dup: true, qos: 1 })
      await again.expectNothing(publisher)
      await again.disconnect()
      const third = await trial.keep(id)
      await third.expectNothing(publisher)
    },
  )

  rule(
    { v311: '4.4.0-1 3.3.1-1', v5: '4.4.0-1 3.3.1-1 4.3.3-3' },
    'at QoS 2 sends again what got no PUBREC, with DUP',
    async (trial) => {
      const { topic, id, subscriber, publisher } = await scene(trial, 2)
      await publisher.publish(topic, 'one', { qos: 2 })
      const { packetId } = await subscriber.receive('PUBLISH')
      subscriber.reset()
      const again = await trial.keep(id)
      const came = await again.receive('PUBLISH')
      expect(came).toMatchObject({ text: 'one', packetId, dup: true, qos: 2 })
      await again.answer(came)
      await again.expectNothing(publisher)
    },
  )

  rule(
    { v311: '4.4.0-1 4.3.3-1', v5: '4.4.0-1 4.3.3-5 4.3.3-6' },
    'at QoS 2 sends PUBREL again, and not PUBLISH',
    async (trial) => {
      const { topic, id, subscriber, publisher } = await scene(trial, 2)
      await publisher.publish(topic, 'one', { qos: 2 })
      const { packetId } = await subscriber.receive('PUBLISH')
      subscriber.send(ack('PUBREC', packetId))
      await subscriber.receive('PUBREL')
      for (let round = 0; round < 3; round++) {
        subscriber.reset()
        const again = await trial.keep(id)
        expect(await again.next()).toMatchObject({ kind: 'PUBREL', packetId, flags: 2 })
        await again.expectNothing(publisher)
        again.reset()
      }
      const last = await trial.keep(id)
      expect(await last.next()).toMatchObject({ kind: 'PUBREL', packetId })
      last.send(ack('PUBCOMP', packetId))
      await last.ping()
      last.reset()
      const done = await trial.keep(id)
      await done.expectNothing(publisher)
    },
  )

  rule({ v311: '4.4.0-1', v5: '4.4.0-1' }, 'sends nothing again while the connection is open', async (trial) => {
    const { topic, subscriber, publisher } = await scene(trial, 2)
    await publisher.publish(topic, 'one', { qos: 1 })
    await publisher.publish(topic, 'two', { qos: 2 })
    await subscriber.receiveAll('PUBLISH', 2)
    const silent = await trial.connect({ keepAlive: 2 })
    await silent.closing()
    await subscriber.expectNothing(publisher)
  })

  rule(
    { v311: '4.4.0-1 3.3.1-1', v5: '4.4.0-1 3.3.1-1' },
    'sends again to the one that took the Session over',
    async (trial) => {
      const { topic, id, subscriber, publisher } = await scene(trial, 2)
      await publisher.publish(topic, 'one', { qos: 1 })
      await publisher.publish(topic, 'two', { qos: 2 })
      await subscriber.receiveAll('PUBLISH', 2)
      const again = await trial.keep(id)
      const came = await again.takeAll(2)
      expect(came.map(({ text, dup }) => [text, dup])).toEqual([
        ['one', true],
        ['two', true],
      ])
      await again.expectNothing(publisher)
    },
  )

  rule(
    { v311: '4.4.0-1 3.3.1-3', v5: '4.4.0-1 3.3.1-3' },
    'gives DUP to what was sent before, and not to what waited',
    async (trial) => {
      const { topic, id, subscriber, publisher } = await scene(trial, 1)
      await publisher.publish(topic, 'sent', { qos: 1, dup: true })
      await subscriber.receive('PUBLISH')
      subscriber.reset()
      // Its answer comes when the broker has seen that the other is gone.
      await trial.keep(id).then((client) => client.disconnect())
      await publisher.publish(topic, 'waited', { qos: 1, dup: true })
      const again = await trial.keep(id)
      const came = await again.takeAll(2)
      expect(came.map(({ text, dup }) => [text, dup])).toEqual([
        ['sent', true],
        ['waited', false],
      ])
    },
  )

  rule(
    { v311: '2.3.1-3 2.3.1-4', v5: '2.2.1-4 4.3.3-1' },
    'uses no identifier that is in use, however many it needs',
    async (trial) => {
      const { topic, subscriber, publisher } = await scene(trial, 2)
      await publisher.publish(topic, 'held', { qos: 2 })
      const held = await subscriber.receive('PUBLISH')
      subscriber.send(ack('PUBREC', held.packetId))
      await subscriber.receive('PUBREL')
      for (let round = 0; round < 66; round++) {
        const burst = Array.from({ length: 1000 }, (_, index) =>
          publish(trial.version, topic, 'x', { qos: 1, packetId: index + 1 }),
        )
        publisher.send(...burst)
        const ids: number[] = []
        while (ids.length < 1000) {
          const some = (await subscriber.receiveSome('PUBLISH')).map(({ packetId }) => packetId)
          ids.push(...some)
          subscriber.send(...some.map((packetId) => ack('PUBACK', packetId)))
        }
        expect(ids).not.toContain(held.packetId)
        await publisher.receiveAll('PUBACK', 1000)
      }
    },
    { why: 'with a thousand in flight it is too slow: more than a minute for 66,000' },
  )
})

describe('a slow subscriber', () => {
  rule({ v311: '4.5.0-1', v5: '4.5.0-1' }, 'that does not read holds up nobody else', async (trial) => {
    const topic = trial.name()
    const [slow, quick, publisher] = [await trial.connect(), await trial.connect(), await trial.connect()]
    await slow.subscribe([[topic, 0]])
    await quick.subscribe([[topic, 1]])
    slow.socket.pause()
    const payload = 'x'.repeat(100_000)
    for (let index = 0; index < 200; index++)
      await publisher.publish(topic, payload, { qos: 1 }).then(() => quick.take())
    await quick.expectNothing(publisher)
    await slow.socket.resume()
  })

  rule(
    { v311: '4.5.0-1 4.6.0-6', v5: '4.5.0-1 4.6.0-5' },
    'that acknowledges nothing gets the rest when it does',
    async (trial) => {
      const { topic, subscriber, publisher } = await scene(trial, 1)
      const texts = Array.from({ length: 200 }, (_, index) => String(index))
      for (const text of texts) await publisher.publish(topic, text, { qos: 1 })
      expect((await subscriber.takeAll(200)).map(({ text }) => text)).toEqual(texts)
      await subscriber.expectNothing(publisher)
    },
  )
})
