import { describe, expect, it } from 'vitest'
import { stepReceiver } from '../../../../app/qos/receiver.ts'

const publish = (qos: 0 | 1 | 2, refuse?: number) => ({ type: 'PUBLISH', qos, refuse }) as const
const pubrel = { type: 'PUBREL' } as const

describe('the receiver of a message', () => {
  it('takes QoS 0 and answers nothing, whatever else is stored', () => {
    for (const state of ['idle', 'stored'] as const) {
      expect(stepReceiver(state, publish(0), 4)).toMatchObject({ state, deliver: true, send: undefined })
    }
  })

  it('takes every PUBLISH of QoS 1 for a new one', () => {
    const first = stepReceiver('idle', publish(1), 4)
    expect(first).toMatchObject({ state: 'idle', deliver: true, send: 'PUBACK' })
    expect(stepReceiver(first.state, publish(1), 4)).toMatchObject({ deliver: true, send: 'PUBACK' })
  })

  it('delivers QoS 2 once, at PUBLISH', () => {
    const first = stepReceiver('idle', publish(2), 4)
    expect(first).toMatchObject({ state: 'stored', deliver: true, send: 'PUBREC' })
    expect(stepReceiver(first.state, publish(2), 4)).toMatchObject({ state: 'stored', deliver: false, send: 'PUBREC' })
    expect(stepReceiver('stored', pubrel, 4)).toMatchObject({ state: 'idle', deliver: false, send: 'PUBCOMP' })
  })

  it('delivers QoS 2 once, at PUBREL', () => {
    const first = stepReceiver('idle', publish(2), 4, 'at PUBREL')
    expect(first).toMatchObject({ state: 'stored', deliver: false, send: 'PUBREC' })
    const again = stepReceiver(first.state, publish(2), 4, 'at PUBREL')
    expect(again).toMatchObject({ state: 'stored', deliver: false, send: 'PUBREC', repeated: true })
    expect(stepReceiver('stored', pubrel, 4, 'at PUBREL')).toMatchObject({ deliver: true, send: 'PUBCOMP' })
  })

  it('answers a PUBREL that it does not know, in MQTT 5 by saying so', () => {
    expect(stepReceiver('idle', pubrel, 4)).toMatchObject({ deliver: false, send: 'PUBCOMP', code: 0, repeated: true })
    expect(stepReceiver('idle', pubrel, 5)).toMatchObject({ deliver: false, send: 'PUBCOMP', code: 0x92 })
  })

  it('refuses in MQTT 5, and stores nothing then', () => {
    expect(stepReceiver('idle', publish(1, 0x97), 5)).toMatchObject({ deliver: false, send: 'PUBACK', code: 0x97 })
    const refused = stepReceiver('idle', publish(2, 0x97), 5)
    expect(refused).toMatchObject({ state: 'idle', deliver: false, send: 'PUBREC', code: 0x97 })
    expect(stepReceiver(refused.state, publish(2), 5)).toMatchObject({ deliver: true })
    expect(stepReceiver('idle', publish(2, 0x97), 4)).toMatchObject({ state: 'stored', deliver: true, code: 0 })
  })

  it('does not take QoS 1 under a Packet Identifier that QoS 2 has in use', () => {
    const wrong = stepReceiver('stored', publish(1), 4)
    expect(wrong).toMatchObject({ state: 'stored', deliver: false, send: undefined })
    expect(wrong.violation).toContain('MQTT-2.3.1-2')
    expect(stepReceiver('stored', publish(1), 5).violation).toContain('MQTT-2.2.1-3')
  })

  it('remembers over a lost connection, unless the session is gone', () => {
    expect(stepReceiver('stored', { type: 'connection lost' }, 4).state).toBe('stored')
    expect(stepReceiver('stored', { type: 'reconnected', sessionPresent: true }, 4).state).toBe('stored')
    expect(stepReceiver('stored', { type: 'reconnected', sessionPresent: false }, 4).state).toBe('idle')
  })
})
