import { describe, expect, it } from 'vitest'
import type { MessageSummary } from '../../../../../app/contract/messages.ts'
import { describeMessage } from '../../../../../renderer/features/handshakes/message-words.ts'
import { summary } from './messages.ts'

function words(more: Partial<MessageSummary>, lineLength = 50) {
  return describeMessage(summary(more), lineLength)
}

describe('a message in the list', () => {
  it('says from whom to whom, with which QoS and identifier', () => {
    expect(words({ state: 'held' })).toEqual({
      chip: { tone: 'blue', text: 'held' },
      line: 'gateway-berlin → dashboard · QoS 2 · id 19',
      more: '',
    })
  })

  it('counts subscribers where there are several, and says how long it took', () => {
    const { line } = words({ publisherId: 'pump-01', subscribers: 2, qos: 1, duration: 2.1e6 })
    expect(line).toBe('pump-01 → 2 subscribers · QoS 1 · 2.1 ms')
  })

  it('puts into a second line what does not fit into the first', () => {
    const { line, more } = words({ remark: 'valve-02 is offline' }, 40)
    expect([line, more]).toEqual(['gateway-berlin → dashboard · QoS 2', 'valve-02 is offline'])
  })

  it('leaves room to say that it is likely', () => {
    const line = 'gateway-berlin → dashboard · QoS 2 · id 19'
    const held = { state: 'held', match: 'likely' } as const
    expect(words(held, line.length + 9)).toMatchObject({ line, more: '' })
    expect(words(held, line.length + 8).more).toBe('id 19')
  })

  it('tells a will, a retained message and one of the broker', () => {
    const will = words({ origin: 'will', publisherId: 'pump-03', retain: true, qos: 1 })
    expect(will).toMatchObject({
      chip: { tone: 'purple', text: 'will' },
      line: 'will of pump-03 → dashboard · QoS 1 retain',
    })
    expect(words({ origin: 'will', state: 'held' }).chip.text).toBe('held')
    expect(words({ origin: 'retained' }).line).toMatch(/^retained → dashboard/)
    expect(words({ origin: 'broker' }).line).toMatch(/^broker → dashboard/)
    expect(words({ publisherId: undefined }).line).toMatch(/^unseen client → dashboard/)
  })

  it('says where it ended when it did not reach the broker', () => {
    const none = { subscribers: 0, subscriberIds: [], qos: 0 as const, publisherId: 'meter-07' }
    expect(words({ ...none, state: 'lost', remark: 'PUBLISH lost' }).line).toBe(
      'meter-07 ✕ broker · QoS 0 · PUBLISH lost',
    )
    expect(words({ ...none, state: 'complete' }).line).toBe('meter-07 → no subscriber · QoS 0')
  })

  it('does not say that nobody got it where another broker knows', () => {
    const none = { subscribers: 0, subscriberIds: [], qos: 0 as const, publisherId: 'meter-07' }
    expect(words({ ...none, state: 'complete', target: 'mqtt://elsewhere:1883' }).line).toBe(
      'meter-07 → subscribers not seen · QoS 0',
    )
  })

  it('has a colour for each state', () => {
    const states = ['held', 'lost', 'refused', 'delivered again', 'queued', 'waiting', 'complete'] as const
    expect(states.map((state) => words({ state, deliveries: 2 }).chip)).toEqual([
      { tone: 'blue', text: 'held' },
      { tone: 'red', text: 'lost' },
      { tone: 'red', text: 'refused' },
      { tone: 'amber', text: 'delivered ×2' },
      { tone: 'amber', text: 'queued' },
      { tone: 'grey', text: 'waiting' },
      { tone: 'green', text: 'complete' },
    ])
  })
})
