import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { Outgoing, OutgoingQueue } from '../../../../../app/session/outgoing.ts'
import { createEngine, type Engine } from '../../../../../main/broker/engine/engine.ts'
import { Stranded } from '../../../../../main/broker/engine/stranded.ts'
import { Turn } from '../../../../../main/broker/engine/turn.ts'
import { EngineClient } from '../../../../helpers/engine-client.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'
import { ack, type Connect, disconnect, publish, type QoS, subscribe } from '../../../../helpers/mqtt-octets.ts'
import { routedMessage } from '../../../../helpers/routed.ts'

let clock: FakeClock
let engine: Engine
let publisher: EngineClient

beforeEach(async () => {
  clock = new FakeClock()
  engine = await createEngine({ clock })
  onTestFinished(() => engine.close())
  publisher = EngineClient.connect(engine, { version: 5, id: 'publisher' })
})

/** A member of the group, and of no other. */
function member(id: string, more: Connect = {}, filter = '$share/g/t'): EngineClient {
  const client = EngineClient.connect(engine, { version: 5, id, ...more })
  client.send(subscribe(5, 1, [[filter, 2]]))
  client.take()
  return client
}

let packetId = 0

function give(text: string, qos: QoS, seconds?: number): void {
  const properties = seconds === undefined ? [] : ([['messageExpiryInterval', seconds]] as const)
  publisher.send(publish(5, 't', text, { qos, packetId: ++packetId, properties }))
  if (qos === 2) publisher.send(ack('PUBREL', packetId))
}

const keep = { clean: false, properties: [['sessionExpiryInterval', 10]] } as const
const lost = () => engine.counters.assured.sessionEnded

/** What came, as text with QoS and DUP. */
function came(client: EngineClient): string[] {
  clock.advance(0)
  const published = client.take().filter(({ kind }) => kind === 'PUBLISH')
  return published.map(({ dup, qos, text }) => `${text} ${qos}${dup ? ' DUP' : ''}`)
}

describe('A message of a Shared Subscription whose member has gone [MQTT 5 §4.8.2]', () => {
  it('goes to another member where it was sent at QoS 1 and not acknowledged, and not where it was sent at QoS 2', () => {
    const first = member('first')
    for (const text of ['acknowledged', 'one', 'refused', 'two']) give(text, text === 'two' ? 2 : 1)
    const [acknowledged, , refused] = first.take()
    first.send(ack('PUBACK', acknowledged?.packetId ?? 0), ack('PUBACK', refused?.packetId ?? 0, 0x87))
    const second = member('second')
    first.send(disconnect())
    // [MQTT-4.8.2-5], [MQTT-4.8.2-6]
    expect(came(second)).toEqual(['one 1'])
    expect(lost()).toBe(0)
  })

  it('goes there whatever its QoS where it was never sent, in order, unless it has expired', () => {
    const first = member('first', keep)
    first.cut()
    for (const qos of [2, 1] as const) give(`at ${qos}`, qos)
    give('expired', 1, 5)
    give('in time', 2, 60)
    const second = member('second')
    clock.advance(9999)
    expect(came(second)).toEqual([])
    clock.advance(1)
    expect(came(second)).toEqual(['at 2 2', 'at 1 1', 'in time 2'])
    expect(lost()).toBe(0)
  })

  it('is lost where there is nobody else, and counted', () => {
    const first = member('first', keep)
    const other = member('other', {}, '$share/h/t')
    first.cut()
    give('message', 1)
    expect(came(other)).toEqual(['message 1'])
    clock.advance(10_000)
    expect(came(other)).toEqual([])
    expect(lost()).toBe(1)
  })

  it('is for the group alone: what came by another Subscription ends with the Session', () => {
    const first = member('first', keep)
    first.send(subscribe(5, 2, [['t', 1]]))
    const second = member('second')
    first.cut()
    give('message', 1)
    expect(came(second)).toEqual(['message 1'])
    clock.advance(10_000)
    expect(came(second)).toEqual([])
    expect(lost()).toBe(1)
  })

  it('takes no longer than a turn at a time, however many there are', () => {
    let given = 0
    const giveOn = () => {
      given++
      clock.stall(1)
      return true
    }
    const turn = new Turn(
      clock,
      () => 0,
      (error) => expect.unreachable(String(error)),
    )
    const stranded = new Stranded({ ground: { now: () => clock.now(), turn }, counters: engine.counters, giveOn })
    const outgoing = new OutgoingQueue()
    const how = { qos: 1, retain: false, identifiers: undefined, share: { group: 'g', matches: 't' } } as const
    for (let n = 1; n <= 500; n++) outgoing.add(new Outgoing(n, routedMessage('t'), how, 0))
    stranded.take({ outgoing })
    clock.advance(0)
    expect(given).toBeGreaterThan(0)
    expect(given).toBeLessThan(100)
    clock.advance(1000)
    expect(given).toBe(500)
    expect(lost()).toBe(0)
  })

  it('is handed on by one after the other, as they all leave', () => {
    const members = Array.from({ length: 50 }, (_, n) => member(`member-${n}`))
    give('message', 1)
    for (const one of members.slice(0, -1)) {
      one.send(disconnect())
      clock.advance(0)
    }
    expect(came(members.at(-1) as EngineClient)).toEqual(['message 1'])
  })
})
