import { generate, type Packet } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import type { Captured, ConnectionEvent } from '../../../../app/capture/captured.ts'
import type { Direction } from '../../../../app/mqtt/network-connection.ts'
import { type Concern, ladderAround } from '../../../../main/scenarios/failures.ts'

const clients = ['', 'observer', 'pump-01', 'pump-02']
const names = { clientId: (connection: number) => clients[connection] || undefined, version: () => 4 as const }

/** A capture of these, in their order. */
class Wire {
  readonly #records: Captured[] = []
  readonly names = names

  get next(): number {
    return this.#records.length + 1
  }

  packet(connection: number, direction: Direction, fields: Packet): void {
    const octets = generate(fields)
    const about = { malformed: false, origin: undefined, length: octets.length } as const
    this.#records.push({ kind: 'packet', number: this.next, time: 0, connection, direction, octets, ...about })
  }

  event(connection: number, event: ConnectionEvent): void {
    this.#records.push({ kind: 'event', number: this.next, time: 0, connection, event })
  }

  records(from: number, to: number, most: number): Captured[] {
    return this.#records.slice(Math.max(0, from - 1, to - most), to)
  }
}

const publish = (topic: string): Packet => {
  return { cmd: 'publish', topic, payload: '1', qos: 0, dup: false, retain: false }
}

/** Of two pumps, in turns, and what one of them publishes to the observer. */
function busyWire(): Wire {
  const wire = new Wire()
  wire.event(0, { type: 'fault', what: 'broker killed', by: 'the scenario' })
  for (let i = 0; i < 20; i++) {
    wire.packet(2, 'to broker', publish(`one/${i}`))
    wire.packet(3, 'to broker', publish(`two/${i}`))
  }
  wire.packet(1, 'to client', publish('one/19'))
  return wire
}

const around = (concern: Concern | undefined, packets?: { first: number; last: number }) =>
  ladderAround({ concern, evidence: busyWire(), packets, from: 41, startAt: 0 }).map((line) =>
    line.replace(/^ +0\.000 s +/, '').replace(/ +(?:──|◀──).*broker +/, ' '),
  )

describe('the ladder of a failure', () => {
  it('shows the packets of the clients that it is about, and says how many of others are left out', () => {
    const lines = around({ clients: ['pump-01'], about: () => false }, { first: 10, last: 13 })
    expect(lines).toEqual([
      'pump-01 one/0 "1"',
      'pump-01 one/1 "1"',
      'pump-01 one/2 "1"',
      'pump-01 one/3 "1"',
      'pump-01 one/4 "1"',
      'pump-01 one/5 "1"',
      'pump-01 one/6 "1"',
      'pump-01 one/7 "1"',
      'pump-01 one/8 "1"',
      'pump-01 one/9 "1"',
      '9 packets of other clients left out',
    ])
  })

  it('has what others publish to what a watch is about, and what happened to the broker', () => {
    const lines = around({ clients: ['observer'], about: (topic) => topic === 'one/19' })
    expect(lines).toEqual([
      '· fault: broker killed',
      'pump-01 one/19 "1"',
      'observer one/19 "1"',
      '39 packets of other clients left out',
    ])
  })

  it('shows those of all where nobody is known, or nothing of theirs was on the wire', () => {
    for (const concern of [undefined, { clients: ['valve'], about: () => false }]) {
      const lines = around(concern, { first: 40, last: 41 })
      expect(lines.slice(-2)).toEqual(['pump-02 two/19 "1"', 'observer one/19 "1"'])
      expect(lines.join()).not.toContain('left out')
    }
  })
})
