import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ModelClient } from './model-client.ts'
import type { ModelLink } from './model-link.ts'
import { runModel, stepsOf, wantedSteps } from './model-runs.ts'
import { flow, type Step, take, weights } from './model-steps.ts'
import type { ConnectOptions } from './model-words.ts'
import { ModelWorld, type Setting } from './model-world.ts'
import { settle } from './settle.ts'

const setting: fc.Arbitrary<Setting> = fc.record({
  clients: fc.integer({ min: 1, max: 4 }),
  maxInflight: fc.constantFrom(1, 2, 5, 1000),
  receiveMaximum: fc.constantFrom(1, 3, 1000),
})

async function run(setting: Setting, steps: readonly Step[]): Promise<void> {
  const world = await ModelWorld.create(setting)
  try {
    for (const step of steps) take(world, step)
    settle(world)
  } finally {
    await world.close()
  }
}

const wanted = wantedSteps(100_000)

describe('the broker, its clients and the links between them', () => {
  it(`do what the model does, for ${wanted.toLocaleString('en')} steps`, { timeout: 600_000 }, async () => {
    const taken = await runModel(setting, stepsOf(weights), run, wanted)
    if (taken !== undefined) expect(taken).toBeGreaterThanOrEqual(wanted)
  })

  it('agree where a late CONNECT of 3.1.1 takes over a Session with Subscription Identifiers', async () => {
    const world = await ModelWorld.create({ clients: 2, maxInflight: 1, receiveMaximum: 1 })
    try {
      const [publisher, subscriber] = world.clients as [ModelClient, ModelClient]
      const anybody: ConnectOptions = {
        version: 4,
        clean: false,
        expiry: Number.POSITIVE_INFINITY,
        keepAlive: 0,
        receiveMaximum: 65_535,
        topicAliasMaximum: 0,
        will: undefined,
      }
      world.connect(subscriber, anybody)
      const late = subscriber.link as ModelLink
      world.abandon(subscriber)
      world.forget(subscriber, false)
      world.connect(subscriber, { ...anybody, version: 5, clean: true })
      world.connect(publisher, anybody)
      flow(world, 3)
      const retaining = { noLocal: false, retainAsPublished: false, retainHandling: 0 } as const
      subscriber.subscribe([{ filter: 'a', qos: 1, ...retaining }], 115)
      flow(world, 3)
      world.toBroker(late, Number.POSITIVE_INFINITY)
      expect(world.reference.sessions.get(subscriber.clientId)?.link).toBe(late)
      const message = { publisher: publisher.clientId, topic: 'a', retain: false }
      for (const [seq, qos] of [0, 1].entries()) {
        const key = `${publisher.clientId}:${seq + 1}:${qos}`
        publisher.publish({ ...message, key, seq: seq + 1, qos: qos as 0 | 1, payload: Buffer.from(`${key}\n`) })
      }
      flow(world, 3)
      expect(late.toClient.packets.map(({ packet }) => packet.kind)).toEqual(['CONNACK', 'PUBLISH', 'PUBLISH'])
      settle(world)
    } finally {
      await world.close()
    }
  })
})
