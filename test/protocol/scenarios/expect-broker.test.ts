import { describe, expect, it } from 'vitest'
import { ruleDefaults } from '../../../app/faults/check-rule.ts'
import type { Subject } from '../../../app/script-api/scenario-crossing.ts'
import { read } from '../../../main/scenarios/readings.ts'
import { setExpectStage } from '../../helpers/expect-stage.ts'
import { startMosquitto } from '../../helpers/mosquitto-broker.ts'
import { patience, until } from '../../helpers/until.ts'

const open = setExpectStage()

const will = (id: string): Subject => ({ is: 'will', id })
const session = (id: string): Subject => ({ is: 'session', id })
const exchanges = (id: string): Subject => ({ is: 'exchanges', id })
const broker: Subject = { is: 'broker' }
const exactly = (count: number) => ({ atLeast: count, atMost: count })

describe('toBePublished', () => {
  it('holds when the broker has published the will, for this reason', async () => {
    const { bench, client, judge } = await open()
    await client('pump', { will: true })
    await bench.clients.drop('pump')
    expect(await judge(will('pump'), { matcher: 'toBePublished', because: 'connection lost' })).toMatchObject({
      held: true,
      what: 'expect(pump.will).toBePublished',
      expected: "the will of pump to be published because 'connection lost', within 5 s",
      received: 'it was published to wills/pump: connection lost',
    })
  })

  it('fails when it is not published, was published before, or for another reason', async () => {
    const { bench, client, evidence, judge } = await open()
    await client('pump', { will: true })
    expect(await judge(will('pump'), { matcher: 'toBePublished' }, 50)).toMatchObject({
      held: false,
      received: 'nothing became of its will',
    })
    await bench.clients.drop('pump')
    await until('its will is published', () => evidence.wills.length === 1)
    expect(await judge(will('pump'), { matcher: 'toBePublished', because: 'keep alive' }, 50)).toMatchObject({
      held: false,
      received: 'it was published to wills/pump: connection lost',
    })
    expect(await judge(will('pump'), { matcher: 'toBePublished' })).toMatchObject({ held: true })
    expect(await judge(will('pump'), { matcher: 'toBePublished' }, 50)).toMatchObject({ held: false })
    await bench.clients.connect('pump')
    await bench.clients.disconnect('pump')
    await until('its will is dropped', () => evidence.wills.length === 2)
    expect(await judge(will('pump'), { matcher: 'toBePublished' }, 50)).toMatchObject({
      held: false,
      received: 'it was dropped: the client sent DISCONNECT',
    })
  })

  it('refuses a cause that there is not', async () => {
    const { judge } = await open()
    await expect(judge(will('pump'), { matcher: 'toBePublished', because: 'bad luck' })).rejects.toMatchObject({
      code: 'invalid-argument',
      hint: expect.stringContaining("'connection lost'"),
    })
  })
})

describe('notToBePublished', () => {
  it('holds when the whole time is over, and fails when it is published', async () => {
    const { bench, client, evidence, judge } = await open()
    await client('pump', { will: true })
    await bench.clients.disconnect('pump')
    await until('its will is dropped', () => evidence.wills.length === 1)
    const began = performance.now()
    expect(await judge(will('pump'), { matcher: 'notToBePublished' }, 200)).toMatchObject({
      held: true,
      expected: 'the will of pump not to be published, within 200 ms',
      received: 'it was dropped: the client sent DISCONNECT',
    })
    expect(performance.now() - began).toBeGreaterThan(190)
    await bench.clients.connect('pump')
    const judged = judge(will('pump'), { matcher: 'notToBePublished' }, 600_000)
    await bench.clients.drop('pump')
    expect(await judged).toMatchObject({ held: false, received: 'it was published to wills/pump: connection lost' })
  })
})

describe('what cannot be looked at any more', () => {
  it('may have been the will: that none was published cannot be said', async () => {
    const { bench, client, evidence, judge } = await open()
    await client('pump', { will: true })
    await bench.clients.disconnect('pump')
    await until('its will is dropped', () => evidence.wills.length === 1)
    evidence.tracker.missed(3)
    expect(await judge(will('pump'), { matcher: 'notToBePublished' }, 50)).toMatchObject({
      held: false,
      received:
        'it was dropped: the client sent DISCONNECT; 3 records of the capture could not be looked at: there was no room to keep them',
    })
    expect(await judge(exchanges('pump'), { matcher: 'toShow', steps: ['PUBLISH'] }, 50)).toMatchObject({
      held: false,
      received: expect.stringMatching(/^there was no handshake; 3 records/),
    })
  })
})

describe('toBePresent', () => {
  it('holds for a Session, connected or kept, and not for one that there never was or that is over', async () => {
    const { bench, client, judge } = await open()
    await client('pump', { will: true })
    expect(await judge(session('pump'), { matcher: 'toBePresent' })).toMatchObject({
      held: true,
      what: 'expect(pump.session).toBePresent',
      expected: 'the Session of pump to be present, within 5 s',
      received: 'it is present, its client is connected',
    })
    // Its will makes the broker show it on.
    await bench.clients.drop('pump')
    await until('its Session is over', () =>
      bench.broker.sessions().every(({ connected, clientId }) => clientId !== 'pump' || !connected),
    )
    expect(await judge(session('pump'), { matcher: 'toBePresent' }, 100)).toMatchObject({
      held: false,
      received: 'it has ended',
    })
    expect(await judge(session('fan'), { matcher: 'toBePresent' }, 50)).toMatchObject({
      held: false,
      received: 'the broker has never had a Session of fan',
    })
    await client('kept', { clean: false })
    await bench.clients.disconnect('kept')
    expect(await judge(session('kept'), { matcher: 'toBePresent' })).toMatchObject({ held: true })
  })
})

describe('toBeExpired', () => {
  it('holds when the broker has had it and has it no more', async () => {
    const { bench, client, judge } = await open()
    await client('pump', { version: 5, expiry: 1, clean: false })
    expect(await judge(session('pump'), { matcher: 'toBeExpired' }, 50)).toMatchObject({
      held: false,
      expected: 'the Session of pump to be over, within 50 ms',
      received: 'it is present, its client is connected',
    })
    await bench.clients.drop('pump')
    expect(await judge(session('pump'), { matcher: 'toBeExpired' })).toMatchObject({
      held: true,
      received: 'it has ended',
    })
    expect(await judge(session('fan'), { matcher: 'toBeExpired' }, 50)).toMatchObject({ held: false })
  })

  it('does not hold while the broker does not run: nobody knows what it will have when it does again', async () => {
    const { bench, client, evidence, expectations, judge } = await open({
      plan: { broker: { limits: {}, store: 'level', access: undefined } },
    })
    await client('pump', { clean: false })
    await bench.broker.order({ order: 'kill' }, undefined)
    const stopped = {
      held: false,
      received: 'the broker does not run: what Sessions it has kept is known when it does',
    }
    expect(await judge(session('pump'), { matcher: 'toBeExpired' }, 50)).toMatchObject(stopped)
    expect(await judge(session('pump'), { matcher: 'toHaveQueued', amount: exactly(0) }, 50)).toMatchObject(stopped)
    const queued = () => read({ do: 'read', what: 'queued', of: 'pump' }, { bench, evidence, expectations })
    await expect(queued()).rejects.toMatchObject({
      code: 'wrong-state',
      message: 'how many messages wait in the Session of pump is not known: the broker does not run',
    })
    await bench.broker.order({ order: 'start' }, undefined)
    expect(await judge(session('pump'), { matcher: 'toBePresent' })).toMatchObject({ held: true })
    expect(await queued()).toBe(0)
  })
})

describe('toHaveQueued', () => {
  it('counts what waits for its client', async () => {
    const { bench, client, judge, publish, watch } = await open()
    await client('pump', { clean: false })
    await watch('pump', 'plant/set', 1)
    await bench.clients.disconnect('pump')
    for (const text of ['a', 'b', 'c']) await publish('observer', 'plant/set', text)
    expect(await judge(session('pump'), { matcher: 'toHaveQueued', amount: exactly(3) })).toMatchObject({
      held: true,
      received: '3 are queued',
    })
    expect(await judge(session('pump'), { matcher: 'toHaveQueued', amount: exactly(2) }, 50)).toMatchObject({
      held: false,
      expected: 'the Session of pump to have 2 messages queued, within 50 ms',
      received: '3 are queued',
    })
    expect(await judge(session('fan'), { matcher: 'toHaveQueued', amount: exactly(0) }, 50)).toMatchObject({
      held: false,
    })
  })
})

describe('toHaveInflight', () => {
  it('counts unfinished handshakes to its client', async () => {
    const { bench, client, judge, publish, watch } = await open()
    await client('pump', { clean: false })
    await watch('pump', 'plant/set', 1)
    bench.wire.addBreakpoint('type:puback client:pump')
    await publish('observer', 'plant/set', 'a')
    expect(await judge(session('pump'), { matcher: 'toHaveInflight', amount: exactly(1) })).toMatchObject({
      held: true,
    })
    expect(await judge(session('pump'), { matcher: 'toHaveInflight', amount: { atLeast: 2 } }, 50)).toMatchObject({
      held: false,
      expected: 'the Session of pump to have at least 2 messages in flight, within 50 ms',
      received: '1 is in flight',
    })
  })
})

describe('toHaveSubscription', () => {
  it('knows filter and granted QoS', async () => {
    const { judge, watch } = await open()
    const matcher = 'toHaveSubscription'
    expect(await judge(session('observer'), { matcher, filter: 'a' }, 50)).toMatchObject({
      held: false,
      received: 'it has none',
    })
    await watch('observer', ['plant/+/set', 'plant/#'], 1)
    expect(await judge(session('observer'), { matcher, filter: 'plant/#', qos: 1 })).toMatchObject({ held: true })
    expect(await judge(session('observer'), { matcher, filter: 'plant/#', qos: 2 }, 50)).toMatchObject({
      held: false,
      expected: 'the Session of observer to have a subscription to plant/# with QoS 2, within 50 ms',
      received: 'it has plant/+/set with QoS 1, plant/# with QoS 1',
    })
  })
})

describe('toShow', () => {
  it('holds when a handshake has these steps, also one that was there before', async () => {
    const { bench, client, judge, publish, watch } = await open()
    await client('pump', { clean: false })
    await watch('pump', 'plant/set', 2)
    const drop = {
      ...ruleDefaults('drop'),
      clients: 'pump',
      from: 'client' as const,
    }
    bench.wire.addRule({ ...drop, filter: 'type:pubrec', times: 1 })
    await publish('observer', 'plant/set', 'a', { qos: 2 })
    await until('PUBREC is dropped', () => bench.wire.state().rules.some(({ hits }) => hits === 1))
    await bench.clients.drop('pump')
    await bench.clients.connect('pump')
    const steps = ['PUBLISH', 'PUBREC x', 'PUBLISH DUP', 'PUBREC', 'PUBREL', 'PUBCOMP']
    for (const ofTopic of [undefined, 'plant/+']) {
      expect(await judge(exchanges('pump'), { matcher: 'toShow', steps, ofTopic })).toMatchObject({
        held: true,
        what: 'expect(pump.exchanges).toShow',
        received: expect.stringMatching(
          /^PUBLISH PUBREC✕ ~ PUBLISH DUP PUBREC PUBREL PUBCOMP \(plant\/set, from the broker\)$/,
        ),
      })
    }
    const judged = await judge(exchanges('pump'), { matcher: 'toShow', steps: ['PUBLISH', 'PUBACK'] }, 50)
    expect(judged).toMatchObject({
      held: false,
      expected: 'a handshake of pump that is PUBLISH PUBACK, within 50 ms',
      received:
        'there was 1 handshake, none is so: PUBLISH PUBREC✕ ~ PUBLISH DUP PUBREC PUBREL PUBCOMP (plant/set, from the broker)',
    })
    expect(judged.packets?.first).toBeLessThan(judged.packets?.last ?? 0)
    expect(await judge(exchanges('pump'), { matcher: 'toShow', steps, ofTopic: 'other' }, 50)).toMatchObject({
      held: false,
      expected: expect.stringContaining('of a message to other that is PUBLISH'),
      received: 'there was no handshake',
    })
  })

  it('waits for one to be finished, and shows the nearest first', async () => {
    const { bench, judge, publish } = await open()
    await publish('observer', 'a', '1', { qos: 1 })
    await publish('observer', 'b', '1', { qos: 0 })
    const rule = bench.wire.addBreakpoint('type:pubcomp client:observer')
    const published = publish('observer', 'c', '1', { qos: 2 })
    const steps = ['PUBLISH', 'PUBREC', 'PUBREL', 'PUBCOMP']
    await until('PUBCOMP is held', () => bench.wire.state().heldCount === 1)
    expect(await judge(exchanges('observer'), { matcher: 'toShow', steps }, 50)).toMatchObject({
      held: false,
      received:
        'there were 3 handshakes, none is so: PUBLISH PUBREC PUBREL PUBCOMP‖ (c, to the broker, held); PUBLISH (b, to the broker); PUBLISH PUBACK (a, to the broker)',
    })
    const judged = judge(exchanges('observer'), { matcher: 'toShow', steps }, 600_000)
    bench.wire.removeBreakpoint(rule)
    bench.wire.letGo()
    await published
    expect(await judged).toMatchObject({ held: true })
  })

  it('refuses at once a step that there is not', async () => {
    const { judge } = await open()
    await expect(judge(exchanges('pump'), { matcher: 'toShow', steps: ['PUBLISCH'] })).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining("'PUBLISCH' is no step"),
    })
  })
})

describe('the broker', () => {
  it('has so many connections', async () => {
    const { bench, client, judge } = await open()
    const matcher = 'toHaveConnections'
    await client('pump')
    expect(await judge(broker, { matcher, amount: exactly(2) })).toMatchObject({
      held: true,
      what: 'expect(broker).toHaveConnections',
    })
    await bench.clients.disconnect('pump')
    expect(await judge(broker, { matcher, amount: exactly(1) })).toMatchObject({ held: true, received: '1 is' })
    expect(await judge(broker, { matcher, amount: { atMost: 0 } }, 50)).toMatchObject({
      held: false,
      expected: 'the broker to have at most 0 clients connected, within 50 ms',
      received: '1 is',
    })
  })

  it('takes in and sends so many messages a second', async () => {
    const { judge, publish, watch } = await open()
    await watch('observer', 'a', 0)
    let goesOn = true
    const flow = (async () => {
      while (goesOn) await publish('observer', 'a', 'b')
    })()
    expect(await judge(broker, { matcher: 'toReceiveRate', amount: { atLeast: 5 } }, patience)).toMatchObject({
      held: true,
      expected: 'the broker to take in at least 5 messages a second, within 1 min',
    })
    expect(await judge(broker, { matcher: 'toSendRate', amount: { atLeast: 5 } }, patience)).toMatchObject({
      held: true,
    })
    expect(await judge(broker, { matcher: 'toSendRate', amount: { atLeast: 1e9 } }, 50)).toMatchObject({
      held: false,
      expected: 'the broker to send at least 1000000000 messages a second, within 50 ms',
      received: expect.stringMatching(/^it was \d+ in the last second$/),
    })
    goesOn = false
    await flow
    expect(await judge(broker, { matcher: 'toSendRate', amount: exactly(0) }, patience)).toMatchObject({ held: true })
    expect(await judge(broker, { matcher: 'toReceiveRate', amount: { atLeast: 1 } }, 50)).toMatchObject({
      held: false,
      received: 'it was 0 in the last second',
    })
  })
})

describe('expectations of another broker', () => {
  it('see its wills by who is given them, and refuse what only it knows', async () => {
    const { port } = await startMosquitto()
    const target = `mqtt://127.0.0.1:${port}`
    const { bench, client, judge, watch } = await open({ plan: { target } })
    await client('pump', { will: true })
    await watch('observer', 'wills/#')
    await bench.clients.drop('pump')
    expect(await judge(will('pump'), { matcher: 'toBePublished' })).toMatchObject({
      held: true,
      received: 'it was given to a subscriber of wills/pump',
    })
    expect(await judge(will('pump'), { matcher: 'toBePublished' }, 50)).toMatchObject({
      held: false,
      received: expect.stringContaining('seen only where a client of the scenario has subscribed to its topic'),
    })
    await expect(judge(will('pump'), { matcher: 'toBePublished', because: 'keep alive' })).rejects.toMatchObject({
      code: 'wrong-state',
      message: `why a will was published only its broker knows, and ${target} does not tell`,
    })
    await expect(judge(session('pump'), { matcher: 'toBePresent' })).rejects.toMatchObject({
      code: 'wrong-state',
      hint: expect.stringContaining("the scenario's own broker"),
    })
    expect(await judge(broker, { matcher: 'toHaveConnections', amount: exactly(1) })).toMatchObject({ held: true })
  })
})
