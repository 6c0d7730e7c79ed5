import { describe, expect, it } from 'vitest'
import { canRefuse } from '../../../../../app/contract/broker.ts'
import {
  codesOf,
  describeRefusal,
  describeRefusals,
  describeStore,
  fieldsOf,
  nameRefusal,
  type RefusalForm,
  readForm,
  readWhole,
  refusedPackets,
  startForm,
  toneOfBroker,
} from '../../../../../renderer/features/broker/broker-words.ts'

const orderOf = (form: RefusalForm) => {
  const read = readForm(form)
  return 'order' in read ? read.order : read.problem
}

describe('the dot of the broker', () => {
  it('is green only while its store can be written', () => {
    expect(toneOfBroker(undefined, true)).toBe('green')
    expect(toneOfBroker({}, true)).toBe('green')
    expect(toneOfBroker({ storeFailing: 0 }, true)).toBe('red')
    expect(toneOfBroker({ storeFailing: 3 }, false)).toBe('grey')
  })
})

describe('the codes that are offered', () => {
  it.each(refusedPackets)('are by name, and such as the answer to %s can have', (packet) => {
    const codes = codesOf(packet)
    expect(codes.length).toBeGreaterThan(3)
    for (const { code, label } of codes) {
      expect(canRefuse(packet, code)).toBe(true)
      expect(label).toMatch(/^0x[0-9a-f]{2} [A-Z]/)
      expect(label).not.toContain('reserved')
    }
    expect(startForm(packet).code).toBe(codes[0]?.code)
  })

  it('begin with those that are wanted most', () => {
    expect(codesOf('CONNECT').slice(0, 3)).toEqual([
      { code: 0x88, label: '0x88 Server unavailable' },
      { code: 0x89, label: '0x89 Server busy' },
      { code: 0x8a, label: '0x8a Banned' },
    ])
  })
})

describe('what was typed', () => {
  it('is an order beside those that stand', () => {
    const form = { ...startForm('CONNECT', 0x8a), clients: ' pump-* ', times: '1,000', reason: 'go away' }
    expect(orderOf(form)).toEqual({
      packet: 'CONNECT',
      code: 0x8a,
      clients: 'pump-*',
      topic: undefined,
      times: 1000,
      reason: 'go away',
      serverReference: undefined,
      beside: true,
    })
  })

  it('leaves out what this order has not', () => {
    const all = { clients: '', topic: 'plant/#', times: '', reason: 'no', serverReference: 'other:1883' }
    expect(orderOf({ ...all, packet: 'CONNECT', code: 0x88 })).toMatchObject({
      topic: undefined,
      serverReference: undefined,
    })
    expect(orderOf({ ...all, packet: 'CONNECT', code: 0x9d })).toMatchObject({ serverReference: 'other:1883' })
    expect(orderOf({ ...all, packet: 'SUBSCRIBE', code: 0x87 })).toMatchObject({ topic: 'plant/#', reason: undefined })
    expect(fieldsOf(startForm('PUBLISH'))).toEqual({ topic: true, reason: true, serverReference: false })
  })

  it('is told where it is wrong', () => {
    expect(orderOf({ ...startForm('CONNECT'), times: '0' })).toMatch(/^how many times: a whole number/)
    expect(orderOf({ ...startForm('PUBLISH'), topic: 'a/#/b' })).toMatch(/^topic: /)
  })

  it.each([
    ['7', 7],
    [' 1,000 ', 1000],
    ['1,00', null],
    ['1.5', null],
    ['-1', null],
    ['', null],
    ['11', null],
  ])('is a whole number: %j', (text, value) => {
    expect(readWhole(text, 0, text === '11' ? 10 : 1000)).toBe(value)
  })
})

describe('a refusal in words', () => {
  it('says what, whom, where and how often', () => {
    const refusal = { id: 1, code: 0x97, refused: 1200, packet: 'PUBLISH', topic: 'a/#', clients: 'pump-*' } as const
    expect(nameRefusal(refusal)).toBe('PUBLISH: 0x97 Quota exceeded')
    expect(describeRefusal(refusal)).toBe('pump-* · a/# · 1,200 refused')
    expect(describeRefusal({ id: 1, code: 0x88, refused: 2, times: 3 })).toBe('every client · 2 of 3 refused')
    expect(nameRefusal({ id: 1, code: 0x88, refused: 0 })).toBe('CONNECT: 0x88 Server unavailable')
    expect([describeRefusals([]), describeRefusals([refusal])]).toEqual([undefined, '1 refusal'])
  })
})

it('says where Sessions are kept', () => {
  expect(describeStore({ type: 'memory' })).toBe('in memory, until the broker stops')
  expect(describeStore({ type: 'level', folder: 'data' })).toBe('LevelDB in data')
  expect(describeStore({ type: 'redis', url: 'redis://host/0' })).toBe('Redis at redis://host/0')
})
