import { Buffer } from 'node:buffer'
import { describe, expect } from 'vitest'
import { type Deviation, rule, type Trial } from '../../helpers/conformance.ts'
import { expectClosed, expectRefused } from '../../helpers/conformance-expect.ts'
import { connect, octets, publish, subscribe, unsubscribe, type Version } from '../../helpers/mqtt-octets.ts'

/** Octets that are no UTF-8 [RFC 3629 §3, §4]. */
const illFormed: Readonly<Record<string, Buffer>> = {
  'a lone continuation octet': Buffer.of(0x61, 0x80),
  'an octet that never occurs': Buffer.of(0x61, 0xff),
  'a sequence cut short': Buffer.of(0x61, 0xe2, 0x82),
  'an overlong slash': Buffer.of(0x61, 0xc0, 0xaf),
  'an overlong null': Buffer.of(0x61, 0xc0, 0x80),
  'the code point U+D800': Buffer.of(0x61, 0xed, 0xa0, 0x80),
  'the code point U+DFFF': Buffer.of(0x61, 0xed, 0xbf, 0xbf),
  'a code point above U+10FFFF': Buffer.of(0x61, 0xf4, 0x90, 0x80, 0x80),
}

const places: Readonly<Record<string, (version: Version, text: Buffer) => Buffer>> = {
  'a Topic Name': (version, text) => publish(version, text, ''),
  'the Topic Filter of SUBSCRIBE': (version, text) => subscribe(version, 1, [[text, 0]]),
  'the Topic Filter of UNSUBSCRIBE': (version, text) => unsubscribe(version, 1, [text]),
}

describe('text', () => {
  for (const [place, make] of Object.entries(places)) {
    for (const [what, text] of Object.entries(illFormed)) {
      rule(
        { v311: '1.5.3-1 3.3.2-1 3.8.3-1 3.10.3-1', v5: '1.5.4-1 3.3.2-1 3.8.3-1 3.10.3-1' },
        `has not ${what} in ${place}`,
        async (trial) => {
          const client = await trial.connect()
          client.send(make(trial.version, text))
          await expectClosed(client)
        },
      )
    }

    rule({ v311: '1.5.3-2 4.7.3-2', v5: '1.5.4-2 4.7.3-2' }, `has not U+0000 in ${place}`, async (trial) => {
      const client = await trial.connect()
      client.send(make(trial.version, Buffer.from('a\0b')))
      await expectClosed(client)
    })
  }

  rule({ v311: '1.5.3-2 3.1.3-4', v5: '1.5.4-2 3.1.3-4' }, 'has not U+0000 in CONNECT', async (trial) => {
    const { version } = trial
    await expectRefused(trial, connect({ version, id: 'a\0b' }))
    await expectRefused(trial, connect({ version, id: trial.name(), userName: 'a\0b' }))
    await expectRefused(trial, connect({ version, id: trial.name(), will: { topic: 'a\0b', payload: '' } }))
  })

  rule({ v311: '1.5.3-3 4.7.3-4', v5: '1.5.4-3 4.7.3-4' }, 'keeps U+FEFF, which is a character', async (trial) => {
    const [plain, marked] = [trial.name(), `\ufeff${trial.name()}`]
    const client = await trial.connect()
    await client.subscribe([
      [marked, 0],
      [`+/${marked}`, 0],
    ])
    await client.publish(plain, 'unwanted')
    await client.publish(marked, 'wanted')
    await client.publish(`x/${marked}`, 'wanted')
    // Only octets can tell: text readers may strip it.
    const came = await client.receiveAll('PUBLISH', 2)
    const found = came.map(({ octets }) => octets.includes(Buffer.from([0xef, 0xbb, 0xbf])))
    expect(found).toEqual([true, true])
    await client.expectNothing()
  })

  rule(
    { v311: '4.7.3-4 1.5.3-1', v5: '4.7.3-4 1.5.4-1' },
    'may be of any language, and is not normalized',
    async (trial) => {
      const client = await trial.connect()
      const names = ['Größe', 'Gro\u0308\u00dfe', '温度', 'температура', '🌡️', 'a b', ' a', 'A', 'a\u00a0']
      const topics = names.map((name) => `${trial.name()}/${name}`)
      for (const topic of topics) {
        await client.subscribe([[topic, 0]])
      }
      for (const topic of topics) await client.publish(topic, topic)
      const came = await client.receiveAll('PUBLISH', topics.length)
      expect(came.map(({ topic }) => topic)).toEqual(topics)
      expect(came.map(({ text }) => text)).toEqual(topics)
      await client.expectNothing()
    },
  )
})

const oneByOne: Deviation = { why: 'it takes topics of 200 levels at most' }

describe('a long topic', () => {
  const passesOn = async (trial: Trial, topic: string, filter = topic) => {
    const client = await trial.connect()
    expect((await client.subscribe([[filter, 1]])).codes).toEqual([1])
    await client.publish(topic, 'hello', { qos: 1 })
    expect(await client.take()).toMatchObject({ topic, text: 'hello' })
    expect((await client.unsubscribe([filter])).codes.filter((code) => code !== 0)).toEqual([])
  }

  rule({ v311: '4.7.3-3', v5: '4.7.3-3' }, 'has 65,535 octets', async (trial) => {
    await passesOn(trial, trial.name().padEnd(65_535, 'x'))
  })

  rule({ v311: '4.7.3-3', v5: '4.7.3-3' }, 'has 65,535 octets in a wildcard filter', async (trial) => {
    const start = trial.name().padEnd(60_000, 'x')
    await passesOn(trial, `${start}/y`, `${start}/#`)
  })

  rule(
    { v311: '4.7.3-3 4.7.1-3', v5: '4.7.3-3 4.7.1-2' },
    'has 1,000 levels',
    async (trial) => {
      const topic = `${trial.name()}${'/a'.repeat(999)}`
      const [first = ''] = topic.split('/')
      await passesOn(trial, topic)
      await passesOn(trial, topic, `${first}${'/+'.repeat(998)}/a`)
      await passesOn(trial, topic, `${topic.slice(0, -1)}#`)
    },
    oneByOne,
  )
})

describe('a payload', () => {
  for (const size of [0, 1, 127, 128, 16_383, 16_384, 1_048_576]) {
    for (const qos of [0, 1, 2] as const) {
      rule({ v311: '3.3.4-1 4.3.1-1', v5: '3.3.4-1 4.3.1-1' }, `has ${size} octets at QoS ${qos}`, async (trial) => {
        const topic = trial.name()
        const payload = Buffer.alloc(size, 'Faultline')
        const [subscriber, publisher] = [await trial.connect(), await trial.connect()]
        await subscriber.subscribe([[topic, 2]])
        await publisher.publish(topic, payload, { qos })
        const came = await subscriber.take()
        expect(came.payload.equals(payload)).toBe(true)
        expect(came).toMatchObject({ topic, qos, dup: false, retain: false })
      })
    }
  }

  rule({ v311: '3.3.2-1', v5: '3.3.2-1' }, 'is any octets', async (trial) => {
    const topic = trial.name()
    const client = await trial.connect()
    await client.subscribe([[topic, 0]])
    const payload = octets(...Array.from({ length: 256 }, (_, octet) => octet))
    await client.publish(topic, payload)
    expect((await client.take()).payload.equals(payload)).toBe(true)
  })
})
