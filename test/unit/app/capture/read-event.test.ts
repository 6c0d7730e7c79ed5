import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CaptureBatch, packBatch } from '../../../../app/capture/batch.ts'
import type { ConnectionEvent } from '../../../../app/capture/captured.ts'
import { readEvent } from '../../../../app/capture/read-event.ts'
import { captured } from '../../../helpers/captured.ts'

const sent = { type: 'packet sent', packet: 7, by: 'a rule', delay: 0, copies: 1 }
const fault = { type: 'fault', what: 'it hangs', by: 'you' }
const device = { id: 'pump', clientId: '', fault: 'hang', phase: 'begins' }

describe('an event of a file', () => {
  it.each([
    ['more copies than there can be', { ...sent, copies: 10_001 }, 'copies of packet sent is not what it can be'],
    ['copies without an end', { ...sent, copies: 1e12 }, 'copies of packet sent is not what it can be'],
    ['half a copy', { ...sent, copies: 0.5 }, 'copies of packet sent is not what it can be'],
    ['no copies', { ...sent, copies: undefined }, 'copies of packet sent is not what it can be'],
    ['a delay before it came', { ...sent, delay: -1 }, 'delay of packet sent is not what it can be'],
    ['a delay that is text', { ...sent, delay: '9' }, 'delay of packet sent is not what it can be'],
    ['octets that are not hexadecimal', { ...sent, octets: '3x' }, 'octets of packet sent is not what it can be'],
    ['half an octet', { ...sent, octets: '300' }, 'octets of packet sent is not what it can be'],
    ['a packet that is no number', { ...sent, packet: '7' }, 'packet of packet sent is not what it can be'],
    ['nobody who did it', { ...sent, by: null }, 'by of packet sent is not what it can be'],
    [
      'an address that is none',
      { type: 'opened', transport: 'tcp', remote: {} },
      'remote of opened is not what it can be',
    ],
    ['half a device', { ...fault, device: { id: 'pump' } }, 'device of fault is not what it can be'],
    ['a name of what every object has', { type: 'constructor' }, 'this program does not know its type'],
    ['nothing', null, 'it says no type'],
  ])('is none with %s', (_, event, why) => {
    expect(readEvent(event)).toBe(why)
    const block = packBatch([{ kind: 'event', number: 1, time: 0, connection: 1, event: event as ConnectionEvent }])
    expect(() => new CaptureBatch(block).at(0)).toThrow(why)
  })

  it.each([
    { ...sent, copies: 10_000, delay: 1.5, octets: '3004Af00' },
    { ...fault, device },
    { type: 'one end closed', by: 'client', cause: 'local', told: true },
  ])('is one as it was written: %j', (event) => {
    expect(readEvent(event)).toBe(event)
  })

  it('is one whatever else happened', () => {
    fc.assert(
      fc.property(captured, (record) => {
        fc.pre(record.kind === 'event')
        expect(readEvent(record.event)).toBe(record.event)
      }),
    )
  })
})
