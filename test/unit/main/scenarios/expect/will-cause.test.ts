import { describe, expect, it, onTestFinished } from 'vitest'
import { type WillCause, willCauses } from '../../../../../app/script-api/will-causes.ts'
import { createEngine, type Engine } from '../../../../../main/broker/engine/engine.ts'
import type { Limits } from '../../../../../main/broker/engine/limits.ts'
import { causesOf, isWillCause } from '../../../../../main/scenarios/expect/will-cause.ts'
import { EngineClient } from '../../../../helpers/engine-client.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'
import {
  type Connect,
  connect,
  disconnect,
  type PropertyList,
  publish,
  subscribe,
} from '../../../../helpers/mqtt-octets.ts'

interface Scene {
  readonly engine: Engine
  readonly clock: FakeClock
  readonly pump: EngineClient
}

interface Ending {
  readonly what: string
  readonly causes: readonly WillCause[]
  readonly will?: PropertyList
  readonly connect?: Partial<Connect>
  readonly limits?: Partial<Limits>
  readonly end: (scene: Scene) => unknown
}

const kept = { properties: [['sessionExpiryInterval', 60]] as PropertyList }
const delayed: PropertyList = [['willDelayInterval', 10]]

/** Every way in which the engine ends the connection of a client that is served, or the delay of its will. */
const endings: readonly Ending[] = [
  { what: 'RST', causes: ['connection lost'], end: ({ pump }) => pump.cut() },
  { what: 'FIN', causes: ['connection lost'], end: ({ pump }) => pump.finish() },
  {
    what: 'a client that is silent',
    causes: ['keep alive'],
    connect: { keepAlive: 10 },
    end: ({ clock }) => clock.advance(20_000),
  },
  {
    what: 'another client with its Client Identifier',
    causes: ['session taken over'],
    end: ({ engine }) => EngineClient.connect(engine, { id: 'pump', version: 5 }),
  },
  {
    what: 'a second CONNECT',
    causes: ['protocol error'],
    end: ({ pump }) => pump.send(connect({ id: 'pump', version: 5 })),
  },
  { what: 'octets that are no packet', causes: ['protocol error'], end: ({ pump }) => pump.send(0x00, 0x00) },
  {
    what: 'DISCONNECT with Will Message',
    causes: ['disconnect with will'],
    end: ({ pump }) => pump.send(disconnect(4)),
  },
  {
    what: 'DISCONNECT with an error',
    causes: ['disconnect with will'],
    end: ({ pump }) => pump.send(disconnect(0x80)),
  },
  {
    what: 'a will that is delayed',
    causes: ['connection lost', 'will delay passed'],
    connect: kept,
    will: delayed,
    end: ({ clock, pump }) => {
      pump.cut()
      clock.advance(11_000)
    },
  },
  {
    what: 'a Session that ends before the delay of its will',
    causes: ['connection lost', 'session expired'],
    connect: { properties: [['sessionExpiryInterval', 5]] },
    will: delayed,
    end: ({ clock, pump }) => {
      pump.cut()
      clock.advance(6000)
    },
  },
  {
    what: 'a Session that is ended while its will is delayed',
    causes: ['connection lost', 'session expired'],
    connect: kept,
    will: delayed,
    end: ({ engine, pump }) => {
      pump.cut()
      engine.expireSession('pump')
    },
  },
  {
    what: 'a Session that is ended',
    causes: ['disconnected by the broker', 'session expired'],
    end: ({ engine }) => engine.expireSession('pump'),
  },
  {
    what: 'an order to disconnect it',
    causes: ['disconnected by the broker'],
    end: ({ engine }) => engine.disconnect('pump', 0x98, 'maintenance'),
  },
  {
    what: 'a queue that is full',
    causes: ['disconnected by the broker'],
    connect: { properties: [['receiveMaximum', 1]] },
    limits: { maxQueued: 1, queuePolicy: 'disconnect' },
    end: ({ pump }) => {
      pump.send(subscribe(5, 1, [['a', 1]]))
      for (let i = 2; i < 8; i++) pump.send(publish(5, 'a', 'x', { qos: 1, packetId: i }))
    },
  },
  { what: 'a broker that stops', causes: ['server shutting down'], end: ({ engine }) => engine.close() },
  {
    what: 'a broker that stops while a will is delayed',
    causes: ['server shutting down'],
    connect: kept,
    will: delayed,
    end: ({ engine, pump }) => {
      pump.cut()
      void engine.close()
    },
  },
]

async function reasonOf({ connect: more = {}, end, limits = {}, will = [] }: Ending): Promise<string> {
  const clock = new FakeClock()
  const engine = await createEngine({ clock, limits })
  onTestFinished(() => engine.close())
  const reasons: string[] = []
  engine.onEvent(({ event }) => {
    if (event.type === 'will published' && event.clientId === 'pump') reasons.push(event.reason)
  })
  const gone = { topic: 'gone', payload: 'x', properties: will }
  const pump = EngineClient.connect(engine, { id: 'pump', version: 5, will: gone, ...more })
  await end({ engine, clock, pump })
  // What the engine puts off to the end of this call of the event loop.
  await Promise.resolve()
  expect(reasons).toHaveLength(1)
  return reasons[0] ?? ''
}

describe('the cause of a will', () => {
  it.each(endings)('is known after $what', async (ending) => {
    expect(causesOf(await reasonOf(ending))).toEqual(ending.causes)
  })

  it('is every one of those that a scenario can name', () => {
    const reached = new Set(endings.flatMap(({ causes }) => causes))
    expect([...reached].sort()).toEqual([...willCauses].sort())
  })

  it('is a lost connection where the broker was killed, and began again later', () => {
    expect(causesOf('the broker was killed')).toEqual(['connection lost'])
    expect(causesOf('the broker was killed, and its delay of 3.25 s has passed')).toEqual([
      'connection lost',
      'will delay passed',
    ])
  })

  it('has no other words', () => {
    expect(isWillCause('keep alive')).toBe(true)
    expect(isWillCause('keepalive')).toBe(false)
  })
})
