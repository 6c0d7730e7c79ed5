import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  contains,
  describeSeen,
  describeWanted,
  MessageMatch,
  type SeenMessage,
  showPayload,
  TextMatch,
  type WantedMessage,
} from '../../../../app/scenario/match-message.ts'

const octets = (text: string) => new TextEncoder().encode(text)

function seen(change: Partial<SeenMessage> = {}): SeenMessage {
  return {
    topic: 'plant/pump-01/status',
    payload: octets('offline'),
    qos: 1,
    retain: false,
    dup: false,
    properties: {},
    ...change,
  }
}

const text = (value: string) => ({ is: 'text', text: value }) as const
const expression = (source: string, flags = '') => ({ is: 'expression', source, flags }) as const
const mismatch = (wanted: WantedMessage, message = seen()) => new MessageMatch(wanted).compare(message).why.join(', ')

describe('a pattern of messages', () => {
  it('that says nothing fits every message', () => {
    expect(mismatch({})).toBe('')
  })

  it.each<[string, WantedMessage, SeenMessage?]>([
    ['a Topic Filter', { topic: text('plant/+/status') }],
    ['a topic by an expression', { topic: expression('^plant/pump-\\d+/') }],
    ['text', { payload: text('offline') }],
    ['text by an expression', { payload: expression('OFF', 'i') }],
    ['octets', { payload: { is: 'octets', hex: '6f66666c696e65' } }],
    [
      'a part of JSON',
      { payload: { is: 'json', value: { celsius: 7 } } },
      seen({ payload: octets('{"celsius":7,"n":1}') }),
    ],
    ['flags and QoS', { qos: 2, retain: true, dup: true }, seen({ qos: 2, retain: true, dup: true })],
    [
      'properties',
      { properties: { contentType: 'text/plain' } },
      seen({ properties: { contentType: 'text/plain', a: 1 } }),
    ],
  ])('finds one by %s', (_, wanted, message) => {
    expect(mismatch(wanted, message ?? seen())).toBe('')
  })

  it.each<[WantedMessage, string, SeenMessage?]>([
    [{ topic: text('plant/+/set') }, 'another topic'],
    [{ topic: text('#') }, 'another topic', seen({ topic: '$SYS/uptime' })],
    [{ topic: expression('^pump') }, 'another topic'],
    [{ payload: text('off') }, 'another payload'],
    [{ payload: expression('^online') }, 'another payload'],
    [{ payload: { is: 'octets', hex: '00' } }, 'another payload'],
    [{ payload: text('x') }, 'another payload', seen({ payload: Uint8Array.of(0xff) })],
    [{ payload: { is: 'json', value: { a: 1 } } }, 'a is 2', seen({ payload: octets('{"a":2}') })],
    [{ payload: { is: 'json', value: { a: 1 } } }, 'another payload', seen({ payload: octets('[1]') })],
    [{ payload: { is: 'json', value: null } }, 'its payload is no JSON'],
    [{ qos: 0 }, 'another QoS'],
    [{ retain: true }, 'RETAIN is not set'],
    [{ dup: true }, 'DUP is not set'],
    [{ properties: { contentType: 'a' } }, 'contentType is absent'],
    [{ properties: { contentType: 'a' } }, 'contentType is "b"', seen({ properties: { contentType: 'b' } })],
  ])('says why %j does not fit: %s', (wanted, why, message) => {
    expect(mismatch(wanted, message ?? seen())).toBe(why)
  })

  it('is matched in bounded time, whatever expression a script has', () => {
    const long = seen({ payload: octets(`${'a'.repeat(50_000)}!`) })
    expect(mismatch({ payload: expression('^(a+)+$') }, long)).toBe('another payload')
    expect(() => new MessageMatch({ payload: expression('(a)\\1') })).toThrow()
  })

  it('says in words what it wants, and what came', () => {
    const wanted: WantedMessage = { topic: text('plant/+/status'), payload: text('offline'), qos: 1, retain: true }
    expect(describeWanted(wanted)).toBe('a message to plant/+/status with payload "offline", QoS 1 and RETAIN 1')
    expect(describeWanted({})).toBe('a message')
    expect(describeWanted({ payload: expression('a+', 'i') })).toBe('a message with payload that matches /a+/i')
    expect(describeWanted({ topic: expression('^a/') })).toBe('a message to a topic that matches /^a//')
    expect(describeSeen(seen({ retain: true, dup: true }))).toBe('plant/pump-01/status "offline" QoS 1 RETAIN DUP')
    expect(showPayload(octets('x'.repeat(500))).length).toBeLessThan(140)
    const json = ['{"a":"b"}', '[1, 2]', '{"a":', '{"a":\n1}', '{}x']
    expect(json.map((each) => showPayload(octets(each)))).toEqual([
      '{"a":"b"}',
      '[1, 2]',
      '"{\\"a\\":"',
      '"{\\"a\\":\\n1}"',
      '"{}x"',
    ])
  })

  it('says how long a payload is where it does not show all of it', () => {
    const long = 'x'.repeat(70_000)
    const shown = `"${'x'.repeat(120)}…" of 70000 octets`
    expect(describeWanted({ payload: text(long) })).toBe(`a message with payload ${shown}`)
    expect(describeWanted({ payload: { is: 'octets', hex: 'ff'.repeat(100) } })).toBe(
      `a message with payload 0x${'ff'.repeat(60)}… of 100 octets`,
    )
    expect(describeWanted({ payload: { is: 'json', value: long } }).length).toBeLessThan(1100)
    expect(describeSeen(seen({ payload: octets(long) }))).toBe(`plant/pump-01/status ${shown} QoS 1`)
    expect(describeSeen(seen({ payload: octets('wait…') }))).toBe('plant/pump-01/status "wait…" QoS 1')
  })
})

describe('why a message does not fit', () => {
  it('is every part of it, in words', () => {
    const match = new MessageMatch({ topic: text('plant/+/set'), payload: text('on'), qos: 2, retain: true, dup: true })
    expect(match.compare(seen()).why).toEqual([
      'another topic',
      'another QoS',
      'RETAIN is not set',
      'DUP is not set',
      'another payload',
    ])
    expect(new MessageMatch({}).compare(seen())).toEqual({ distance: 0, why: [] })
  })

  it('is nearer where more of its topic is right, and nearest where all of it is', () => {
    const match = new MessageMatch({ topic: text('plant/+/status/#'), payload: text('x'), qos: 2, retain: true })
    const far = ['plant/a/status/b', 'plant/a/set', 'plant', 'shop'].map((topic) => match.compare(seen({ topic })))
    const distances = far.map(({ distance }) => distance)
    expect(distances).toEqual(distances.toSorted((a, b) => a - b))
    expect(new Set(distances).size).toBe(4)
  })

  it('is which parts of JSON differ, and nearer where fewer do', () => {
    const value = { unit: 'F', nested: { a: [1], b: 2 }, list: [{ x: 1 }] }
    const match = new MessageMatch({ payload: { is: 'json', value } })
    const compare = (json: unknown) => match.compare(seen({ payload: octets(JSON.stringify(json)) }))
    expect(compare({ ...value, more: 1 }).why).toEqual([])
    const one = compare({ ...value, unit: 'C' })
    const all = compare({ unit: 'C', nested: { a: [1, 2] }, list: [{ x: 2 }] })
    expect(one.why).toEqual(['unit is "C"'])
    expect(all.why).toEqual(['unit is "C"', 'nested.a is [1,2]', 'nested.b is absent', 'list[0].x is 2'])
    expect(one.distance).toBeLessThan(all.distance)
    const wide = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`k${i}`, i]))
    const many = new MessageMatch({ payload: { is: 'json', value: wide } })
    expect(many.compare(seen({ payload: octets('{}') })).why.slice(4)).toEqual(['k4 is absent', '3 more parts differ'])
  })

  it('knows of a topic alone whether messages to it could fit', () => {
    expect(new MessageMatch({ topic: text('plant/#'), payload: text('x') }).fitsTopic('plant/a')).toBe(true)
    expect(new MessageMatch({ topic: expression('^x') }).fitsTopic('plant/a')).toBe(false)
    expect(new MessageMatch({ qos: 2 }).fitsTopic('plant/a')).toBe(true)
  })
})

describe('properties that are wanted', () => {
  const fits = (wanted: Record<string, unknown>, there: Record<string, unknown>) =>
    new MessageMatch({ properties: wanted }).fits(seen({ properties: there }))

  it('are User Properties of one of the values that a name has', () => {
    for (const there of [
      { a: ['1', '2'], b: '3' },
      [
        ['a', '1'],
        ['a', '2'],
        ['b', '3'],
      ],
    ]) {
      expect(fits({ userProperties: { a: '2' } }, { userProperties: there })).toBe(true)
      expect(fits({ userProperties: { a: ['1', '2'], b: '3' } }, { userProperties: there })).toBe(true)
      expect(fits({ userProperties: { a: '3' } }, { userProperties: there })).toBe(false)
    }
    expect(fits({ userProperties: { a: '1' } }, {})).toBe(false)
  })

  it('are User Properties that come twice where they are wanted twice', () => {
    const once = [['a', '1']]
    const twice = [...once, ['b', '2'], ...once]
    expect(fits({ userProperties: { a: ['1', '1'] } }, { userProperties: once })).toBe(false)
    expect(fits({ userProperties: { a: ['1', '1'] } }, { userProperties: twice })).toBe(true)
    expect(fits({ userProperties: { a: '1' } }, { userProperties: twice })).toBe(true)
    expect(twice).toHaveLength(3)
  })

  it('are Correlation Data as octets or as text', () => {
    for (const there of [octets('ab'), [97, 98], 'ab']) {
      expect(fits({ correlationData: 'ab' }, { correlationData: there })).toBe(true)
      expect(fits({ correlationData: [97, 98] }, { correlationData: there })).toBe(true)
      expect(fits({ correlationData: [97] }, { correlationData: there })).toBe(false)
    }
    expect(fits({ correlationData: 'ab' }, {})).toBe(false)
    const wrong = new MessageMatch({ properties: { correlationData: 'ac' } })
    expect(wrong.compare(seen({ properties: { correlationData: octets('ab') } })).why).toEqual([
      'correlationData is "ab"',
    ])
  })
})

describe('text that is wanted', () => {
  it('is found inside of other text, at each call anew', () => {
    const match = new TextMatch(expression('b', 'gy'))
    expect([match.test('abc'), match.test('abc'), match.test('ac')]).toEqual([true, true, false])
    expect(new TextMatch(text('b')).test('abc')).toBe(true)
  })
})

describe('what is contained', () => {
  const json = fc.jsonValue({ maxDepth: 3 })

  it('is the value itself', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(contains(value, structuredClone(value))).toBe(true)
      }),
    )
    expect(contains(-0, 0)).toBe(true)
  })

  it('may lack what an object has besides, and nothing else', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), fc.string(), json, (object, key, value) => {
        const more = { ...object, [key]: value }
        const { [key]: _, ...less } = more
        expect(contains(more, less)).toBe(true)
        expect(contains(less, more)).toBe(false)
      }),
    )
    expect(contains([1, 2], [1])).toBe(false)
    expect(contains({ 0: 1 }, [1])).toBe(false)
    expect(contains([1], { 0: 1 })).toBe(false)
  })
})
