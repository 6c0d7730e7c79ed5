import fc from 'fast-check'
import { generate, type IPublishPacket } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { encodeAgain } from '../../../../../main/devices/guest/encode-again.ts'
import { OutgoingMessages, type Unacknowledged } from '../../../../../main/devices/guest/outgoing-messages.ts'
import { PacketIdentifiers } from '../../../../../main/devices/guest/packet-identifiers.ts'

const packetId = fc.integer({ min: 1, max: 65_535 })

describe('a message that is sent again', () => {
  it('is octet for octet what another encoder makes of it, with DUP', () => {
    const qos = fc.constantFrom<1 | 2>(1, 2)
    const topic = fc.string({ unit: 'binary', minLength: 1, maxLength: 300 })
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom(127, 128, 16_384, 70_000).map((n) => new Uint8Array(n)),
    )
    fc.assert(
      fc.property(packetId, topic, payload, qos, fc.boolean(), (packetId, topic, payload, qos, retain) => {
        const message = { packetId, topic, payload, qos, retain }
        const expected = {
          cmd: 'publish',
          topic,
          payload: Buffer.from(payload),
          qos,
          retain,
          dup: true,
          messageId: packetId,
        } as const
        expect(encodeAgain({ type: 'PUBLISH', ...message }).equals(generate(expected))).toBe(true)
      }),
    )
  })

  it('is a PUBREL once it was received', () => {
    fc.assert(
      fc.property(packetId, (packetId) => {
        expect(encodeAgain({ type: 'PUBREL', packetId }).equals(generate({ cmd: 'pubrel', messageId: packetId }))).toBe(
          true,
        )
      }),
    )
  })
})

describe('the messages in flight', () => {
  const publish = (messageId: number, topic: string): IPublishPacket => ({
    cmd: 'publish',
    messageId,
    topic,
    payload: topic,
    qos: 2,
    retain: false,
    dup: false,
  })
  const ignore = () => {}

  function setUp() {
    const sent: Unacknowledged[] = []
    const store = new OutgoingMessages((packet) => sent.push(packet))
    return { store, sent: () => sent.splice(0).map((packet) => `${packet.type} ${packet.packetId}`) }
  }

  it('are sent again in the order in which they were first sent, and a PUBREL in the place of its message', () => {
    const { store, sent } = setUp()
    store.put(publish(3, 'a'), ignore)
    store.put(publish(1, 'b'), ignore)
    store.put(publish(2, 'c'), ignore)
    store.put({ cmd: 'pubrel', messageId: 1 }, ignore)
    store.del({ messageId: 3 }, ignore)
    store.createStream()
    expect(sent()).toEqual(['PUBREL 1', 'PUBLISH 2'])
  })

  it('are none after a clean session has ended', () => {
    const { store, sent } = setUp()
    store.put(publish(1, 'a'), ignore)
    store.clear()
    store.createStream()
    expect(sent()).toEqual([])
  })

  it('are given to MQTT.js as it asks for them', () => {
    const { store } = setUp()
    const packet = publish(1, 'a')
    const answers: unknown[] = []
    store.put(packet, (error) => answers.push(error))
    store.get({ messageId: 1 }, (error, found) => answers.push(error, found))
    store.del({ messageId: 1 }, (error, found) => answers.push(error, found))
    store.get({ messageId: 1 }, (error, found) => answers.push(error?.message, found))
    store.close((error) => answers.push(error))
    expect(answers).toEqual([undefined, undefined, packet, undefined, packet, 'missing packet', undefined, undefined])
  })
})

describe('packet identifiers', () => {
  it('count up from 1 and begin again after 65535', () => {
    const ids = new PacketIdentifiers()
    for (let id = 1; id <= 65_535; id++) {
      expect(ids.allocate()).toBe(id)
      ids.deallocate(id)
    }
    expect(ids.allocate()).toBe(1)
    expect(ids.getLastAllocated()).toBe(1)
  })

  it('leave out those in use, and run out when all are', () => {
    const ids = new PacketIdentifiers()
    expect(ids.register(2)).toBe(true)
    expect(ids.register(2)).toBe(false)
    expect([ids.allocate(), ids.allocate()]).toEqual([1, 3])
    for (let left = 65_532; left > 0; left--) ids.allocate()
    expect(ids.allocate()).toBeNull()
    ids.deallocate(40_000)
    expect(ids.allocate()).toBe(40_000)
    ids.clear()
    expect(ids.register(2)).toBe(true)
  })
})
