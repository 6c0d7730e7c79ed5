import { describe, expect, it } from 'vitest'
import type { CapturedPacket, ConnectionEvent, PacketFate } from '../../../../../app/capture/captured.ts'
import { decodePacket } from '../../../../../app/mqtt/decode.ts'
import {
  changedOctets,
  describeChange,
  describeEvent,
  describeFate,
  formatDelay,
  isReadable,
  packetIdOf,
} from '../../../../../renderer/features/packet/packet-words.ts'

function record(octets: Uint8Array, malformed: CapturedPacket['malformed'] = false): CapturedPacket {
  const where = {
    kind: 'packet',
    number: 1,
    time: 0,
    connection: 1,
    direction: 'to client',
    origin: undefined,
  } as const
  return { ...where, octets, length: octets.length, malformed }
}

const sent: PacketFate = { type: 'packet sent', packet: 1, by: 'you', delay: 12.4e9, copies: 2, octets: '6202004e' }

describe('the words about a packet', () => {
  it('say what became of it', () => {
    expect(describeFate({ type: 'packet held', packet: 1, by: 'x' })).toBe('held')
    expect(describeFate({ type: 'packet dropped', packet: 1, by: 'x' })).toBe('dropped')
    expect(describeFate(sent)).toBe('sent after 12.4 s, 2 times, changed')
    expect(describeFate({ type: 'packet sent', packet: 1, by: 'x', delay: 0, copies: 1 })).toBe('sent')
    expect([84_000, 1.1e6, 412e6, 12.4e9].map(formatDelay)).toEqual(['84 µs', '1.1 ms', '412 ms', '12.4 s'])
  })

  it('say what was changed, with the octets before and after', () => {
    const before = Uint8Array.of(0x62, 2, 0, 0x4d)
    const after = changedOctets([{ type: 'packet held', packet: 1, by: 'x' }, sent])
    expect(after).toEqual(Uint8Array.of(0x62, 2, 0, 0x4e))
    expect(describeChange(before, after ?? before)).toBe('at 3: 4d → 4e')
    expect(describeChange(before, before)).toBe('nothing')
    expect(describeChange(before, before.subarray(0, 2))).toBe('at 2: 00 4d → nothing')
    expect(describeChange(new Uint8Array(0), new Uint8Array(40))).toMatch(/^at 0: nothing → 00 .* … \(40 octets\)$/)
    expect(changedOctets([])).toBeUndefined()
  })

  it('name its Packet Identifier where it has one', () => {
    expect(packetIdOf(decodePacket(Uint8Array.of(0x62, 2, 0, 77), 4))).toBe('77')
    expect(packetIdOf(decodePacket(Uint8Array.of(0xc0, 0), 4))).toBeUndefined()
  })

  it('do not read a packet into octets that come after a place that could not be framed', () => {
    const readable = (octets: Uint8Array, malformed: CapturedPacket['malformed']) =>
      isReadable(record(octets, malformed), decodePacket(octets, 4))
    const ping = Uint8Array.of(0xc0, 0)
    expect(readable(ping, false)).toBe(true)
    expect(readable(Uint8Array.of(0x30, 9), 'cut short')).toBe(true)
    expect(readable(Uint8Array.of(0x00, 9), 'reserved packet type')).toBe(true)
    expect(readable(ping, 'reserved packet type')).toBe(false)
    expect(readable(Uint8Array.of(0x30, 255, 255, 255, 255, 1), 'Remaining Length too long')).toBe(true)
    expect(readable(ping, 'Remaining Length too long')).toBe(false)
  })
})

describe('the words about an event', () => {
  const cases: readonly (readonly [ConnectionEvent, string, readonly string[]])[] = [
    [{ type: 'opened', transport: 'tcp', remote: '127.0.0.1:5' }, 'connection opened', ['127.0.0.1:5', 'TCP']],
    [
      { type: 'opened', transport: 'wss', remote: '127.0.0.1:5', security: 'TLSv1.3' },
      'connection opened',
      ['127.0.0.1:5', 'WSS', 'TLSv1.3'],
    ],
    [
      { type: 'handshake failed', transport: 'tls', remote: '127.0.0.1:5', reason: 'r' },
      'handshake failed',
      ['127.0.0.1:5', 'TLS', 'r'],
    ],
    [
      { type: 'denied', clientId: 'p', action: 'subscribe', topic: 'a/#', rule: 'rule 1' },
      'denied',
      ['p', 'subscribe', 'a/#', 'rule 1'],
    ],
    [{ type: 'closed', by: 'client', cause: 'fin' }, 'connection closed', ['the client', 'FIN: in order, both ways']],
    [
      { type: 'one end closed', by: 'broker', cause: 'rst', reason: 'keep alive ran out' },
      'one end closed',
      ['the broker', 'RST: at once', 'keep alive ran out', 'has not heard of it'],
    ],
    [{ type: 'fault', what: 'cut with RST', by: 'rule 1' }, 'fault', ['cut with RST', 'rule 1']],
    [{ type: 'packet dropped', packet: 48, by: 'rule 1' }, 'dropped', ['#48', 'rule 1']],
    [{ type: 'target reached', url: 'mqtt://b' }, 'target reached', ['mqtt://b']],
    [{ type: 'target reached', url: 'mqtts://b', security: 'TLSv1.3' }, 'target reached', ['mqtts://b', 'TLSv1.3']],
    [{ type: 'target failed', url: 'mqtt://b', reason: 'r' }, 'target failed', ['mqtt://b', 'r']],
    [{ type: 'will published', clientId: 'p', topic: 't', reason: 'r' }, 'will published', ['p', 't', 'r']],
    [{ type: 'will dropped', clientId: 'p' }, 'will dropped', ['p', 'the client disconnected in order']],
  ]
  for (const [event, title, values] of cases) {
    it(`say: ${title}`, () => {
      const words = describeEvent(event)
      expect(words.title).toBe(title)
      expect(words.facts.map(([, value]) => value)).toEqual(values)
    })
  }

  it('say that power was lost', () => {
    const words = describeEvent({ type: 'power loss', clientId: 'p' })
    expect([words.title, words.tone, words.facts[0]]).toEqual(['power loss', 'red', ['client', 'p']])
  })
})
