import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Outgoing } from '../../../../app/session/outgoing.ts'
import { RecordError } from '../../../../app/session/record-octets.ts'
import {
  decodeMessage,
  decodeOutgoing,
  decodeReceived,
  decodeSession,
  decodeSubscription,
  encodeMessage,
  encodeOutgoing,
  encodeReceived,
  encodeSession,
  encodeSubscription,
} from '../../../../app/session/records.ts'
import { storedMessage, storedOutgoing, storedRecord, storedSubscription } from '../../../helpers/stored.ts'

const same = <T>(message: T) => message

describe('records of Sessions', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(storedRecord, (record) => {
        expect(decodeSession(encodeSession(record))).toEqual(record)
      }),
    )
    fc.assert(
      fc.property(storedSubscription, (subscription) => {
        expect(decodeSubscription(encodeSubscription(subscription))).toEqual(subscription)
      }),
    )
    fc.assert(
      fc.property(storedMessage, (message) => {
        expect(decodeMessage(encodeMessage(message))).toEqual(message)
      }),
    )
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (time) => {
        expect(decodeReceived(encodeReceived(time))).toBe(time)
      }),
    )
  })

  it('keep an outgoing message, its place and its state, and no payload once PUBREC has come', () => {
    fc.assert(
      fc.property(storedOutgoing, fc.nat(), (outgoing, turn) => {
        const read = decodeOutgoing(encodeOutgoing(outgoing, turn), same)
        const { message, ...rest } = outgoing
        const payload = outgoing.state === 'awaiting PUBCOMP' ? new Uint8Array(0) : message.payload
        expect(read.turn).toBe(turn)
        expect(read.outgoing).toBeInstanceOf(Outgoing)
        expect(read.outgoing).toEqual({ ...rest, message: { ...message, payload } })
      }),
    )
  })

  it('count a message that has a Packet Identifier as sent: nobody knows whether it was', () => {
    const [message] = fc.sample(storedMessage, 1)
    if (message === undefined) throw new Error('no message was made')
    const how = { qos: 1 as const, retain: false, identifiers: undefined }
    const outgoing = Object.assign(new Outgoing(1, message, how, 0), { packetId: 9, state: 'awaiting PUBACK' as const })
    expect(decodeOutgoing(encodeOutgoing(outgoing, 0), same).outgoing.sends).toBe(1)
  })

  it('are refused when they are cut short, too long, or of a form that is not known', () => {
    const encoded = fc.oneof(
      storedRecord.map((record) => [encodeSession(record), decodeSession] as const),
      storedSubscription.map((subscription) => [encodeSubscription(subscription), decodeSubscription] as const),
      storedOutgoing.map(
        (outgoing) => [encodeOutgoing(outgoing, 1), (octets: Uint8Array) => decodeOutgoing(octets, same)] as const,
      ),
    )
    fc.assert(
      fc.property(encoded, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), ([octets, decode], part) => {
        expect(() => decode(octets.subarray(0, Math.floor(octets.length * part)))).toThrow(RecordError)
        expect(() => decode(Uint8Array.of(...octets, 0))).toThrow(RecordError)
        expect(() => decode(Uint8Array.of(2, ...octets.subarray(1)))).toThrow(/its form is 2/)
      }),
    )
  })

  it('never fail in another way, whatever the octets are', () => {
    const decoders = [
      decodeSession,
      decodeSubscription,
      decodeMessage,
      (octets: Uint8Array) => decodeOutgoing(octets, same),
    ]
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(...decoders), (octets, decode) => {
        try {
          decode(Uint8Array.of(1, ...octets))
        } catch (error) {
          expect(error).toBeInstanceOf(RecordError)
        }
      }),
    )
  })
})
