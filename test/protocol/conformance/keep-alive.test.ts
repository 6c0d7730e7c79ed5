import { describe, expect } from 'vitest'
import { rule } from '../../helpers/conformance.ts'
import type { ConformanceClient } from '../../helpers/conformance-client.ts'
import { expectClosed } from '../../helpers/conformance-expect.ts'
import { pingreq, publish } from '../../helpers/mqtt-octets.ts'
import { property } from '../../helpers/mqtt-reading.ts'

/** Does it four times a second until the other client is closed. */
async function meanwhile(other: ConformanceClient, act: () => void): Promise<void> {
  const timer = setInterval(act, 250)
  try {
    await other.closing()
  } finally {
    clearInterval(timer)
  }
}

describe('Keep Alive', () => {
  rule(
    { v31: '§3.1', v311: '3.1.2-24', v5: '3.1.2-22 3.2.2-22' },
    'ends the connection of a silent client',
    async (trial) => {
      const before = performance.now()
      const client = await trial.connect({ keepAlive: 1 })
      await expectClosed(client)
      // Not sooner than it promised; Mosquitto counts in whole seconds.
      expect(performance.now() - before).toBeGreaterThan(990)
    },
  )

  rule({ v311: '3.1.2-24', v5: '3.1.2-22' }, 'gives one and a half times its length', async (trial) => {
    const before = performance.now()
    const client = await trial.connect({ keepAlive: 2 })
    await expectClosed(client)
    expect(performance.now() - before).toBeGreaterThan(2990)
  })

  rule({ v311: '3.1.2-24 3.1.2-8', v5: '3.1.2-22 3.1.2-8' }, 'that runs out publishes the Will', async (trial) => {
    const topic = trial.name()
    const watcher = await trial.connect()
    await watcher.subscribe([[topic, 0]])
    const client = await trial.connect({ keepAlive: 1, will: { topic, payload: 'silent' } })
    expect((await watcher.take()).text).toBe('silent')
    await expectClosed(client)
  })

  rule({ v311: '3.1.2-24 3.12.4-1', v5: '3.1.2-22 3.12.4-1' }, 'is kept with PINGREQ', async (trial) => {
    const silent = await trial.connect({ keepAlive: 2 })
    const client = await trial.connect({ keepAlive: 1 })
    await meanwhile(silent, () => client.send(pingreq))
    await client.ping()
  })

  rule({ v311: '3.1.2-24', v5: '3.1.2-22' }, 'is kept with any packet', async (trial) => {
    const silent = await trial.connect({ keepAlive: 2 })
    const client = await trial.connect({ keepAlive: 1 })
    await meanwhile(silent, () => client.send(publish(trial.version, trial.name(), 'here')))
    await client.ping()
  })

  rule({ v311: '3.1.2-24', v5: '3.1.2-22' }, 'is not kept by what the broker sends', async (trial) => {
    const topic = trial.name()
    const client = await trial.connect({ keepAlive: 1 })
    await client.subscribe([[topic, 0]])
    const publisher = await trial.connect()
    await meanwhile(client, () => publisher.send(publish(trial.version, topic, 'are you there?')))
    await publisher.ping()
  })

  rule({ v311: '3.1.2-24', v5: '3.1.2-22' }, 'is not kept by octets that make no packet', async (trial) => {
    const client = await trial.connect({ keepAlive: 1 })
    const octets = publish(trial.version, trial.name(), 'x'.repeat(1000))
    let sent = 0
    await meanwhile(client, () => {
      if (!client.closed) client.send(octets.subarray(sent, ++sent))
    })
    expect(sent).toBeLessThan(octets.length)
  })

  rule({ v311: '3.1.2-24', v5: '3.2.2-22' }, 'of 0 is none', async (trial) => {
    const { client, connack } = await trial.connectAndSee({ keepAlive: 0 })
    const silent = await trial.connect({ keepAlive: 2 })
    await silent.closing()
    // Unless the broker wants one of its own.
    expect(property(connack, 'serverKeepAlive') ?? 65535).toBeGreaterThan(60)
    await client.ping()
  })
})
