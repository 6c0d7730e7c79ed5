import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { CapturedPacket } from '../../app/capture/captured.ts'
import { type ProtocolVersion, packetTypes } from '../../app/mqtt/control-packet.ts'
import { summarize } from '../../app/mqtt/summary.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { type TsharkPacket, type TsharkReading, tshark } from './tshark.ts'

/** Writes octets to a file and lets tshark read it. */
export async function readWithTshark(octets: Uint8Array, preferences: readonly string[] = []): Promise<TsharkReading> {
  const path = join(await temporaryFolder(), 'capture.pcapng')
  await writeFile(path, octets)
  return await tshark(path, 1883, preferences)
}

/** A packet as Faultline shows it, in the words of `TsharkPacket`. */
function shown(packet: CapturedPacket, version: ProtocolVersion) {
  const { type, qos, dup, retain, topic, packetId, payload, clientId } = summarize(packet.octets, version)
  const header = packet.octets.findIndex((octet, i) => i > 0 && octet < 0x80) + 1
  return {
    toBroker: packet.direction === 'to broker',
    type: packetTypes.indexOf(type),
    length: packet.length - header,
    ...(type === 'PUBLISH' && { qos, dup, retain, payload: payload && Buffer.from(payload).toString('hex') }),
    // tshark shows no identifier where it is 0, which is malformed anyway.
    packetId,
    topic,
    clientId,
  }
}

/** What tshark shows, in the same words. */
function read1(packet: TsharkPacket, like: ReturnType<typeof shown>) {
  const { toBroker, type, length, qos, dup, retain, payload, packetId, topics, clientId } = packet
  return {
    toBroker,
    type,
    length,
    ...('qos' in like && { qos, dup, retain, payload: payload ?? (length > 0 ? '' : undefined) }),
    packetId,
    topic: topics[0],
    clientId,
  }
}

/** Compares every packet, connection by connection: as both number them in the order in which they come. */
export function expectAgreement(
  reading: TsharkReading,
  packets: readonly CapturedPacket[],
  version: (c: number) => ProtocolVersion,
  allowed: readonly string[] = [],
) {
  const ours = new Map<number, CapturedPacket[]>()
  for (const packet of packets) ours.set(packet.connection, [...(ours.get(packet.connection) ?? []), packet])
  const theirs = new Map<number, TsharkPacket[]>()
  for (const packet of reading.packets) theirs.set(packet.stream, [...(theirs.get(packet.stream) ?? []), packet])
  expect(theirs.size).toBe(ours.size)
  const streams = [...theirs.values()]
  ;[...ours.entries()].forEach(([connection, sent], i) => {
    const wanted = sent.map((packet) => shown(packet, version(connection)))
    expect(streams[i]?.map((packet, at) => read1(packet, wanted[at] as (typeof wanted)[number]))).toEqual(wanted)
  })
  expectSound(reading, allowed)
}

/** Well-formed throughout, with right check sums, and TCP as it should be. */
export function expectSound({ frames }: TsharkReading, allowed: readonly string[] = []) {
  expect(frames.filter(({ malformed }) => malformed)).toEqual([])
  expect(frames.filter(({ badChecksum }) => badChecksum)).toEqual([])
  expect(frames.flatMap(({ oddities }) => oddities).filter((oddity) => !allowed.includes(oddity))).toEqual([])
}
