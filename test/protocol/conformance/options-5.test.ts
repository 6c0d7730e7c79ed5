import { describe, expect } from 'vitest'
import { rule } from '../../helpers/conformance.ts'
import { expectDisconnect } from '../../helpers/conformance-expect.ts'
import { ack, field, octets, packet, subscribe, u16, variable } from '../../helpers/mqtt-octets.ts'
import { type Came, propertyValues } from '../../helpers/mqtt-reading.ts'

const noLocal = 4
const identifiers = (came: Came) =>
  propertyValues(came, 'subscriptionIdentifier')
    .map(Number)
    .sort((a, b) => a - b)
const identifier = (value: number) => [['subscriptionIdentifier', value]] as const

describe('No Local', () => {
  rule({ v5: '3.8.3-3' }, 'keeps messages from the client that published them', async (trial) => {
    const topic = trial.name()
    const [one, two] = [await trial.connect(), await trial.connect()]
    for (const client of [one, two]) await client.subscribe([[topic, 1 | noLocal]])
    await one.publish(topic, 'from one', { qos: 1 })
    expect((await two.take()).text).toBe('from one')
    await one.expectNothing()
    await two.publish(topic, 'from two', { qos: 1 })
    expect((await one.take()).text).toBe('from two')
    await two.expectNothing()
  })

  rule({ v5: '3.8.3-3' }, 'goes by the Client Identifier, also in a queue', async (trial) => {
    const [id, topic] = [trial.name(), trial.name('t')]
    const other = await trial.connect()
    const first = await trial.keep(id)
    await first.subscribe([[topic, 1 | noLocal]])
    await first.publish(topic, 'unwanted', { qos: 1 })
    first.reset()
    await other.publish(topic, 'wanted', { qos: 1 })
    const second = await trial.keep(id)
    await second.publish(topic, 'unwanted', { qos: 1 })
    expect((await second.take()).text).toBe('wanted')
    await second.expectNothing()
  })

  rule(
    { v5: '3.8.3-3 3.8.4-3' },
    'belongs to one Subscription, and can be taken back',
    async (trial) => {
      const topic = trial.name()
      const client = await trial.connect()
      await client.subscribe([
        [topic, noLocal],
        [`${topic}/+`, 0],
      ])
      await client.publish(topic, 'unwanted')
      await client.publish(`${topic}/a`, 'wanted')
      expect((await client.take()).text).toBe('wanted')
      await client.subscribe([[topic, 0]])
      await client.publish(topic, 'wanted too')
      expect((await client.take()).text).toBe('wanted too')
      await client.expectNothing()
    },
    { why: 'No Local stays' },
  )

  rule(
    { v5: '3.8.3-4 4.13.1-1' },
    'is not for a shared Subscription',
    async (trial) => {
      const client = await trial.connect()
      client.send(subscribe(5, 1, [[`$share/g/${trial.name()}`, noLocal]]))
      await expectDisconnect(client, 0x82)
    },
    { why: 'it grants it' },
  )
})

describe('a Subscription Identifier', () => {
  for (const value of [1, 127, 128, 16_384, 268_435_455]) {
    rule({ v5: '3.3.4-3' }, `of ${value} comes with the messages`, async (trial) => {
      const topic = trial.name()
      const client = await trial.connect()
      await client.subscribe([[`${topic}/+`, 1]], identifier(value))
      await client.publish(`${topic}/a`, '', { qos: 1 })
      expect(identifiers(await client.take())).toEqual([value])
    })
  }

  rule({ v5: '3.3.4-3 3.3.4-4 3.3.4-5' }, 'comes for each Subscription that matches and has one', async (trial) => {
    const topic = trial.name()
    const client = await trial.connect()
    await client.subscribe([[`${topic}/#`, 2]], identifier(1))
    await client.subscribe([[`${topic}/+`, 1]], identifier(2))
    await client.subscribe([[`${topic}/a`, 0]])
    await client.subscribe([[`${topic}/b`, 2]], identifier(3))
    await client.publish(`${topic}/a`, 'hello', { qos: 2 })
    await client.fence()
    const came = client.unread.splice(0)
    expect([1, 2, 3]).toContain(came.length)
    expect(came.flatMap(identifiers).sort()).toEqual([1, 2])
    expect(Math.max(...came.map(({ qos }) => qos))).toBe(2)
  })

  rule({ v5: '3.3.4-3 3.3.4-4' }, 'may be the same for several', async (trial) => {
    const topic = trial.name()
    const client = await trial.connect()
    await client.subscribe(
      [
        [`${topic}/a`, 1],
        [`${topic}/b`, 1],
      ],
      identifier(5),
    )
    for (const name of ['a', 'b']) {
      await client.publish(`${topic}/${name}`, '', { qos: 1 })
      expect(identifiers(await client.take())).toEqual([5])
    }
  })

  rule({ v5: '3.8.4-3 3.3.4-3' }, 'is that of the last SUBSCRIBE', async (trial) => {
    const topic = trial.name()
    const client = await trial.connect()
    for (const [list, wanted] of [
      [identifier(5), [5]],
      [identifier(6), [6]],
      [[], []],
    ] as const) {
      await client.subscribe([[topic, 1]], list)
      await client.publish(topic, '', { qos: 1 })
      expect(identifiers(await client.take())).toEqual(wanted)
    }
  })

  rule({ v5: '3.3.4-3 3.1.2-5' }, 'belongs to the Session', async (trial) => {
    const [id, topic] = [trial.name(), trial.name('t')]
    const publisher = await trial.connect()
    const first = await trial.keep(id)
    await first.subscribe([[topic, 1]], identifier(8))
    await first.disconnect()
    await publisher.publish(topic, 'queued', { qos: 1 })
    const second = await trial.keep(id)
    await publisher.publish(topic, 'live', { qos: 1 })
    expect((await second.takeAll(2)).map(identifiers)).toEqual([[8], [8]])
  })

  const wrong = {
    'is not 0': octets(0x0b, 0),
    'comes once': octets(0x0b, 1, 0x0b, 2),
    'has at most four octets': octets(0x0b, 0x80, 0x80, 0x80, 0x80, 1),
  }
  for (const [what, props] of Object.entries(wrong)) {
    rule(
      { v5: '4.13.1-1' },
      what,
      async (trial) => {
        const client = await trial.connect()
        client.send(packet(0x82, u16(1), variable(props.length), props, field(trial.name()), 0))
        await expectDisconnect(client, 0x82, 0x81)
      },
      what === 'comes once' ? { why: 'it closes without a word' } : undefined,
    )
  }
})

describe('a shared Subscription', () => {
  const texts = (count: number) => Array.from({ length: count }, (_, index) => String(index))

  rule({ v311: '3.8.4-1', v5: '4.8.2-1 3.8.4-7' }, 'gives each message to one of its group', async (trial) => {
    const topic = trial.name()
    const publisher = await trial.connect()
    const members = [await trial.connect(), await trial.connect(), await trial.connect()]
    for (const member of members) expect((await member.subscribe([[`$share/g/${topic}/+`, 1]])).codes).toEqual([1])
    for (const text of texts(30)) await publisher.publish(`${topic}/a`, text, { qos: 1 })
    const heard: string[] = []
    for (const member of members) {
      await member.fence(publisher)
      const came = member.unread.splice(0)
      expect(came.length).toBeGreaterThan(0)
      heard.push(...came.map(({ text }) => text))
    }
    expect(heard.map(Number).sort((a, b) => a - b)).toEqual(texts(30).map(Number))
  })

  rule({ v5: '4.8.2-1 3.8.4-3' }, 'is apart from other groups and from plain ones', async (trial) => {
    const topic = trial.name()
    const publisher = await trial.connect()
    const [one, two, plain] = [await trial.connect(), await trial.connect(), await trial.connect()]
    await one.subscribe([[`$share/g1/${topic}`, 1]])
    await two.subscribe([[`$share/g2/${topic}`, 1]])
    await plain.subscribe([[topic, 1]])
    for (const text of texts(5)) await publisher.publish(topic, text, { qos: 1 })
    for (const client of [one, two, plain]) {
      expect((await client.takeAll(5)).map(({ text }) => text)).toEqual(texts(5))
      await client.expectNothing(publisher)
    }
  })

  rule({ v5: '4.8.2-1 3.8.4-3' }, 'of a client is apart from its own plain one', async (trial) => {
    const topic = trial.name()
    const client = await trial.connect()
    await client.subscribe([[`$share/g/${topic}`, 1]], identifier(1))
    await client.subscribe([[topic, 1]], identifier(2))
    await client.publish(topic, 'hello', { qos: 1 })
    await client.fence()
    const came = client.unread.splice(0)
    expect(came.flatMap(identifiers).sort()).toEqual([1, 2])
    for (const one of came) if (one.qos === 1) client.send(ack('PUBACK', one.packetId))
    await client.unsubscribe([topic])
    await client.publish(topic, 'shared', { qos: 1 })
    expect(identifiers(await client.take())).toEqual([1])
    expect((await client.unsubscribe([`$share/g/${topic}`, `$share/h/${topic}`])).codes).toEqual([0, 0x11])
    await client.publish(topic, 'unwanted', { qos: 1 })
    await client.expectNothing()
  })

  rule({ v5: '4.8.2-3' }, 'has the QoS of the member that gets it', async (trial) => {
    const topic = trial.name()
    const publisher = await trial.connect()
    const members = [await trial.connect(), await trial.connect(), await trial.connect()]
    for (const [qos, member] of members.entries()) await member.subscribe([[`$share/g/${topic}`, qos]])
    for (const text of texts(12)) await publisher.publish(topic, text, { qos: 2 })
    let heard = 0
    for (const [qos, member] of members.entries()) {
      await member.fence(publisher)
      while (member.unread.length > 0) {
        expect((await member.take()).qos).toBe(qos)
        heard += 1
      }
    }
    expect(heard).toBe(12)
  })

  rule(
    { v5: '3.3.1-9 4.8.2-1' },
    'gets no retained messages',
    async (trial) => {
      const topic = trial.name()
      const client = await trial.connect()
      await client.publish(topic, 'kept', { qos: 1, retain: true })
      await client.subscribe([[`$share/g/${topic}`, 1]])
      await client.expectNothing()
    },
    { why: 'it sends them' },
  )

  rule({ v5: '4.8.2-4 4.8.2-5' }, 'completes QoS 2 with the member that it began with', async (trial) => {
    const [id, topic] = [trial.name(), trial.name('t')]
    const publisher = await trial.connect()
    const chosen = await trial.keep(id)
    await chosen.subscribe([[`$share/g/${topic}`, 2]])
    await publisher.publish(topic, 'one', { qos: 2 })
    const { packetId } = await chosen.receive('PUBLISH')
    const other = await trial.connect()
    await other.subscribe([[`$share/g/${topic}`, 2]])
    chosen.reset()
    await other.expectNothing(publisher)
    const again = await trial.keepAndSee(id)
    const came = await again.client.receive('PUBLISH')
    expect(came).toMatchObject({ text: 'one', packetId, dup: true, qos: 2 })
    again.client.reset()
    await trial.connect({ id, clean: true })
    await other.expectNothing(publisher)
  })

  rule({ v5: '4.8.2-6' }, 'gives to nobody else what its member refused', async (trial) => {
    const topic = trial.name()
    const publisher = await trial.connect()
    const members = [await trial.connect(), await trial.connect()]
    for (const member of members) await member.subscribe([[`$share/g/${topic}`, 2]])
    await publisher.publish(topic, 'one', { qos: 1 })
    await publisher.publish(topic, 'two', { qos: 2 })
    let refused = 0
    for (const member of members) {
      await member.fence(publisher)
      for (const { qos, packetId } of member.unread.splice(0)) {
        member.send(ack(qos === 1 ? 'PUBACK' : 'PUBREC', packetId, 0x83))
        refused += 1
      }
      await member.ping()
    }
    expect(refused).toBe(2)
    for (const member of members) await member.expectNothing(publisher)
  })

  rule({ v5: '3.10.4-1 3.10.4-2' }, 'goes on with those who are left', async (trial) => {
    const topic = trial.name()
    const publisher = await trial.connect()
    const [stays, leaves, dies] = [await trial.connect(), await trial.connect(), await trial.connect()]
    for (const member of [stays, leaves, dies]) await member.subscribe([[`$share/g/${topic}`, 1]])
    await leaves.unsubscribe([`$share/g/${topic}`])
    await dies.disconnect()
    for (const text of texts(6)) await publisher.publish(topic, text, { qos: 1 })
    expect((await stays.takeAll(6)).map(({ text }) => text)).toEqual(texts(6))
    await leaves.expectNothing(publisher)
  })

  for (const filter of ['$share/g', '$share/g/', '$share//a', '$share/+/a', '$share/a#/a', '$share/', '$share/g/a#']) {
    rule(
      { v5: '4.8.2-1 4.8.2-2 4.7.3-1' },
      `is not '${filter}'`,
      async (trial) => {
        const client = await trial.connect()
        client.send(subscribe(5, 1, [[filter, 0]]))
        const came = await client.next().catch(() => undefined)
        if (came?.kind === 'SUBACK') expect(came.codes).toEqual([0x8f])
        else expect([undefined, 0x81, 0x82, 0x8f]).toContain(came?.code)
      },
      filter.includes('a#') ? undefined : { why: 'it grants it' },
    )
  }
})
