import { describe, expect, it } from 'vitest'
import { ruleDefaults } from '../../../app/faults/check-rule.ts'
import { eventsOf, packetsOf, setBenchStage, settingsFor } from '../../helpers/bench-stage.ts'
import {
  broker,
  group,
  order,
  publish,
  pumpFiles,
  queuedFor,
  refusedBy,
  stateOf,
  subscribe,
  texts,
} from '../../helpers/bench-words.ts'
import { startMosquitto } from '../../helpers/mosquitto-broker.ts'
import { freePort } from '../../helpers/ports.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { until } from '../../helpers/until.ts'

const open = setBenchStage()

describe('the broker of a bench', () => {
  it('publishes wills when it is stopped, and begins anew in memory when it starts', async () => {
    const { bench, received } = await open({ files: pumpFiles, plan: { groups: [group()] } })
    await subscribe(bench, 'observer', 'plant/+/status')
    await until('the observer has what is retained', () => texts(received, 'observer').includes('online'))
    await order(bench, 'stop')
    expect(eventsOf(bench)).toContainEqual(
      expect.objectContaining({ type: 'will published', clientId: 'pump', reason: 'the broker was stopped' }),
    )
    expect(texts(received, 'observer')).toContain('offline')
    await until('the observer knows', () => bench.clients.state('observer')?.online === false)
    expect(packetsOf(bench, 'observer')).toContain('DISCONNECT')
    expect(bench.broker.sessions()).toEqual([])
    expect(await refusedBy(bench)).toBe('ECONNREFUSED')
    await expect(order(bench, 'stop')).rejects.toMatchObject({ code: 'wrong-state' })
    await order(bench, 'start')
    await expect(order(bench, 'start')).rejects.toMatchObject({ code: 'wrong-state' })
    expect(await bench.clients.connect('observer')).toEqual({ sessionPresent: false })
    await until('the device is back', () => stateOf(bench, 'pump') === 'online')
  })

  it('dies without a word when it is killed', async () => {
    const { bench, received } = await open({ files: pumpFiles, plan: { groups: [group()] } })
    // One that comes after the device is reset after it.
    await bench.clients.open('late', settingsFor('late'))
    await subscribe(bench, 'late', 'plant/+/status')
    await until('it has what is retained', () => texts(received, 'late').length === 1)
    await order(bench, 'kill')
    await until('the device has noticed', () => stateOf(bench, 'pump') === 'backing off')
    expect(await refusedBy(bench)).toBe('ECONNREFUSED')
    const events = eventsOf(bench)
    expect(events).toContainEqual({ type: 'fault', what: 'broker killed', by: 'the scenario' })
    expect(events).toContainEqual(expect.objectContaining({ type: 'closed', by: 'broker', cause: 'rst' }))
    expect(events.map(({ type }) => type)).not.toContain('will published')
    expect(packetsOf(bench, 'late').filter((packet) => packet === 'PUBLISH')).toHaveLength(1)
    expect(packetsOf(bench, 'observer')).not.toContain('DISCONNECT')
    expect(bench.clients.state('observer')).toMatchObject({ online: false, reason: 'connection lost: it was reset' })
    await order(bench, 'start')
    await until('the device is back', () => stateOf(bench, 'pump') === 'online')
  })

  it('has what its store kept when it is started after it was killed, and finishes what was in flight', async () => {
    const { bench, received } = await open({ plan: { broker: broker({ store: 'level' }) } })
    const kept = (id: string) => settingsFor(id, { cleanStart: false })
    await bench.clients.open('sub', kept('sub'))
    await bench.clients.open('pub', kept('pub'))
    await subscribe(bench, 'sub', 'pump/#')
    await bench.clients.disconnect('sub')
    const lost = { ...ruleDefaults('drop'), clients: 'pub', from: 'broker' as const }
    const rules = ['type:puback', 'type:pubrec'].map((filter) => bench.wire.addRule({ ...lost, filter }))
    const sent = Promise.all([
      publish(bench, 'pub', 'pump/once', 'once', 2),
      publish(bench, 'pub', 'pump/least', 'least', 1),
    ])
    await until('its acknowledgements are lost', () => bench.wire.state().rules.every(({ hits }) => hits === 1))
    expect(queuedFor(bench, 'sub')).toBe(2)
    await order(bench, 'kill')
    for (const rule of rules) bench.wire.removeRule(rule)
    await order(bench, 'start')
    expect(await bench.clients.connect('pub')).toEqual({ sessionPresent: true })
    await sent
    expect(packetsOf(bench, 'pub').filter((packet) => packet === 'PUBLISH DUP')).toHaveLength(2)
    expect(await bench.clients.connect('sub')).toEqual({ sessionPresent: true })
    await until('all has come', () => texts(received, 'sub').length >= 3)
    // The broker had the message of QoS 1 already when it was sent again; that of QoS 2 it recognises.
    expect(texts(received, 'sub').sort()).toEqual(['least', 'least', 'once'])
  })

  it('tells what of QoS 1 and 2 it has never sent, over all of its lives', async () => {
    const { bench } = await open({ plan: { broker: broker({ limits: { maxQueued: 2 } }) } })
    const none = { queueFull: 0, expired: 0, tooLarge: 0, sessionEnded: 0 }
    const five = { protocolVersion: 5, cleanStart: false, properties: { sessionExpiryInterval: 3600 } } as const
    const away = async (id: string, more: object = {}) => {
      await bench.clients.open(id, settingsFor(id, { ...five, properties: { ...five.properties, ...more } }))
      await subscribe(bench, id, `to/${id}`)
      await bench.clients.disconnect(id)
    }
    await away('full')
    for (const qos of [0, 1, 1, 2, 2] as const) await publish(bench, 'observer', 'to/full', 'x', qos)
    expect(queuedFor(bench, 'full')).toBe(2)
    // Of QoS 0 nobody promised anything.
    expect(bench.broker.losses()).toEqual({ ...none, queueFull: 2 })
    await away('small', { maximumPacketSize: 100 })
    await publish(bench, 'observer', 'to/small', 'x'.repeat(200), 1)
    await bench.clients.connect('small')
    await until('it is found too large', () => bench.broker.losses().tooLarge === 1)
    await away('gone')
    await publish(bench, 'observer', 'to/gone', 'x', 1)
    await bench.broker.order({ order: 'expireSession', id: 'gone' }, undefined)
    expect(bench.broker.losses()).toEqual({ queueFull: 2, expired: 0, tooLarge: 1, sessionEnded: 1 })
    expect(bench.broker.running).toBe(true)
    await order(bench, 'kill')
    expect(bench.broker.running).toBe(false)
    // What was in memory is gone with it: those two that waited.
    const all = { queueFull: 2, expired: 0, tooLarge: 1, sessionEnded: 3 }
    expect(bench.broker.losses()).toEqual(all)
    await order(bench, 'start')
    expect(bench.broker.losses()).toEqual(all)
  })

  it('has lost nothing where its store keeps what waited', async () => {
    const { bench } = await open({ plan: { broker: broker({ store: 'level' }) } })
    await bench.clients.open('away', settingsFor('away', { cleanStart: false }))
    await subscribe(bench, 'away', 'to/away')
    await bench.clients.disconnect('away')
    await publish(bench, 'observer', 'to/away', 'x', 1)
    await order(bench, 'stop')
    await order(bench, 'start')
    expect(queuedFor(bench, 'away')).toBe(1)
    expect(bench.broker.losses().sessionEnded).toBe(0)
  })

  it('refuses by name, as often as it is told, also when it was started again', async () => {
    const { bench } = await open()
    const refuse = (reason: string, more: object = {}) =>
      bench.broker.order({ order: 'refuse', reason, ...more }, undefined)
    await expect(refuse('server bussy')).rejects.toMatchObject({ hint: "did you mean 'server busy'?" })
    await refuse('server busy', { clients: 'pump-*', times: 2 })
    const five = (id: string) => bench.clients.open(id, settingsFor(id, { protocolVersion: 5 }))
    await expect(five('pump-1')).rejects.toMatchObject({ details: { reasonCode: 0x89 } })
    await five('valve-1')
    await order(bench, 'stop')
    await order(bench, 'start')
    await expect(five('pump-1')).rejects.toMatchObject({ details: { reasonCode: 0x89 } })
    await five('pump-1')
    await refuse('banned')
    await expect(five('valve-2')).rejects.toMatchObject({
      message: 'valve-2 was not let in: refused: banned (the scenario has it refused) (0x8a)',
    })
    await order(bench, 'accept')
    await five('valve-2')
  })

  it('has as many connections as it is told, and ends Sessions before their time', async () => {
    const { bench } = await open()
    await bench.broker.order({ order: 'maxConnections', count: 2 }, undefined)
    await bench.clients.open('one', settingsFor('one', { cleanStart: false }))
    await expect(bench.clients.open('two', settingsFor('two'))).rejects.toMatchObject({ code: 'wrong-state' })
    await bench.clients.disconnect('one')
    await bench.broker.order({ order: 'expireSession', id: 'one' }, undefined)
    expect(await bench.clients.connect('one')).toEqual({ sessionPresent: false })
    await expect(bench.broker.order({ order: 'expireSession', id: 'none' }, undefined)).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})

describe('a bench with a target', () => {
  it('has its devices and clients there, through Links', async () => {
    const mosquitto = await startMosquitto()
    const target = `mqtt://127.0.0.1:${mosquitto.port}`
    const { bench, received } = await open({ files: pumpFiles, plan: { target, groups: [group({ count: 2 })] } })
    expect(bench.broker.own).toBe(false)
    expect(new URL(bench.mqttUrl).port).not.toBe(String(mosquitto.port))
    expect(bench.devices.list()).toMatchObject([{ state: 'online', target }, { state: 'online' }])
    await bench.clients.open('guest', settingsFor('guest'))
    await subscribe(bench, 'guest', 'plant/+/status')
    await until('what is retained has come', () => received.length >= 2)
    bench.wire.cut('pump-01', 'rst')
    await until('its will has come', () => texts(received, 'guest').includes('offline'))
    await bench.broker.order(
      { order: 'publish', topic: 'plant/x/status', text: 'hello', qos: 1, retain: false },
      undefined,
    )
    await until('it has come', () => texts(received, 'guest').includes('hello'))
    expect(mosquitto.log()).toContain('New client connected from 127.0.0.1')
    expect(packetsOf(bench, 'guest')).toContain('PUBLISH')
  })

  it('refuses what only its own broker could do', async () => {
    const mosquitto = await startMosquitto()
    const { bench } = await open({ plan: { target: `mqtt://127.0.0.1:${mosquitto.port}` } })
    await expect(order(bench, 'kill')).rejects.toMatchObject({
      code: 'wrong-state',
      message: `broker.kill is not possible: the broker is mqtt://127.0.0.1:${mosquitto.port}, and not the scenario's own`,
    })
    expect(() => bench.broker.sessions()).toThrow('to look at Sessions is not possible')
  })

  it('leaves nothing of the observer there', async () => {
    const mosquitto = await startMosquitto()
    const plan = { target: `mqtt://127.0.0.1:${mosquitto.port}` }
    const first = await open({ plan })
    await subscribe(first.bench, 'observer', 'old')
    await first.bench.close()
    const { bench } = await open({ plan })
    await bench.clients.drop('observer')
    expect(await bench.clients.connect('observer')).toEqual({ sessionPresent: true })
    await bench.clients.open('other', settingsFor('other'))
    await publish(bench, 'other', 'old', 'x', 1)
    await publish(bench, 'observer', 'done', 'x', 1)
    expect(packetsOf(bench, 'observer').filter((packet) => packet === 'PUBLISH')).toHaveLength(1)
  })

  it('finds nothing there that an observer has left who was killed', async () => {
    const mosquitto = await startMosquitto()
    const properties = { sessionExpiryInterval: 3600 }
    const dead = await RawClient.connect(mosquitto.port, 'observer', { protocolVersion: 5, clean: false, properties })
    dead.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'x/#', qos: 1 }] })
    await dead.receive('suback')
    dead.socket.resetAndDestroy()
    const { bench, received } = await open({ plan: { target: `mqtt://127.0.0.1:${mosquitto.port}` } })
    await subscribe(bench, 'observer', 'x/a')
    await publish(bench, 'observer', 'x/b', 'not asked for', 1)
    await publish(bench, 'observer', 'x/a', 'asked for', 1)
    await until('it has come', () => received.length > 0)
    expect(texts(received, 'observer')).toEqual(['asked for'])
    await bench.clients.drop('observer')
    expect(await bench.clients.connect('observer')).toEqual({ sessionPresent: true })
  })

  it('says why nobody is there', async () => {
    const port = await freePort()
    await expect(open({ plan: { target: `mqtt://127.0.0.1:${port}` } })).rejects.toMatchObject({
      code: 'connection-closed',
      message: `observer was not let in: nobody listens on 127.0.0.1:${port}`,
    })
  })

  it('says so at once, and does not wait for devices that try again and again', async () => {
    const port = await freePort()
    const plan = { target: `mqtt://127.0.0.1:${port}`, groups: [group({ count: 3 })] }
    await expect(open({ files: pumpFiles, plan })).rejects.toMatchObject({
      code: 'connection-closed',
      message: `observer was not let in: nobody listens on 127.0.0.1:${port}`,
    })
    await expect(
      open({ files: pumpFiles, plan: { target: 'mqtt://no-such-host.invalid', groups: [group()] } }),
    ).rejects.toMatchObject({ code: 'connection-closed', message: expect.stringContaining('no-such-host.invalid') })
  })
})
