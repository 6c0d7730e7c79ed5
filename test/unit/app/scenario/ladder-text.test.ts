import fc from 'fast-check'
import { generate, type Packet } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import type { Captured, ConnectionEvent } from '../../../../app/capture/captured.ts'
import type { Direction } from '../../../../app/mqtt/network-connection.ts'
import { ladderText } from '../../../../app/scenario/ladder-text.ts'
import { capturedPacket } from '../../../helpers/captured.ts'

const names = {
  clientId: (connection: number) => ['', 'pump-01', 'observer'][connection] || undefined,
  version: () => 4 as const,
}

let number = 0

function packet(connection: number, direction: Direction, fields: Packet, time = 0): Captured {
  const octets = generate(fields)
  const about = { malformed: false, origin: undefined, length: octets.length } as const
  return { kind: 'packet', number: ++number, time: time * 1e6, connection, direction, octets, ...about }
}

function event(connection: number, event: ConnectionEvent, time = 0): Captured {
  return { kind: 'event', number: ++number, time: time * 1e6, connection, event }
}

describe('a ladder in text', () => {
  it('has a line for each packet, with its way, what it is, and what became of it', () => {
    const publish = packet(
      2,
      'to broker',
      {
        cmd: 'publish',
        topic: 'plant/pump-01/set',
        payload: '70',
        qos: 2,
        dup: false,
        retain: false,
        messageId: 7,
      },
      812,
    )
    const received = packet(1, 'to broker', { cmd: 'pubrec', messageId: 7 }, 900)
    const lines = ladderText(
      [
        publish,
        received,
        event(1, { type: 'packet dropped', packet: received.number, by: 'drop first PUBREC from pump-01' }, 900),
        event(1, { type: 'closed', by: 'link', cause: 'rst' }, 1204),
      ],
      names,
      12e6,
    )
    expect(lines).toEqual([
      '   0.800 s  observer  ──PUBLISH 7 QoS 2────────▶  broker  plant/pump-01/set "70"',
      '   0.888 s  pump-01   ──PUBREC 7───────────────▶  broker    ✕ dropped by drop first PUBREC from pump-01',
      '   1.192 s  pump-01   · connection closed by link: rst',
    ])
  })

  it('tells what became of a held packet in the end', () => {
    const puback = packet(1, 'to client', { cmd: 'puback', messageId: 3 })
    const held = event(1, { type: 'packet held', packet: puback.number, by: 'type:puback' })
    const sent = event(1, { type: 'packet sent', packet: puback.number, by: 'you', delay: 5e8, copies: 2 })
    expect(ladderText([puback, held], names)[0]).toMatch(/◀──PUBACK 3─+ {2}broker {4}‖ held by type:puback$/)
    expect(ladderText([puback, held, sent], names)[0]).toMatch(/≈ 500 ms late ×2 by you$/)
  })

  it('lets nobody write on the terminal by a topic or a name', () => {
    const topic = 'a\u001b[2J\nb'
    const publish = packet(1, 'to broker', {
      cmd: 'publish',
      topic,
      payload: '\u001b',
      qos: 0,
      dup: false,
      retain: false,
    })
    expect(ladderText([publish], names)[0]).toContain('a·[2J·b "\\u001b"')
  })

  it('shows one line each of whatever was captured', () => {
    fc.assert(
      fc.property(fc.array(capturedPacket), (records) => {
        const lines = ladderText(records, names)
        expect(lines).toHaveLength(records.length)
        for (const line of lines) expect(line).not.toMatch(/[\n\r]/)
      }),
    )
  })
})
