import { Buffer } from 'node:buffer'
import { describe, expect } from 'vitest'
import { type Cited, rule, type Trial } from '../../helpers/conformance.ts'
import type { ConformanceClient } from '../../helpers/conformance-client.ts'
import { expectDisconnect } from '../../helpers/conformance-expect.ts'
import { connect, disconnect, publish, type Will } from '../../helpers/mqtt-octets.ts'
import { property, propertyValues } from '../../helpers/mqtt-reading.ts'

/** Somebody who hears of the Will. */
async function watch(trial: Trial, topic: string): Promise<ConformanceClient> {
  const watcher = await trial.connect({ id: trial.name('watcher') })
  await watcher.subscribe([[topic, trial.version === 5 ? 2 | 8 : 2]])
  return watcher
}

const ends: Readonly<Record<string, (client: ConformanceClient, trial: Trial, id: string) => Promise<void> | void>> = {
  'a reset': (client) => client.reset(),
  'a FIN without DISCONNECT': (client) => client.hangUp(),
  'a malformed packet': (client) => client.send(Buffer.of(0, 0)),
  'a DISCONNECT with reserved flags': (client) => client.send(Buffer.of(0xe1, 0)),
  'a second CONNECT': (client, { version }, id) => client.send(connect({ version, id })),
  'a takeover': async (_client, trial, id) => {
    await trial.connect({ id })
  },
}

describe('a Will Message', () => {
  for (const [what, end] of Object.entries(ends)) {
    const test = async (trial: Trial) => {
      const topic = trial.name('w')
      const watcher = await watch(trial, topic)
      const id = trial.name()
      const client = await trial.connect({ id, will: { topic, payload: 'gone', qos: 1 } })
      await end(client, trial, id)
      expect(await watcher.take()).toMatchObject({ topic, text: 'gone', qos: 1, dup: false, retain: false })
      await watcher.expectNothing()
    }
    // In MQTT 3.1 nobody looks at the flags of DISCONNECT.
    const cited: Cited = { v311: '3.1.2-8', v5: '3.1.2-7 3.1.2-8' }
    const in31: Cited = what.startsWith('a DISCONNECT') ? {} : { v31: '§3.1' }
    const forgets = { why: 'it forgets the Will then' }
    rule({ ...cited, ...in31 }, `is published after ${what}`, test, what === 'a second CONNECT' ? forgets : undefined)
  }

  rule(
    { v31: '§3.14', v311: '3.1.2-10 3.14.4-3', v5: '3.1.2-10 3.14.4-3' },
    'is not published after DISCONNECT',
    async (trial) => {
      const topic = trial.name('w')
      const watcher = await watch(trial, topic)
      const client = await trial.connect({ will: { topic, payload: 'unwanted', qos: 1 } })
      await client.disconnect()
      await watcher.expectNothing()
    },
  )

  rule(
    { v311: '3.1.2-10 3.14.4-3', v5: '3.14.4-3' },
    'is not published after DISCONNECT and a reset',
    async (trial) => {
      const topic = trial.name('w')
      const watcher = await watch(trial, topic)
      const client = await trial.connect({ will: { topic, payload: 'unwanted', qos: 1 } })
      client.send(disconnect())
      await client.closing()
      client.reset()
      await watcher.expectNothing()
    },
  )

  rule(
    { v311: '3.14.4-3 3.1.2-10', v5: '3.14.4-3' },
    'is forgotten with DISCONNECT also where the Session is kept',
    async (trial) => {
      const [id, topic] = [trial.name(), trial.name('w')]
      const watcher = await watch(trial, topic)
      const first = await trial.keep(id, { will: { topic, payload: 'unwanted' } })
      await first.disconnect()
      const second = await trial.keep(id)
      second.reset()
      const third = await trial.keep(id)
      await third.ping()
      await watcher.expectNothing(third)
    },
  )

  rule({ v311: '3.1.2-10 3.1.2-12', v5: '3.1.2-10' }, 'is published once', async (trial) => {
    const [id, topic] = [trial.name(), trial.name('w')]
    const watcher = await watch(trial, topic)
    const first = await trial.keep(id, { will: { topic, payload: 'once' } })
    first.reset()
    expect((await watcher.take()).text).toBe('once')
    const second = await trial.keep(id)
    second.reset()
    const third = await trial.keep(id)
    await watcher.expectNothing(third)
  })

  rule({ v311: '3.1.2-8', v5: '3.1.2-7' }, 'is that of the last CONNECT', async (trial) => {
    const [id, topic] = [trial.name(), trial.name('w')]
    const watcher = await watch(trial, topic)
    const first = await trial.keep(id, { will: { topic, payload: 'first' } })
    await first.disconnect()
    const second = await trial.keep(id, { will: { topic, payload: 'second' } })
    second.reset()
    expect((await watcher.take()).text).toBe('second')
    await watcher.expectNothing()
  })

  for (const qos of [0, 1, 2]) {
    rule({ v311: '3.1.2-9 3.1.2-14', v5: '3.1.2-12' }, `has QoS ${qos}`, async (trial) => {
      const topic = trial.name('w')
      const watcher = await watch(trial, topic)
      const client = await trial.connect({ will: { topic, payload: 'gone', qos } })
      client.reset()
      expect(await watcher.take()).toMatchObject({ qos, text: 'gone' })
      await watcher.expectNothing()
    })
  }

  rule({ v311: '3.1.2-16', v5: '3.1.2-14' }, 'is not retained without Will Retain', async (trial) => {
    const topic = trial.name('w')
    const watcher = await watch(trial, topic)
    const client = await trial.connect({ will: { topic, payload: 'gone' } })
    client.reset()
    expect((await watcher.take()).retain).toBe(false)
    await watcher.unsubscribe([topic])
    await watcher.subscribe([[topic, 1]])
    await watcher.expectNothing()
  })

  rule({ v31: '§3.1', v311: '3.1.2-17', v5: '3.1.2-15' }, 'is retained with Will Retain', async (trial) => {
    const topic = trial.name('w')
    const watcher = await watch(trial, topic)
    const client = await trial.connect({ will: { topic, payload: 'gone', qos: 1, retain: true } })
    client.reset()
    await watcher.take()
    const late = await trial.connect()
    await late.subscribe([[topic, 2]])
    expect(await late.take()).toMatchObject({ text: 'gone', qos: 1, retain: true })
  })

  rule(
    { v311: '3.1.2-17 3.3.1-10', v5: '3.1.2-15 3.3.1-6' },
    'clears a retained message where it is empty',
    async (trial) => {
      const topic = trial.name('w')
      const watcher = await watch(trial, topic)
      await watcher.publish(topic, 'status', { qos: 1, retain: true })
      await watcher.take()
      const client = await trial.connect({ will: { topic, payload: '', qos: 1, retain: true } })
      client.reset()
      expect((await watcher.take()).payload).toHaveLength(0)
      const late = await trial.connect()
      await late.subscribe([[topic, 2]])
      await late.expectNothing()
    },
  )

  rule({ v311: '3.1.2-8 4.5.0-1', v5: '3.1.2-8 4.5.0-1' }, 'reaches those who are away', async (trial) => {
    const [id, topic] = [trial.name(), trial.name('w')]
    const away = await trial.keep(id)
    await away.subscribe([[topic, 2]])
    await away.disconnect()
    const watcher = await watch(trial, topic)
    const client = await trial.connect({ will: { topic, payload: 'gone', qos: 2 } })
    client.reset()
    await watcher.take()
    const back = await trial.keep(id)
    expect(await back.take()).toMatchObject({ text: 'gone', qos: 2, dup: false })
  })

  rule({ v311: '3.1.2-8', v5: '3.1.2-8' }, 'reaches its own client where the Session is kept', async (trial) => {
    const [id, topic] = [trial.name(), trial.name('w')]
    const client = await trial.keep(id, { will: { topic, payload: 'gone', qos: 1 } })
    await client.subscribe([[topic, 1]])
    client.reset()
    const back = await trial.keep(id)
    expect((await back.take()).text).toBe('gone')
  })
})

describe('a Will Message of MQTT 5', () => {
  const delayed = (topic: string, seconds: number, more: Partial<Will> = {}): { will: Will } => ({
    will: { topic, payload: 'gone', properties: [['willDelayInterval', seconds]], ...more },
  })

  rule({ v5: '3.1.2-8 3.14.4-3' }, 'is published after DISCONNECT with 0x04', async (trial) => {
    const topic = trial.name('w')
    const watcher = await watch(trial, topic)
    const client = await trial.connect({ will: { topic, payload: 'wanted' } })
    await client.disconnect(4)
    expect((await watcher.take()).text).toBe('wanted')
  })

  rule(
    { v5: '3.1.2-8 3.1.2-10' },
    'is published after DISCONNECT with an error',
    async (trial) => {
      const topic = trial.name('w')
      const watcher = await watch(trial, topic)
      for (const code of [0x80, 0x82, 0x83, 0x98]) {
        const will = { topic, payload: `gone ${code}` }
        const client = await trial.connect({ id: trial.name(String(code)), will })
        await client.disconnect(code)
        expect((await watcher.take()).text).toBe(`gone ${code}`)
      }
    },
    { why: 'it takes any other code for 0x00' },
  )

  rule({ v5: '3.1.2-8' }, 'waits for the Will Delay Interval', async (trial) => {
    const topic = trial.name('w')
    const watcher = await watch(trial, topic)
    const client = await trial.keep(trial.name(), delayed(topic, 1))
    const before = performance.now()
    client.reset()
    expect((await watcher.take()).text).toBe('gone')
    // Mosquitto counts in whole seconds, and may so be early.
    expect(performance.now() - before).toBeGreaterThan(1)
  })

  rule({ v5: '3.1.3-9 3.1.2-8' }, 'is not published when the client is back before', async (trial) => {
    const [id, topic] = [trial.name(), trial.name('w')]
    const watcher = await watch(trial, topic)
    const first = await trial.keep(id, delayed(topic, 2))
    first.reset()
    const second = await trial.keepAndSee(id)
    expect(second.connack.sessionPresent).toBe(true)
    // Longer than the delay.
    const idle = await trial.connect({ keepAlive: 2 })
    await idle.closing()
    await watcher.expectNothing(second.client)
  })

  rule({ v5: '3.1.3-9' }, 'is not published when its connection is taken over and it is delayed', async (trial) => {
    const [id, topic] = [trial.name(), trial.name('w')]
    const watcher = await watch(trial, topic)
    await trial.keep(id, delayed(topic, 1000))
    const second = await trial.keep(id)
    await watcher.expectNothing(second)
  })

  rule(
    { v5: '3.1.2-8' },
    'is published when a Clean Start ends its Session',
    async (trial) => {
      const [id, topic] = [trial.name(), trial.name('w')]
      const watcher = await watch(trial, topic)
      const first = await trial.keep(id, delayed(topic, 1000))
      first.reset()
      await trial.keep(id, { clean: true })
      expect((await watcher.take()).text).toBe('gone')
    },
    { why: 'it forgets the Will with the Session' },
  )

  rule({ v5: '3.1.2-8' }, 'is published when the Session ends before the delay', async (trial) => {
    const topic = trial.name('w')
    const watcher = await watch(trial, topic)
    const client = await trial.connect({ properties: [['sessionExpiryInterval', 1]], ...delayed(topic, 1000) })
    client.reset()
    expect((await watcher.take()).text).toBe('gone')
  })

  rule(
    { v5: '3.1.2-8' },
    'is published at once where the Session ends with its connection',
    async (trial) => {
      const topic = trial.name('w')
      const watcher = await watch(trial, topic)
      const client = await trial.connect(delayed(topic, 1000))
      client.reset()
      expect((await watcher.take()).text).toBe('gone')
    },
    { why: 'it waits for the delay' },
  )

  rule({ v5: '3.1.2-8 3.14.4-3' }, 'is delayed after DISCONNECT with 0x04 too', async (trial) => {
    const [id, topic] = [trial.name(), trial.name('w')]
    const watcher = await watch(trial, topic)
    const client = await trial.keep(id, delayed(topic, 1000))
    await client.disconnect(4)
    const back = await trial.keep(id)
    await watcher.expectNothing(back)
  })

  rule({ v5: '3.1.3-10 3.3.2-17 3.3.2-18 3.3.2-4 3.3.2-15 3.3.2-16 3.3.2-20' }, 'has its properties', async (trial) => {
    const topic = trial.name('w')
    const watcher = await watch(trial, topic)
    const properties = [
      ['payloadFormatIndicator', 1],
      ['messageExpiryInterval', 1000],
      ['contentType', 'text/plain'],
      ['responseTopic', 'answers'],
      ['correlationData', Buffer.of(0, 255)],
      ['userProperty', ['b', '2']],
      ['userProperty', ['a', '1']],
      ['userProperty', ['b', '2']],
    ] as const
    const client = await trial.connect({ will: { topic, payload: 'gone', properties } })
    client.reset()
    const came = await watcher.take()
    expect(propertyValues(came, 'userProperty')).toEqual([
      ['b', '2'],
      ['a', '1'],
      ['b', '2'],
    ])
    expect(property(came, 'payloadFormatIndicator')).toBe(1)
    expect(property(came, 'contentType')).toBe('text/plain')
    expect(property(came, 'responseTopic')).toBe('answers')
    expect(property(came, 'correlationData')).toEqual(Buffer.of(0, 255))
    expect(Number(property(came, 'messageExpiryInterval'))).toBeLessThanOrEqual(1000)
    expect(property(came, 'willDelayInterval')).toBeUndefined()
  })

  rule({ v5: '3.1.2-8' }, 'is published when a protocol error ends the connection', async (trial) => {
    const topic = trial.name('w')
    const watcher = await watch(trial, topic)
    const client = await trial.connect({ will: { topic, payload: 'gone' } })
    client.send(publish(5, '', 'no topic, no alias'))
    await expectDisconnect(client, 0x82, 0x81)
    expect((await watcher.take()).text).toBe('gone')
  })
})
