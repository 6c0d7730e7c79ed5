import { describe, expect, it } from 'vitest'
import { type SenderState, stepSender } from '../../../../app/qos/sender.ts'

const ack = (type: 'PUBACK' | 'PUBREC' | 'PUBCOMP', code = 0) => ({ type, code }) as const
const busy: SenderState[] = ['awaiting PUBACK', 'awaiting PUBREC', 'awaiting PUBCOMP']

describe('the sender of a message', () => {
  it('sends PUBLISH and waits for PUBACK at QoS 1', () => {
    const sent = stepSender('idle', { type: 'publish', qos: 1 }, 4)
    expect(sent).toMatchObject({ state: 'awaiting PUBACK', send: 'PUBLISH', dup: false })
    expect(stepSender(sent.state, ack('PUBACK'), 4)).toMatchObject({ state: 'idle', send: undefined, end: 'done' })
  })

  it('answers PUBREC with PUBREL and is done with PUBCOMP at QoS 2', () => {
    const sent = stepSender('idle', { type: 'publish', qos: 2 }, 4)
    expect(sent).toMatchObject({ state: 'awaiting PUBREC', send: 'PUBLISH', dup: false })
    const released = stepSender(sent.state, ack('PUBREC'), 4)
    expect(released).toMatchObject({ state: 'awaiting PUBCOMP', send: 'PUBREL', end: undefined })
    expect(stepSender(released.state, ack('PUBCOMP'), 4)).toMatchObject({ state: 'idle', end: 'done' })
  })

  it('sends PUBREL again for a repeated PUBREC', () => {
    const again = stepSender('awaiting PUBCOMP', ack('PUBREC'), 4)
    expect(again).toMatchObject({ state: 'awaiting PUBCOMP', send: 'PUBREL', violation: undefined })
  })

  it('sends again after a reconnect what was not acknowledged, PUBLISH with DUP and PUBREL without', () => {
    const reconnected = { type: 'reconnected', sessionPresent: true } as const
    expect(stepSender('awaiting PUBACK', reconnected, 4)).toMatchObject({ send: 'PUBLISH', dup: true })
    expect(stepSender('awaiting PUBREC', reconnected, 4)).toMatchObject({ send: 'PUBLISH', dup: true })
    expect(stepSender('awaiting PUBCOMP', reconnected, 4)).toMatchObject({ send: 'PUBREL', dup: false })
    expect(stepSender('idle', reconnected, 4)).toMatchObject({ state: 'idle', send: undefined })
  })

  it('keeps what it holds while it is not connected, and drops it where the session is gone', () => {
    for (const state of busy) {
      expect(stepSender(state, { type: 'connection lost' }, 4)).toMatchObject({ state, send: undefined })
      const gone = stepSender(state, { type: 'reconnected', sessionPresent: false }, 4)
      expect(gone).toMatchObject({ state: 'idle', send: undefined, end: 'discarded' })
    }
  })

  it('is refused by a Reason Code of 0x80 or more, in MQTT 5 only', () => {
    expect(stepSender('awaiting PUBACK', ack('PUBACK', 0x97), 5)).toMatchObject({ state: 'idle', end: 'refused' })
    expect(stepSender('awaiting PUBREC', ack('PUBREC', 0x97), 5)).toMatchObject({ state: 'idle', end: 'refused' })
    expect(stepSender('awaiting PUBACK', ack('PUBACK', 0x10), 5)).toMatchObject({ state: 'idle', end: 'done' })
    expect(stepSender('awaiting PUBACK', ack('PUBACK', 0x97), 4)).toMatchObject({ state: 'idle', end: 'done' })
  })

  it('does not take PUBREL back when a PUBREC that refuses comes after it', () => {
    const late = stepSender('awaiting PUBCOMP', ack('PUBREC', 0x97), 5)
    expect(late).toMatchObject({ state: 'awaiting PUBCOMP', send: undefined, unexpected: true })
  })

  it('releases a Packet Identifier that it does not know, in MQTT 5 by saying so', () => {
    expect(stepSender('idle', ack('PUBREC'), 4)).toMatchObject({ state: 'idle', send: 'PUBREL', code: 0 })
    expect(stepSender('idle', ack('PUBREC'), 5)).toMatchObject({ state: 'idle', send: 'PUBREL', code: 0x92 })
  })

  it('lets answers pass that nothing waits for', () => {
    for (const type of ['PUBACK', 'PUBCOMP'] as const) {
      const passed = stepSender('idle', ack(type), 4)
      expect(passed).toMatchObject({ state: 'idle', unexpected: true, violation: undefined, end: undefined })
    }
  })

  it.each([
    ['awaiting PUBACK', 'PUBREC'],
    ['awaiting PUBACK', 'PUBCOMP'],
    ['awaiting PUBREC', 'PUBACK'],
    ['awaiting PUBREC', 'PUBCOMP'],
    ['awaiting PUBCOMP', 'PUBACK'],
  ] as const)('%s is not ended by %s, which breaks the protocol', (state, type) => {
    const wrong = stepSender(state, ack(type), 4)
    expect(wrong).toMatchObject({ state, send: undefined, end: undefined })
    expect(wrong.violation).toMatch(/\[MQTT-\d/)
  })

  it('does not publish under a Packet Identifier that is in use', () => {
    for (const state of busy) {
      const wrong = stepSender(state, { type: 'publish', qos: 1 }, 4)
      expect(wrong).toMatchObject({ state, send: undefined })
      expect(wrong.violation).toContain('MQTT-2.3.1-2')
      expect(stepSender(state, { type: 'publish', qos: 1 }, 5).violation).toContain('MQTT-2.2.1-3')
    }
  })
})
