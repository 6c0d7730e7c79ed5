import { describe, expect, it } from 'vitest'
import { entry, FleetBench, loadScript } from '../../helpers/fleet-bench.ts'
import { setFleetStage } from '../../helpers/fleet-stage.ts'
import { startMosquitto } from '../../helpers/mosquitto-broker.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { until } from '../../helpers/until.ts'

const stage = setFleetStage()

describe('a load fleet', () => {
  it.each([0, 1, 2] as const)('publishes at QoS %i from as many clients as its entry says', async (qos) => {
    const id = `rate${qos}`
    const source = loadScript(`topic: '${id}/{id}/{n}', every: '50ms', payload: '{"count":{count}}', qos: ${qos}`)
    stage.bench.fleets.set([entry(id, source, { count: 20 })])
    const fleet = await stage.bench.becomes(id, 'has published', (now) => (now.counters?.published ?? 0) >= 200)
    expect(fleet).toMatchObject({ kind: 'load', wanted: 20, present: 20, online: 20, error: undefined })
    expect(fleet.settings).toMatchObject({ everyMs: 50, qos, retain: false })
    expect(fleet.counters?.errors).toEqual({})
    for (let n = 1; n <= 20; n++) {
      const texts = stage.broker.texts(`${id}/${id}-${n}/${n}`)
      expect(texts.length).toBeGreaterThan(3)
      expect(texts).toEqual(texts.map((_, i) => `{"count":${i + 1}}`))
    }
    expect(stage.broker.published.find(({ topic }) => topic.startsWith(`${id}/`))?.qos).toBe(qos)
    expect(fleet.counters?.latency === undefined).toBe(qos === 0)
  })

  it.each([0, 1, 2] as const)('publishes at QoS %i as fast as it can, and loses nothing', async (qos) => {
    const id = `fast${qos}`
    stage.bench.fleets.set([
      entry(id, loadScript(`topic: '${id}', every: 0, payload: '{id} {count}', qos: ${qos}`), { count: 2 }),
    ])
    await stage.bench.becomes(id, 'has published much', (now) => (now.counters?.published ?? 0) >= 4000, 20_000)
    await stage.bench.fleets.settle(10_000)
    const { acknowledged, published } = stage.bench.fleets.totals(id)
    expect(acknowledged).toBe(qos === 0 ? 0 : published)
    await until('all have arrived', () => stage.broker.texts(id).length === published)
    for (const client of [`${id}-1`, `${id}-2`]) {
      const texts = stage.broker.texts(id).filter((text) => text.startsWith(`${client} `))
      expect(texts).toEqual(texts.map((_, i) => `${client} ${i + 1}`))
    }
  })

  it('follows a change of rate, payload, QoS and topic without a new connection', async () => {
    stage.bench.fleets.set([entry('live', loadScript(`topic: 'live/old', every: '1h', payload: 'old'`), { count: 3 })])
    await stage.bench.becomes('live', 'is online', ({ online }) => online === 3)
    const connects = stage.broker.connects.length
    stage.bench.fleets.change('live', { topic: 'live/{id}', everyMs: 20, payload: 'new {n}', qos: 2, retain: true })
    await until('the new messages come', () => stage.broker.texts('live/live-2').length >= 3)
    expect(stage.broker.texts('live/live-2')[0]).toBe('new 2')
    expect(stage.broker.published.filter(({ topic }) => topic === 'live/live-2')[0]).toMatchObject({ qos: 2 })
    expect(stage.broker.connects.length).toBe(connects)
    expect(stage.bench.snapshot('live').settings).toEqual({
      topic: 'live/{id}',
      everyMs: 20,
      payload: 'new {n}',
      qos: 2,
      retain: true,
    })
  })

  it('grows and shrinks while it runs, with DISCONNECT', async () => {
    stage.bench.fleets.set([
      entry('grow', loadScript(`topic: 'grow/{id}', client: { will: { topic: 'grow/will', payload: '{id}' } }`)),
    ])
    await stage.bench.becomes('grow', 'has one', ({ online }) => online === 1)
    stage.bench.fleets.change('grow', { count: 8, rampMs: 300 })
    await stage.bench.becomes('grow', 'ramps', ({ present }) => present > 1 && present < 8)
    await stage.bench.becomes('grow', 'has eight', ({ online }) => online === 8)
    stage.bench.fleets.change('grow', { count: 2 })
    await stage.bench.becomes('grow', 'has two', ({ online, present }) => online === 2 && present === 2)
    await until('six have left', () => [3, 4, 5, 6, 7, 8].every((n) => stage.broker.disconnects.includes(`grow-${n}`)))
    expect(stage.broker.texts('grow/will')).toEqual([])
  })

  it('says which option of its script is wrong, and where', async () => {
    stage.bench.fleets.set([entry('wrong', loadScript(`  topic: 'a',\n  payload: '{nothing 3}',`), { count: 50 })])
    const fleet = await stage.bench.becomes('wrong', 'fails', ({ error }) => error !== undefined)
    expect(fleet.error).toMatchObject({
      trouble: 'script',
      message: expect.stringMatching(/^payload has \{nothing 3\}, which stands for nothing/),
      file: 'devices/wrong.device.ts',
      line: 4,
      column: 3,
    })
    expect(fleet).toMatchObject({ kind: 'load', present: 0, wanted: 50 })
    expect(stage.bench.devices.devices.list()).toEqual([])
    expect(() => stage.bench.fleets.change('wrong', { qos: 1 })).toThrow('the script of wrong has a mistake')
    stage.bench.fleets.set([entry('wrong', loadScript(`topic: 'mended'`), { count: 50 })])
    await stage.bench.becomes('wrong', 'is mended', ({ error, online }) => online === 50 && error === undefined)
  })

  it('shows a mistake that its options have in the sandbox, and no device that fails because it is none', async () => {
    stage.bench.fleets.set([entry('card', loadScript(`  topic: 'a/#',`))])
    const { error } = await stage.bench.becomes('card', 'fails', (now) => now.error !== undefined)
    expect(error).toMatchObject({ message: expect.stringContaining("'a/#' has a wildcard"), line: 3 })
    expect(stage.bench.snapshot('card')).toMatchObject({ kind: 'load', wanted: 1, present: 0 })
    expect(stage.bench.devices.devices.list()).toEqual([])
  })

  it('goes on as it was while its script is being mended', async () => {
    const source = loadScript(`topic: 'mend/{id}', every: '30ms'`)
    stage.bench.fleets.set([entry('mend', source, { count: 5 })])
    await stage.bench.becomes('mend', 'is online', ({ online }) => online === 5)
    stage.bench.fleets.set([entry('mend', `${source}(`, { count: 5 })])
    await stage.bench.becomes('mend', 'has an error', ({ error }) => error !== undefined)
    expect(stage.bench.snapshot('mend')).toMatchObject({ kind: 'load', online: 5 })
    stage.bench.fleets.set([entry('mend', loadScript(`topic: 'mended/{id}', every: '30ms'`), { count: 5 })])
    await until('it publishes elsewhere', () => stage.broker.texts('mended/mend-5').length > 0)
    expect(stage.bench.snapshot('mend').error).toBeUndefined()
  })

  it('refuses what it cannot be', () => {
    stage.bench.fleets.set([entry('plain', 'export default 1')])
    const change = (id: string, what: object) => () => stage.bench.fleets.change(id, what)
    expect(change('nobody', { count: 1 })).toThrow("there is no fleet 'nobody'")
    expect(change('plain', { qos: 1 })).toThrow('nothing but their number')
    expect(change('plain', { count: 10_001 })).toThrow('0 to 10,000 devices')
  })

  it('goes on without a client whose names MQTT cannot carry', async () => {
    const source = loadScript(`topic: 'odd/{n}', every: '20ms', client: { clientId: 'odd-{n}', username: '{id}' }`)
    const idOf = (n: number) => ['one', '#', 'x'.repeat(65_536)][n - 1] ?? ''
    stage.bench.fleets.set([entry('odd', source, { count: 3, idOf })])
    await stage.bench.becomes('odd', 'has two', ({ online }) => online === 2)
    stage.bench.fleets.change('odd', { topic: 'even/{id}' })
    await until('one publishes', () => stage.broker.texts('even/one').length > 2)
    const fleet = await stage.bench.becomes('odd', 'has one', ({ online }) => online === 1)
    expect(fleet.counters?.errors).toEqual({
      'a client cannot be: client.username must not be longer than 65535 octets': 1,
      "a client was ended: topic 'even/#' has a wildcard; '+' and '#' are for subscriptions only": 1,
    })
  })

  it('connects again with back-off after it was cut off, and counts why', async () => {
    const client = `{ reconnect: { after: '20ms', max: '50ms' } }`
    stage.bench.fleets.set([
      entry('back', loadScript(`topic: 'back/{id}', every: '20ms', client: ${client}`), { count: 2 }),
    ])
    await stage.bench.becomes('back', 'is online', ({ online }) => online === 2)
    stage.broker.cut('back-1')
    await until('it is back', () => stage.broker.connects.filter((id) => id === 'back-1').length === 2)
    const fleet = await stage.bench.becomes(
      'back',
      'has counted it',
      ({ counters }) => Object.keys(counters?.errors ?? {}).length > 0,
    )
    expect(fleet.counters?.errors).toEqual({ 'connection lost: it was reset': 1 })
  })

  it('counts each refusal', async () => {
    stage.broker.refuseWith = 5
    const client = `{ reconnect: { after: '10ms', max: '10ms' } }`
    stage.bench.fleets.set([entry('refused', loadScript(`topic: 'x', client: ${client}`), { count: 3 })])
    const reason = 'refused: not authorized'
    const fleet = await stage.bench.becomes(
      'refused',
      'is refused',
      ({ counters }) => (counters?.errors[reason] ?? 0) > 6,
    )
    stage.broker.refuseWith = undefined
    expect(Object.keys(fleet.counters?.errors ?? {})).toEqual([reason])
    await stage.bench.becomes('refused', 'is let in', ({ online }) => online === 3)
  })

  it('leaves messages out when the broker does not acknowledge, and says how many', async () => {
    stage.broker.holdAcknowledgements = true
    stage.bench.fleets.set([entry('stuck', loadScript(`topic: 'stuck', every: '1ms', qos: 1`))])
    const reason = 'left out: too many messages wait for the broker'
    const fleet = await stage.bench.becomes('stuck', 'is stuck', ({ counters }) => (counters?.errors[reason] ?? 0) > 0)
    stage.broker.holdAcknowledgements = false
    expect(fleet.counters).toMatchObject({ published: 100, acknowledged: 0 })
  })

  it('speaks MQTT 5, within the limits of the broker', async () => {
    const mosquitto = await startMosquitto(['max_inflight_messages 3', 'max_keepalive 30'])
    const five = new FleetBench(stage.assets, mosquitto.port)
    const watch = await RawClient.connect(mosquitto.port, 'watch', { protocolVersion: 4 })
    await watch.subscribe('five/#', 2)
    const client = `{ protocolVersion: 5, keepAlive: '60s', userProperties: { a: ['1', '2'] } }`
    five.fleets.set([
      entry('five', loadScript(`topic: 'five/{id}', every: 0, qos: 2, client: ${client}`), { count: 2 }),
    ])
    await five.becomes('five', 'publishes', ({ counters }) => (counters?.acknowledged ?? 0) > 500)
    await five.fleets.settle(10_000)
    const { acknowledged, errors, published } = five.fleets.totals('five')
    expect({ errors, acknowledged }).toEqual({ errors: {}, acknowledged: published })
    await watch.receive('publish')
    watch.reset()
    await five.close()
  })
})
