import { describe, expect, it, onTestFinished } from 'vitest'
import type { Access, AuthOutcome } from '../../../../../main/broker/access/access.ts'
import { freeAccess } from '../../../../../main/broker/access/free-access.ts'
import { createEngine, type Engine } from '../../../../../main/broker/engine/engine.ts'
import type { EngineOptions } from '../../../../../main/broker/engine/engine-options.ts'
import { EngineClient } from '../../../../helpers/engine-client.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'
import { type Connect, connect, octets, pingreq, publish, type Version } from '../../../../helpers/mqtt-octets.ts'
import { property } from '../../../../helpers/mqtt-reading.ts'
import { until } from '../../../../helpers/until.ts'

async function started(options: Partial<EngineOptions> = {}): Promise<Engine> {
  const engine = await createEngine({ clock: new FakeClock(), ...options })
  onTestFinished(() => engine.close())
  return engine
}

function authenticating(authenticate: Access['authenticate']): Access {
  return { ...freeAccess, authenticate }
}

function saying(outcome: AuthOutcome): Access {
  return authenticating(() => outcome)
}

/** What CONNACK says; the connection has to be closed where it says no. */
function answerTo(engine: Engine, options: Connect): number | undefined {
  const client = EngineClient.connect(engine, options)
  const [first] = client.came
  expect(client.isClosed).toBe(first?.code !== 0)
  return first?.kind === 'CONNACK' ? first.code : undefined
}

describe('CONNECT is refused', () => {
  it('with a code for each reason, in the words of each version', async () => {
    const reasons: [code: number, three: number][] = [
      [0x85, 2],
      [0x86, 4],
      [0x87, 5],
      [0x88, 3],
      [0x89, 3],
      [0x8a, 5],
      [0x8c, 4],
      [0x97, 3],
      [0x9f, 3],
    ]
    for (const [code, three] of reasons) {
      const access = await started({ access: saying({ allowed: false, code, reason: 'no' }) })
      const ordered = await started()
      ordered.refuse({ code, reason: 'told to' })
      for (const engine of [access, ordered]) {
        for (const version of [3, 4, 5] as const) {
          expect(answerTo(engine, { version, id: 'c' })).toBe(version === 5 ? code : three)
        }
      }
      ordered.refuse(undefined)
      expect(answerTo(ordered, { id: 'c' })).toBe(0)
    }
  })

  it('tells a client that may be guessing no more than the code', async () => {
    const engine = await started({ access: saying({ allowed: false, code: 0x86, reason: 'the password is wrong' }) })
    const { came, reason } = EngineClient.connect(engine, { version: 5, id: 'c' })
    expect(came[0]?.properties).toEqual([])
    expect(reason).toContain('the password is wrong')
    expect(engine.counters.connectionsRefused).toBe(1)
  })

  it('where who it is cannot be found out', async () => {
    const engine = await started({ access: authenticating(() => Promise.reject(new Error('the file is gone'))) })
    const client = EngineClient.connect(engine, { version: 5, id: 'c' })
    await until('the connection is closed', () => client.isClosed)
    expect([client.came[0]?.code, client.reason?.includes('the file is gone')]).toEqual([0x88, true])
  })

  it('with an empty Client Identifier where the Session is to be kept, not where it is not', async () => {
    const engine = await started()
    const answers = ([3, 4, 5] as const).map((version) => answerTo(engine, { version, id: '', clean: false }))
    expect(answers).toEqual([2, 2, 0])
    expect(answerTo(engine, { version: 4, id: '', clean: true })).toBe(0)
  })

  it('with a Client Identifier of more than 23 characters in MQTT 3.1 alone', async () => {
    const engine = await started()
    const longest = 'x'.repeat(23)
    const answers = ([3, 4, 5] as const).map((version) => answerTo(engine, { version, id: `${longest}x` }))
    expect(answers).toEqual([2, 0, 0])
    expect(answerTo(engine, { version: 3, id: longest })).toBe(0)
  })

  it('where there are as many clients as there may be, but not for one that takes its own place', async () => {
    const engine = await started({ limits: { maxConnections: 2 } })
    expect([answerTo(engine, { id: 'a' }), answerTo(engine, { id: 'b' })]).toEqual([0, 0])
    expect(answerTo(engine, { id: 'c', version: 5 })).toBe(0x89)
    expect(answerTo(engine, { id: 'b' })).toBe(0)
    expect(engine.connected).toBe(2)
  })

  it('where it asks for enhanced authentication', async () => {
    const engine = await started()
    const properties = [['authenticationMethod', 'SCRAM-SHA-1']] as const
    expect(answerTo(engine, { version: 5, id: 'c', properties })).toBe(0x8c)
  })

  it('with a will that this broker does not have', async () => {
    const engine = await started({ limits: { maxQoS: 1, retainAvailable: false } })
    const will = { topic: 't', payload: '' }
    expect(answerTo(engine, { version: 5, id: 'c', will: { ...will, qos: 2 } })).toBe(0x9b)
    expect(answerTo(engine, { version: 5, id: 'c', will: { ...will, retain: true } })).toBe(0x9a)
    expect(answerTo(engine, { version: 5, id: 'c', will: { ...will, qos: 1 } })).toBe(0)
  })

  it('of a version that there is not, in the form that 3.1.1 asks for', async () => {
    const engine = await started()
    for (const level of [0, 6, 0x7f]) expect(answerTo(engine, { level, id: 'c' })).toBe(1)
  })

  it('of MQTT 5 with what is wrong in words, where it is malformed; of others without a word', async () => {
    const engine = await started()
    for (const [version, code] of [
      [5, 0x81],
      [4, undefined],
    ] as [Version, number | undefined][]) {
      const client = new EngineClient(engine, version)
      client.send(octets(connect({ version, id: 'c', flags: 0x03 })))
      expect([client.isClosed, client.came[0]?.code]).toEqual([true, code])
      if (client.came[0] !== undefined) expect(property(client.came[0], 'reasonString')).toContain('[MQTT-3.1.2-3]')
    }
  })

  it('by closing the connection, where it is not the first packet, or comes twice', async () => {
    const engine = await started()
    const early = new EngineClient(engine)
    early.send(pingreq)
    expect([early.isClosed, early.came]).toEqual([true, []])
    const twice = EngineClient.connect(engine, { id: 'c' })
    twice.send(connect({ id: 'c' }))
    expect([twice.isClosed, twice.came.map(({ kind }) => kind)]).toEqual([true, ['CONNACK']])
  })

  it('when it does not come in time', async () => {
    const clock = new FakeClock()
    const engine = await started({ clock, limits: { connectTimeout: 3000 } })
    const client = new EngineClient(engine)
    clock.advance(2999)
    expect(client.isClosed).toBe(false)
    clock.advance(1)
    expect(client.isClosed).toBe(true)
  })
})

describe('CONNECT is accepted', () => {
  it('before anything that came after it in one piece is done, however long that takes', async () => {
    let decide: (outcome: AuthOutcome) => void = () => {}
    const access = authenticating(
      () =>
        new Promise((resolve) => {
          decide = resolve
        }),
    )
    const engine = await started({ access })
    const client = new EngineClient(engine)
    client.send(connect({ id: 'c' }), publish(4, 't', '1', { qos: 1, packetId: 1 }), pingreq)
    expect(client.came).toEqual([])
    decide({ allowed: true, userName: undefined, clientId: 'c', rule: '', validUntil: undefined })
    await until('all is answered', () => client.came.length === 3)
    expect(client.came.map(({ kind }) => kind)).toEqual(['CONNACK', 'PUBACK', 'PINGRESP'])
  })

  it('and MQTT 5 is told what this broker does not do as it was asked', async () => {
    const engine = await started({
      limits: { maxSessionExpiry: 60, receiveMaximum: 7, maxQoS: 1, retainAvailable: false, maxKeepAlive: 30 },
    })
    const properties = [['sessionExpiryInterval', 100]] as const
    const [connack] = EngineClient.connect(engine, { version: 5, keepAlive: 0, properties }).came
    const told = Object.fromEntries(connack?.properties ?? [])
    expect(told).toMatchObject({
      sessionExpiryInterval: 60,
      receiveMaximum: 7,
      maximumQoS: 1,
      retainAvailable: 0,
      serverKeepAlive: 30,
    })
    expect(engine.session(String(told['assignedClientIdentifier']))?.session.connected).toBe(true)
  })

  it('until what it showed to get in is not valid any more', async () => {
    const clock = new FakeClock()
    const validUntil = clock.now() + 5000
    const access = saying({ allowed: true, userName: undefined, clientId: 'c', rule: '', validUntil })
    const client = EngineClient.connect(await started({ clock, access }), { version: 5, id: 'c' })
    clock.advance(4999)
    expect(client.isClosed).toBe(false)
    clock.advance(1)
    expect([client.isClosed, client.came.at(-1)?.kind, client.came.at(-1)?.code]).toEqual([true, 'DISCONNECT', 0x87])
  })
})
