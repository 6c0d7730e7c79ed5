import { describe, expect, it } from 'vitest'
import { ClientMemory } from '../../../../../main/devices/guest/client-memory.ts'
import { Publisher } from '../../../../../main/devices/guest/publisher.ts'

describe('a message for which there is no Packet Identifier', () => {
  it('waits until one is free, and goes out with that', () => {
    const memory = new ClientMemory()
    for (let packetId = 1; packetId <= 65_535; packetId++) memory.outgoing.set(packetId, { type: 'PUBREL', packetId })
    const written: Buffer[] = []
    const sent: number[] = []
    const publisher = new Publisher({
      version: 4,
      topicAliases: false,
      memory,
      write: (octets) => written.push(octets) > 0,
      sent: (call) => sent.push(call),
      settled: () => undefined,
      connack: () => ({ cmd: 'connack', sessionPresent: true, returnCode: 0 }),
    })
    publisher.outgoing.createStream()
    expect(written).toHaveLength(65_535)
    written.length = 0
    const message = { topic: 't', payload: Buffer.from('p'), qos: 1, retain: false } as const
    expect(publisher.publish(1, message)).toEqual({ type: 'waits' })
    expect(publisher.publish(2, { ...message, qos: 0 })).toEqual({ type: 'written', room: true })
    expect(written.splice(0)).toEqual([Buffer.from([0x30, 4, 0, 1, 0x74, 0x70])])
    expect(sent).toEqual([2])
    // As MQTT.js does it when PUBCOMP has come.
    publisher.outgoing.del({ messageId: 0x0102 }, () => publisher.identifiers.deallocate(0x0102))
    expect(written).toEqual([Buffer.from([0x32, 6, 0, 1, 0x74, 1, 2, 0x70])])
    expect(sent).toEqual([2, 1])
    expect(publisher.kept.size).toBe(65_534)
  })
})
