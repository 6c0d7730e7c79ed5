import { generate, type Packet } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { CaptureBatch } from '../../../../app/capture/batch.ts'
import type { Captured } from '../../../../app/capture/captured.ts'
import { RecordedConnections } from '../../../../app/capture/recording-connections.ts'
import { compareObservations } from '../../../../app/scenario/replay-compare.ts'
import { isOfFault } from '../../../../app/scenario/replay-faults.ts'
import { ReplayObserver } from '../../../../app/scenario/replay-observer.ts'
import { fatedPackets, ReplayPlanner } from '../../../../app/scenario/replay-planner.ts'
import { describeDifference } from '../../../../app/scenario/replay-report.ts'
import { Scene } from '../../../helpers/scene.ts'

type Sent = { readonly copies?: number; readonly delay?: number; readonly octets?: string }

const publish = (messageId: number, payload: string, dup = false, qos: 0 | 1 | 2 = 1): Packet => {
  return { cmd: 'publish', topic: 'a', payload, qos, messageId, dup, retain: false }
}
const puback = (messageId: number): Packet => ({ cmd: 'puback', messageId })
const connack: Packet = { cmd: 'connack', returnCode: 0, sessionPresent: false }
const hex = (packet: Packet) => Buffer.from(generate(packet)).toString('hex')

/** A recording with faults. */
class Recorded {
  readonly scene = new Scene()

  constructor(...clients: readonly string[]) {
    for (const [i, clientId] of clients.entries()) this.connect(i + 1, clientId)
  }

  connect(connection: number, clientId: string): void {
    this.scene.opened(connection)
    const connect: Packet = { cmd: 'connect', clientId, protocolVersion: 4, clean: false, keepalive: 0 }
    this.scene.send(connection, 'to broker', connect)
    this.scene.send(connection, 'to client', connack)
  }

  dropped(connection: number, direction: 'to client' | 'to broker', packet: Packet): void {
    const number = this.scene.send(connection, direction, packet)
    this.scene.event(connection, { type: 'packet dropped', packet: number, by: 'drop' })
  }

  sent(connection: number, direction: 'to client' | 'to broker', packet: Packet, how: Sent): () => void {
    const number = this.scene.send(connection, direction, packet)
    return () =>
      this.scene.event(connection, { type: 'packet sent', packet: number, by: 'rule', delay: 0, copies: 1, ...how })
  }

  /** What is different where this comes to that client now. @param asked what the client has sent by then */
  now(connection: number, came: readonly Packet[], asked: readonly Packet[] = []): string[] {
    const batch = new CaptureBatch(this.scene.recorder.read(1, 10_000))
    const records = Array.from({ length: batch.count }, (_, i) => batch.at(i) as Captured)
    const names = new RecordedConnections(0, [])
    for (const record of records) names.add(record)
    const planner = new ReplayPlanner({ names, clients: '*', fated: fatedPackets(records) })
    for (const record of records) planner.add(record)
    const { connections, excuse, faultsOf } = planner.finish()
    const recorded = connections.find(({ number }) => number === connection)?.recorded
    if (recorded === undefined) throw new Error(`${connection} is not replayed`)
    const observer = new ReplayObserver(4, new Map())
    for (const packet of asked) observer.sent(generate(packet))
    for (const packet of [connack, ...came]) observer.received(generate(packet))
    const observation = observer.observation({ by: 'nobody' })
    const compare = () => compareObservations(recorded, observation, excuse, faultsOf(connection))
    // With --loop there are several rounds.
    expect(compare()).toEqual(compare())
    // All that has a reason here has one fault or the other for it.
    for (const { because } of compare()) expect(isOfFault(because)).toBe(because !== undefined)
    return compare().map(describeDifference)
  }
}

describe('a replay of a recording in which there were faults', () => {
  it('says of what was dropped on its way to a client then, and of no more', () => {
    const recorded = new Recorded('pump')
    recorded.dropped(1, 'to client', publish(1, 'x'))
    const extra = 'extra: PUBLISH to a "x"'
    expect(recorded.now(1, [publish(1, 'x')])).toEqual([`${extra} (it was dropped by a fault then)`])
    expect(recorded.now(1, [publish(1, 'x'), publish(2, 'x'), publish(3, 'y')])).toEqual([
      `${extra} (it was dropped by a fault then)`,
      extra,
      'extra: PUBLISH to a "y"',
    ])
    expect(recorded.now(1, [])).toEqual([])
  })

  it('says of what comes of a PUBLISH that the broker did not get then', () => {
    const recorded = new Recorded('pump', 'watch')
    recorded.dropped(1, 'to broker', publish(7, 'x'))
    expect(recorded.now(2, [publish(1, 'x')])).toEqual([
      'extra: PUBLISH to a "x" (its PUBLISH was dropped by a fault then)',
    ])
    expect(recorded.now(1, [puback(7)], [publish(7, 'x')])).toEqual([
      'extra: PUBACK of PUBLISH to a (what it answers was dropped by a fault then)',
    ])
  })

  it('says of what was changed, on either way', () => {
    const recorded = new Recorded('pump', 'watch')
    recorded.scene.send(1, 'to broker', publish(7, 'right'))
    recorded.sent(2, 'to client', publish(1, 'right'), { octets: hex(publish(1, 'wrong')) })()
    expect(recorded.now(2, [publish(1, 'right')])).toEqual([
      'changed: PUBLISH to a "wrong": payload was "wrong", is "right" (it was changed by a fault then)',
    ])
    const before = new Recorded('pump', 'watch')
    before.sent(1, 'to broker', publish(7, 'right'), { octets: hex(publish(7, 'wrong')) })()
    before.scene.send(2, 'to client', publish(1, 'wrong'))
    expect(before.now(2, [])).toEqual(['missing: PUBLISH to a "wrong" (its PUBLISH was changed by a fault then)'])
  })

  it('says of what came late then, or more than once', () => {
    const recorded = new Recorded('pump', 'watch')
    for (const payload of ['x', 'y']) recorded.scene.send(1, 'to broker', publish(7, payload))
    const late = recorded.sent(2, 'to client', publish(1, 'x'), { delay: 9e6, copies: 3 })
    recorded.scene.send(2, 'to client', publish(2, 'y'))
    late()
    const differences = recorded.now(2, [publish(1, 'x'), publish(2, 'y')])
    expect(differences.filter((text) => text.startsWith('missing'))).toEqual(
      Array.from({ length: 2 }, () => 'missing: PUBLISH to a "x" (a fault sent it more than once then)'),
    )
    expect(differences.filter((text) => text.startsWith('order'))).toEqual([
      expect.stringMatching(/delayed by a fault then\)$/),
    ])
    // One that does not come at all is missed.
    expect(recorded.now(2, [publish(2, 'y')])[2]).toBe('missing: PUBLISH to a "x"')
  })

  it('says of what the broker sent again because an acknowledgement was lost then', () => {
    const recorded = new Recorded('pump', 'watch')
    recorded.scene.send(1, 'to broker', publish(7, 'x'))
    recorded.scene.send(2, 'to client', publish(1, 'x'))
    recorded.dropped(2, 'to broker', puback(1))
    recorded.scene.event(2, { type: 'closed', by: 'client', cause: 'rst' })
    recorded.connect(3, 'watch')
    recorded.scene.send(3, 'to client', publish(1, 'x', true))
    expect(recorded.now(3, [])).toEqual(['missing: PUBLISH to a "x" (it was sent again because of a fault then)'])
  })

  it('explains nothing that has nothing to do with them', () => {
    const recorded = new Recorded('pump', 'watch')
    recorded.scene.send(1, 'to broker', publish(7, 'x'))
    recorded.scene.send(2, 'to client', publish(1, 'x'))
    recorded.dropped(2, 'to client', publish(2, 'z'))
    expect(recorded.now(2, [])).toEqual(['missing: PUBLISH to a "x"'])
    expect(recorded.now(2, [publish(1, 'x', false, 0)])).toEqual(['changed: PUBLISH to a "x": QoS was 1, is 0'])
  })
})
