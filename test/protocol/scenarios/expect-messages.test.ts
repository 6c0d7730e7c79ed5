import { describe, expect, it } from 'vitest'
import type { Expectation, MessagePattern } from '../../../app/script-api/scenario-crossing.ts'
import { expression, setExpectStage, text } from '../../helpers/expect-stage.ts'
import { until } from '../../helpers/until.ts'

const open = setExpectStage()

type Often = Extract<Expectation, { matcher: 'toHandle' }>['often']

function toReceive(
  messages: MessagePattern | readonly MessagePattern[],
  often: Often = {},
  inOrder = false,
): Extract<Expectation, { matcher: 'toReceive' }> {
  const list = Array.isArray(messages) ? [...(messages as readonly MessagePattern[])] : [messages as MessagePattern]
  return { matcher: 'toReceive', messages: list, often, inOrder }
}

const status = (payload?: string): MessagePattern => ({
  topic: text('plant/pump-01/status'),
  ...(payload === undefined ? {} : { payload: text(payload) }),
})

describe('toReceive', () => {
  it('holds when the message comes, also where it came before it was expected', async () => {
    const { judge, publish, watch } = await open()
    const plant = await watch('observer', 'plant/#')
    const coming = judge(plant, toReceive({ ...status('offline'), qos: 1 }))
    await publish('observer', 'plant/pump-01/status', 'offline')
    expect(await coming).toMatchObject({
      held: true,
      what: 'expect(watch).toReceive',
      expected: 'a message to plant/pump-01/status with payload "offline" and QoS 1, within 5 s',
      received: 'plant/pump-01/status "offline" QoS 1',
    })
    await publish('observer', 'plant/pump-01/status', 'online')
    expect(await judge(plant, toReceive(status('online')))).toMatchObject({ held: true })
  })

  it('looks at the whole of a payload, however long it is', async () => {
    const { expectations, judge, publish, received, watch } = await open()
    const plant = await watch('observer', 'plant/#')
    const long = `${'x'.repeat(200_000)}end`
    await publish('observer', 'plant/pump-01/status', long)
    await received(plant, 1)
    expect(await judge(plant, toReceive(status(long), { never: true }), 50)).toMatchObject({ held: false })
    expect(await judge(plant, toReceive({ payload: expression('end$') }), 50)).toMatchObject({
      held: true,
      expected: 'a message with payload that matches /end$/, within 50 ms',
      received: `plant/pump-01/status "${'x'.repeat(120)}…" of 200003 octets QoS 1`,
    })
    expect(plant.is === 'watch' && expectations.readWatch(plant.watch).messages[0]?.payload).toHaveLength(200_003)
  })

  it('looks as deep into a payload as is wanted, however deep it is', async () => {
    const { judge, publish, received, watch } = await open()
    const plant = await watch('observer', 'plant/#')
    const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
    const json = (text: string): MessagePattern => ({ payload: { is: 'json', value: JSON.parse(text) } })
    await publish('observer', 'plant/pump-01/status', nested(20_000))
    await received(plant, 1)
    expect(await judge(plant, toReceive(json('{"a":{"b":1}}')), 50)).toMatchObject({
      held: false,
      received: expect.stringContaining('a.b is absent'),
    })
    expect(await judge(plant, toReceive(json(nested(100))), 50)).toMatchObject({ held: false })
    expect(await judge(plant, toReceive(json(nested(100).replace('1', '{}'))), 50)).toMatchObject({ held: true })
  })

  it('says what came instead, the nearest first', async () => {
    const { judge, publish, received, watch } = await open()
    const plant = await watch('observer', 'plant/#')
    await publish('observer', 'plant/pump-02/status', 'offline')
    await publish('observer', 'plant/pump-01/status', 'online')
    await received(plant, 2)
    const judged = await judge(plant, toReceive({ ...status('offline'), qos: 1 }), 50)
    expect(judged).toMatchObject({
      held: false,
      expected: 'a message to plant/pump-01/status with payload "offline" and QoS 1, within 50 ms',
      received:
        '2 messages came, none fits, the closest first: plant/pump-01/status "online" QoS 1 (another payload); plant/pump-02/status "offline" QoS 1 (another topic)',
    })
    expect(judged.packets?.last).toBeGreaterThan(0)
  })

  it('says so when nothing came, and shows no more than five of many', async () => {
    const { judge, publish, received: came, watch } = await open()
    const plant = await watch('observer', 'plant/#')
    expect(await judge(plant, toReceive(status()), 50)).toMatchObject({ held: false, received: 'nothing came' })
    for (let i = 0; i < 7; i++) await publish('observer', 'plant/other', String(i))
    await came(plant, 7)
    const { received } = await judge(plant, toReceive(status()), 50)
    expect(received).toMatch(/^7 messages came, none fits, the closest first: plant\/other "6"/)
    expect(received).toMatch(/; and 2 more$/)
  })

  it('does not see what the filters of its watch are not about', async () => {
    const { judge, publish, received, watch } = await open()
    const plant = await watch('observer', 'plant/#')
    await watch('observer', 'other')
    await publish('observer', 'other', 'x')
    await received({ is: 'watch', watch: 2 }, 1)
    expect(await judge(plant, toReceive({}), 50)).toMatchObject({ held: false, received: 'nothing came' })
  })

  it('sees what is retained and comes with SUBACK', async () => {
    const { judge, publish, watch } = await open()
    await publish('observer', 'plant/pump-01/status', 'online', { retain: true })
    const plant = await watch('observer', 'plant/#')
    expect(await judge(plant, toReceive({ ...status('online'), retain: true }))).toMatchObject({ held: true })
  })

  it('does not give to the next what one has received', async () => {
    const { judge, publish, received, watch } = await open()
    const plant = await watch('observer', 'plant/#')
    const other = await watch('observer', 'plant/pump-01/status')
    await publish('observer', 'plant/pump-01/status', 'offline')
    await received(plant, 1)
    const both = await Promise.all([
      judge(plant, toReceive(status('offline')), 200),
      judge(plant, toReceive(status('offline')), 200),
    ])
    expect(both.map(({ held }) => held).sort()).toEqual([false, true])
    expect(both.find(({ held }) => !held)?.received).toBe(
      '1 message that fits came before: an earlier expectation has received it',
    )
    // It is taken from this watch, not from another.
    expect(await judge(other, toReceive(status('offline')))).toMatchObject({ held: true })
  })

  it('waits for as many as are wanted', async () => {
    const { judge, publish, received, watch } = await open()
    const plant = await watch('observer', 'plant/#')
    await publish('observer', 'plant/pump-01/status', 'a')
    await received(plant, 1)
    const few = await judge(plant, toReceive(status(), { atLeast: 2 }), 100)
    expect(few).toMatchObject({
      held: false,
      expected: 'a message to plant/pump-01/status at least 2 times, within 100 ms',
      received: '1 message that fits came: plant/pump-01/status "a" QoS 1',
    })
    await publish('observer', 'plant/pump-01/status', 'b')
    expect(await judge(plant, toReceive(status(), { atLeast: 2 }))).toMatchObject({
      held: true,
      received: 'plant/pump-01/status "a" QoS 1; plant/pump-01/status "b" QoS 1',
    })
  })

  it('holds exactly as often when nothing more comes', async () => {
    const { judge, publish, watch } = await open()
    const plant = await watch('observer', 'plant/#')
    await publish('observer', 'plant/pump-01/status', 'a')
    await publish('observer', 'plant/pump-01/status', 'b')
    expect(await judge(plant, toReceive(status(), { exactly: 2 }))).toMatchObject({
      held: true,
      expected: 'a message to plant/pump-01/status exactly 2 times, within 5 s',
    })
  })

  it('fails at once when one more comes than exactly so many', async () => {
    const { judge, publish, watch } = await open()
    const plant = await watch('observer', 'plant/#')
    const judged = judge(plant, toReceive(status(), { exactly: 1 }), 600_000)
    await publish('observer', 'plant/pump-01/status', 'a')
    await publish('observer', 'plant/pump-01/status', 'b')
    expect(await judged).toMatchObject({
      held: false,
      received: '2 messages of the kind came: plant/pump-01/status "a" QoS 1; plant/pump-01/status "b" QoS 1',
    })
  })

  it('waits with exactly so many for a handshake that can bring one more', async () => {
    const { bench, client, judge, publish, watch } = await open()
    const plant = await watch('observer', 'plant/#', 1)
    bench.wire.addBreakpoint('type:puback client:observer')
    // Of its own, what it sends would wait behind the PUBACK that is held.
    await client('pump')
    await publish('pump', 'plant/pump-01/status', 'a')
    const judged = judge(plant, toReceive(status(), { exactly: 1 }), 600_000)
    const began = performance.now()
    await until('half a second is over', () => performance.now() - began > 700)
    await bench.clients.drop('observer')
    await bench.clients.connect('observer')
    expect(await judged).toMatchObject({
      held: false,
      received: '2 messages of the kind came: plant/pump-01/status "a" QoS 1; plant/pump-01/status "a" QoS 1 DUP',
    })
  })

  it('holds exactly so many when a handshake is unfinished still as its time and half a second is over', async () => {
    const { bench, client, judge, publish, received, watch } = await open()
    const plant = await watch('observer', 'plant/#', 1)
    bench.wire.addBreakpoint('type:puback client:observer')
    // Of its own, what it sends would wait behind the PUBACK that is held.
    await client('pump')
    await publish('pump', 'plant/pump-01/status', 'a')
    await received(plant, 1)
    expect(await judge(plant, toReceive(status(), { exactly: 1 }), 100)).toMatchObject({ held: true })
  })

  it('never receives: waits the whole time, and fails at the first', async () => {
    const { judge, publish, received, watch } = await open()
    const plant = await watch('observer', 'plant/#')
    await publish('observer', 'plant/pump-02/status', 'x')
    await received(plant, 1)
    const began = performance.now()
    expect(await judge(plant, toReceive(status(), { never: true }), 300)).toMatchObject({
      held: true,
      expected: 'a message to plant/pump-01/status never, within 300 ms',
      received: 'nothing of the kind came',
    })
    expect(performance.now() - began).toBeGreaterThan(290)
    const judged = judge(plant, toReceive([status(), { topic: text('none') }], { never: true }), 600_000)
    await publish('observer', 'plant/pump-01/status', 'y')
    expect(await judged).toMatchObject({ held: false, received: 'plant/pump-01/status "y" QoS 1' })
  })

  it('finds each of a list, whatever their order, and gives none of them twice', async () => {
    const { judge, publish, received, watch } = await open()
    const plant = await watch('observer', 'plant/#')
    await publish('observer', 'plant/pump-01/status', 'b')
    await publish('observer', 'plant/pump-01/status', 'a')
    // The first pattern fits both: it has to leave "b" to the second.
    expect(await judge(plant, toReceive([status(), status('b')]))).toMatchObject({ held: true })
    await publish('observer', 'plant/pump-01/status', 'b')
    await received(plant, 3)
    expect(await judge(plant, toReceive([status('b'), status('b')]), 100)).toMatchObject({
      held: false,
      expected:
        'a message to plant/pump-01/status with payload "b", and a message to plant/pump-01/status with payload "b", within 100 ms',
      received:
        '1 message that fits came: plant/pump-01/status "b" QoS 1. 1 message that fits came before: an earlier expectation has received it',
    })
  })

  it('finds a list in its order alone, where that is wanted', async () => {
    const { judge, publish, received, watch } = await open()
    const plant = await watch('observer', 'plant/#')
    await publish('observer', 'plant/pump-01/status', 'b')
    await publish('observer', 'plant/pump-01/status', 'a')
    await received(plant, 2)
    expect(await judge(plant, toReceive([status('a'), status('b')], {}, true), 100)).toMatchObject({
      held: false,
      received:
        '1 message that fits came: plant/pump-01/status "a" QoS 1. 1 other came, none fits: plant/pump-01/status "b" QoS 1 (it came too early)',
    })
    await publish('observer', 'plant/pump-01/status', 'c')
    await publish('observer', 'plant/pump-01/status', 'b')
    expect(await judge(plant, toReceive([status('a'), status('b')], {}, true))).toMatchObject({
      held: true,
      expected:
        'a message to plant/pump-01/status with payload "a", then a message to plant/pump-01/status with payload "b", within 5 s',
    })
  })

  it('finds by properties of MQTT 5, octets, JSON and expressions', async () => {
    const { bench, judge, received: came, watch } = await open()
    const plant = await watch('observer', 'plant/#')
    const properties = {
      contentType: 'json',
      correlationData: [1, 2],
      userProperties: [
        ['a', '1'],
        ['a', '2'],
      ],
    }
    await bench.clients.publish(
      { id: 'observer', topic: 'plant/x', qos: 1, retain: false, properties: properties as never },
      Buffer.from('{"a":1,"b":2}'),
    )
    await came(plant, 1)
    const wanted: MessagePattern[] = [
      { properties: { contentType: 'text' } },
      { properties: { correlationData: [1, 3] } },
      { properties: { userProperties: { a: '3' } } },
      { payload: { is: 'json', value: { a: 2 } } },
      { payload: { is: 'octets', hex: '00' } },
      { topic: expression('^plan/') },
    ]
    for (const pattern of wanted) expect(await judge(plant, toReceive(pattern), 30)).toMatchObject({ held: false })
    const { received } = await judge(plant, toReceive({ properties: { contentType: 'text' } }), 30)
    expect(received).toContain('(contentType is "json")')
    const fitting: MessagePattern = {
      topic: expression('^PLANT/', 'i'),
      payload: { is: 'json', value: { a: 1 } },
      properties: { contentType: 'json', correlationData: [1, 2], userProperties: { a: '2' } },
    }
    expect(await judge(plant, toReceive(fitting))).toMatchObject({ held: true })
  })

  it('refuses an expression that looks around', async () => {
    const { judge, watch } = await open()
    const plant = await watch('observer', 'plant/#')
    await expect(judge(plant, toReceive({ payload: expression('(?=a)') }))).rejects.toMatchObject({
      code: 'invalid-argument',
      hint: expect.stringContaining('without looking'),
    })
  })

  it('ends with an error when the run ends first', async () => {
    const { expectations, judge, watch } = await open()
    const plant = await watch('observer', 'plant/#')
    const judged = judge(plant, toReceive({}), 600_000)
    expectations.dispose()
    await expect(judged).rejects.toMatchObject({ code: 'connection-closed' })
  })
})

describe('a watch', () => {
  it('counts all, and shows the newest 1000', async () => {
    const { expectations, publish, watch } = await open()
    await watch('observer', 'plant/#')
    for (let i = 0; i < 1003; i++) void publish('observer', 'plant/x', String(i), { qos: 0 })
    await until('all have come', () => expectations.readWatch(1).count === 1003)
    const { messages } = expectations.readWatch(1)
    expect(messages.map(({ payload }) => Buffer.from(payload).toString())).toEqual(
      Array.from({ length: 1000 }, (_, i) => String(i + 3)),
    )
    expect(() => expectations.readWatch(2)).toThrow('there is no watch 2')
  })
})
