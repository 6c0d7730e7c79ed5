import { describe, expect, it } from 'vitest'
import { allMessages, filterMessages, toggleQos } from '../../../../../renderer/features/handshakes/message-filter.ts'
import { summary } from './messages.ts'

describe('finding messages', () => {
  const messages = [
    summary({ id: 1, topic: 'plant/pump-01/temperature', qos: 0, publisherId: 'pump-01', subscriberIds: ['logger'] }),
    summary({ id: 2, topic: 'site/berlin/alarm', qos: 1, publisherId: 'Gateway', subscriberIds: ['dashboard'] }),
    summary({ id: 3, topic: 'a', qos: 2, publisherId: undefined, subscriberIds: [] }),
  ]
  const found = (text: string) => filterMessages(messages, { ...allMessages, text }).map(({ id }) => id)

  it('looks into topics and clients at both ends, in any case', () => {
    expect(found(' ALARM ')).toEqual([2])
    expect(found('pump')).toEqual([1])
    expect(found('gateway')).toEqual([2])
    expect(found('Logger')).toEqual([1])
    expect(found('')).toEqual([1, 2, 3])
  })

  it('shows the QoS that are turned on', () => {
    const without1 = toggleQos(allMessages, 1)
    expect(filterMessages(messages, without1).map(({ id }) => id)).toEqual([1, 3])
    expect(filterMessages(messages, toggleQos(without1, 1))).toBe(messages)
  })

  it('never shows none of all QoS: turning the last one off turns the others on', () => {
    const only2 = toggleQos(toggleQos(allMessages, 0), 1)
    expect([...toggleQos(only2, 2).qos].sort()).toEqual([0, 1])
  })
})
