import { describe, expect, it } from 'vitest'
import type { Captured, ConnectionEvent } from '../../../../app/capture/captured.ts'
import { owesAnswer } from '../../../../main/scenarios/owed-answers.ts'
import { ack, connect, publish, subscribe } from '../../../helpers/mqtt-octets.ts'

type Told = readonly ['to broker' | 'to client', Uint8Array] | ConnectionEvent

/** Whether somebody owes an answer behind these records of connection 7. */
function owes(...told: readonly Told[]): boolean {
  const records = told.map((what, at): Captured => {
    const about = { number: at + 1, time: at, connection: 7 }
    if (!Array.isArray(what)) return { kind: 'event', ...about, event: what as ConnectionEvent }
    const [direction, octets] = what as readonly ['to broker' | 'to client', Uint8Array]
    return { kind: 'packet', ...about, direction, octets, length: octets.length, malformed: false, origin: undefined }
  })
  const names = { clientId: () => 'pump', version: () => 4 as const }
  const others = owesAnswer(records, names, (connection) => connection !== 7)
  return owesAnswer(records, names, (connection) => connection === 7) || others
}

describe('what is under way', () => {
  const sent: Told = ['to client', publish(4, 'a', 'b', { qos: 2, packetId: 5 })]
  const received: Told = ['to broker', ack('PUBREC', 5)]
  const released: Told = ['to client', ack('PUBREL', 5)]
  const completed: Told = ['to broker', ack('PUBCOMP', 5)]
  const droppedPacket = (packet: number): Told => ({ type: 'packet dropped', packet, by: 'drop' })

  it('is a connection until its CONNACK, a subscription until its SUBACK', () => {
    expect(owes(['to broker', connect()])).toBe(true)
    expect(owes(['to broker', connect()], ['to client', Buffer.of(0x20, 2, 0, 0)])).toBe(false)
    expect(owes(['to broker', subscribe(4, 9, [['a', 0]])])).toBe(true)
    expect(owes(['to broker', subscribe(4, 9, [['a', 0]])], ['to client', Buffer.of(0x90, 3, 0, 9, 0)])).toBe(false)
  })

  it('is a handshake until its last packet', () => {
    expect(owes(sent)).toBe(true)
    expect(owes(sent, received)).toBe(true)
    expect(owes(sent, received, released)).toBe(true)
    expect(owes(sent, received, released, completed)).toBe(false)
    expect(owes(['to client', publish(4, 'a', 'b', { qos: 0 })])).toBe(false)
  })

  it('is none of what another packet answers, or one that goes the same way', () => {
    expect(owes(sent, ['to broker', ack('PUBREC', 6)])).toBe(true)
    expect(owes(sent, ['to client', ack('PUBACK', 5)])).toBe(true)
  })

  it('is none of what never arrives, is held, or ended with its connection', () => {
    expect(owes(sent, droppedPacket(1))).toBe(false)
    expect(owes(sent, received, droppedPacket(2))).toBe(false)
    expect(owes(sent, { type: 'packet held', packet: 1, by: 'hold' })).toBe(false)
    expect(owes(sent, droppedPacket(9))).toBe(true)
    expect(owes(sent, { type: 'closed', by: 'client', cause: 'rst' })).toBe(false)
  })
})
