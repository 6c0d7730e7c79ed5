import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createEngine, type Engine } from '../../../../../main/broker/engine/engine.ts'
import { EngineClient } from '../../../../helpers/engine-client.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'
import { type Connect, disconnect, type PropertyList, subscribe } from '../../../../helpers/mqtt-octets.ts'

let clock: FakeClock
let engine: Engine
let watcher: EngineClient
let events: string[]

beforeEach(async () => {
  clock = new FakeClock()
  engine = await createEngine({ clock })
  onTestFinished(() => engine.close())
  events = []
  engine.onEvent(({ event }) => events.push(event.type))
  watcher = EngineClient.connect(engine, { id: 'watcher' })
  watcher.send(subscribe(4, 1, [['#', 2]]))
  watcher.take()
})

/** A client of MQTT 5 with a will. @param expiry and @param delay in seconds */
function withWill(expiry: number, delay: number, more: Connect = {}): EngineClient {
  const properties: PropertyList = [['sessionExpiryInterval', expiry]]
  const will = { topic: 'will', payload: 'gone', properties: [['willDelayInterval', delay]] as const }
  return EngineClient.connect(engine, { version: 5, id: 'c', properties, will, ...more })
}

function published(): string[] {
  return watcher.take().map(({ text, topic }) => `${topic} ${text}`)
}

function willState(): string | undefined {
  return engine.sessions().find(({ clientId }) => clientId === 'c')?.will?.state
}

describe('A Session', () => {
  it('ends when its Session Expiry Interval has passed, not before, and says when that is', () => {
    const properties: PropertyList = [['sessionExpiryInterval', 10]]
    EngineClient.connect(engine, { version: 5, id: 'c', properties }).cut()
    expect(engine.session('c')?.session.expiresAt).toBe(clock.now() + 10_000)
    clock.advance(9999)
    expect(engine.session('c')?.session).toMatchObject({ expiry: 10 })
    expect(engine.session('c')?.session.endReason).toBeUndefined()
    clock.advance(1)
    const { session } = engine.session('c') ?? {}
    expect(session).toMatchObject({
      expiry: 0,
      expiresAt: undefined,
      endReason: expect.stringMatching(/Expiry Interval/),
    })
  })

  it('does not end while its client is there, and begins to count anew when that leaves', () => {
    const properties: PropertyList = [['sessionExpiryInterval', 10]]
    const options = { version: 5, id: 'c', clean: false, properties } as const
    EngineClient.connect(engine, options).cut()
    clock.advance(9000)
    const back = EngineClient.connect(engine, options)
    expect(back.came[0]?.sessionPresent).toBe(true)
    clock.advance(60_000)
    back.cut()
    clock.advance(9999)
    expect(EngineClient.connect(engine, options).came[0]?.sessionPresent).toBe(true)
  })

  it('never ends by itself with 0xFFFFFFFF, and with what is just less not before 136 years', () => {
    for (const [id, expiry] of [
      ['for ever', 0xffff_ffff],
      ['long', 0xffff_fffe],
    ] as const) {
      EngineClient.connect(engine, { version: 5, id, properties: [['sessionExpiryInterval', expiry]] }).cut()
    }
    clock.advance(0xffff_fffe * 1000 - 1)
    expect(engine.sessions().map(({ clientId }) => clientId)).toContain('long')
    clock.advance(1001)
    const left = engine.sessions().filter(({ endReason }) => endReason === undefined)
    expect(left.map(({ clientId }) => clientId).toSorted()).toEqual(['for ever', 'watcher'])
  })

  it('ends when DISCONNECT says so', () => {
    const client = EngineClient.connect(engine, { version: 5, id: 'c', properties: [['sessionExpiryInterval', 60]] })
    client.send(disconnect(0, [['sessionExpiryInterval', 0]]))
    expect(engine.session('c')).toBeUndefined()
  })

  it('is taken over by a newer connection, which is told in its history', () => {
    const options = { version: 5, id: 'c', clean: false, properties: [['sessionExpiryInterval', 60]] } as const
    const first = EngineClient.connect(engine, options)
    const second = EngineClient.connect(engine, options)
    expect([first.isClosed, first.came.at(-1)?.code]).toEqual([true, 0x8e])
    expect(second.came[0]?.sessionPresent).toBe(true)
    const history = engine.session('c')?.history ?? []
    expect(history.map(({ connection, until }) => [connection, until !== undefined])).toEqual([
      [first.connection, true],
      [second.connection, false],
    ])
  })
})

describe('A Session that is over', () => {
  const kept = { version: 5, id: 'c', clean: false, properties: [['sessionExpiryInterval', 60]] } as const
  const tenMinutes = 10 * 60_000

  it('is shown for ten minutes with its connections, when it ended and why', () => {
    const removed: string[] = []
    engine.onSessions((changes) => removed.push(...changes.removed))
    EngineClient.connect(engine, kept).cut()
    clock.advance(5000)
    engine.expireSession('c')
    expect(engine.session('c')).toMatchObject({
      session: { connected: false, endReason: 'its Session was ended by you', since: clock.now(), queued: 0 },
      history: [{ number: 1, reason: 'connection lost' }],
    })
    clock.advance(tenMinutes - 1)
    expect([engine.session('c') !== undefined, removed]).toEqual([true, []])
    clock.advance(1000)
    expect([engine.session('c'), removed]).toEqual([undefined, ['c']])
  })

  it('is shown as well where it ends with its connection, when somebody ends it', () => {
    EngineClient.connect(engine, { id: 'c' })
    engine.expireSession('c')
    expect(engine.session('c')).toMatchObject({
      session: { connected: false, endReason: 'its Session was ended by you' },
      history: [{ reason: 'its Session was ended by you' }],
    })
  })

  it('makes room for the one that its client begins, which is not forgotten in its place', () => {
    EngineClient.connect(engine, kept).cut()
    engine.expireSession('c')
    EngineClient.connect(engine, kept)
    expect(engine.session('c')).toMatchObject({ session: { connected: true }, history: [{ number: 1 }, { number: 2 }] })
    clock.advance(tenMinutes / 2)
    engine.expireSession('c')
    // Ten minutes after the first one has ended, five after the second.
    clock.advance(tenMinutes / 2 + 1000)
    expect(engine.session('c')?.session).toMatchObject({ connected: false, endReason: expect.any(String) })
  })

  it('says once why its will was published', () => {
    withWill(60, 5)
    engine.expireSession('c')
    expect(engine.session('c')?.session.will).toMatchObject({
      state: 'published',
      reason: 'its Session was ended by you',
    })
    clock.advance(tenMinutes + 1000)
    expect(willState()).toBe('published')
  })
})

describe('The will of a Session', () => {
  it('is published when its delay has passed, exactly', () => {
    withWill(60, 5).cut()
    clock.advance(4999)
    expect([published(), willState()]).toEqual([[], 'delayed'])
    clock.advance(1)
    expect([published(), willState(), events]).toEqual([['will gone'], 'published', ['will published']])
    clock.advance(100_000)
    expect(published()).toEqual([])
  })

  it('is published when the Session ends, if that is sooner', () => {
    withWill(3, 5).cut()
    clock.advance(2999)
    expect(published()).toEqual([])
    clock.advance(1)
    expect(published()).toEqual(['will gone'])
    clock.advance(10_000)
    expect(published()).toEqual([])
  })

  it('is shown with all that is said of it', () => {
    const properties = [
      ['messageExpiryInterval', 90],
      ['contentType', 'text/plain'],
    ] as const
    withWill(60, 0, { will: { topic: 'will', payload: 'gone', properties } })
    expect(engine.session('c')?.session.will).toMatchObject({ messageExpiryInterval: 90, contentType: 'text/plain' })
  })

  it('is published at once where there is no delay, or the Session ends with the connection', () => {
    for (const [expiry, delay] of [
      [60, 0],
      [0, 5],
    ] as const) {
      withWill(expiry, delay).cut()
      expect(published()).toEqual(['will gone'])
    }
  })

  it('is cancelled when the client is back in time', () => {
    withWill(60, 5).cut()
    clock.advance(4000)
    EngineClient.connect(engine, { version: 5, id: 'c', clean: false, properties: [['sessionExpiryInterval', 60]] })
    clock.advance(100_000)
    expect([published(), events]).toEqual([[], ['will dropped']])
  })

  it('is published when the client is back and asks for a new Session', () => {
    withWill(60, 5).cut()
    EngineClient.connect(engine, { version: 5, id: 'c', clean: true })
    expect(published()).toEqual(['will gone'])
  })

  it('is dropped by DISCONNECT, and published by one that asks for it', () => {
    withWill(60, 0).send(disconnect(0))
    expect([published(), willState(), events]).toEqual([[], 'dropped', ['will dropped']])
    withWill(60, 0).send(disconnect(4))
    expect(published()).toEqual(['will gone'])
  })

  it('is published when keep alive has run out one and a half times', () => {
    withWill(60, 0, { keepAlive: 10 })
    clock.advance(14_999)
    expect(published()).toEqual([])
    clock.advance(1)
    expect(published()).toEqual(['will gone'])
  })

  it('is shown after a Session that is over, until the client is there again; others leave nothing', () => {
    withWill(0, 0).cut()
    EngineClient.connect(engine, { id: 'without' }).cut()
    expect(engine.sessions().map(({ clientId, connected }) => [clientId, connected])).toEqual([
      ['watcher', true],
      ['c', false],
    ])
    expect(willState()).toBe('published')
    const again = EngineClient.connect(engine, { id: 'c' })
    expect(willState()).toBeUndefined()
    again.cut()
    expect(engine.sessions().map(({ clientId }) => clientId)).toEqual(['watcher'])
  })

  it('is shown of a thousand Sessions that are over, not of more', () => {
    for (let at = 0; at < 1001; at++) withWill(0, 0, { id: `c${at}` }).cut()
    const shown = engine.sessions().map(({ clientId }) => clientId)
    expect([shown.length, shown.includes('c0'), shown.includes('c1'), shown.includes('c1000')]).toEqual([
      1001,
      false,
      true,
      true,
    ])
  })
})
