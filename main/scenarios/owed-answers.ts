import { type Captured, isFate } from '../../app/capture/captured.ts'
import type { ConnectionNames } from '../../app/capture/subject.ts'
import type { PacketType } from '../../app/mqtt/control-packet.ts'
import { summarize } from '../../app/mqtt/summary.ts'

/** What a packet is answered with, by whoever receives it. */
const answers: Partial<Readonly<Record<PacketType, readonly PacketType[]>>> = {
  CONNECT: ['CONNACK'],
  PUBREC: ['PUBREL'],
  PUBREL: ['PUBCOMP'],
  SUBSCRIBE: ['SUBACK'],
  UNSUBSCRIBE: ['UNSUBACK'],
}

interface Owed {
  readonly packet: number
  readonly connection: number
  readonly toClient: boolean
  readonly id: number
  readonly by: readonly PacketType[]
}

/**
 * Whether one end of these connections still owes the other an answer. What never arrived, or is held, is not waited for.
 *
 * @param isOf whether a Network Connection is meant
 */
export function owesAnswer(
  records: readonly Captured[],
  names: ConnectionNames,
  isOf: (connection: number) => boolean,
): boolean {
  let owed: Owed[] = []
  for (const record of records) {
    const { connection } = record
    if (record.kind === 'event') {
      const { event } = record
      if (event.type === 'closed') owed = owed.filter((each) => each.connection !== connection)
      if (isFate(event) && event.type !== 'packet sent') owed = owed.filter(({ packet }) => packet !== event.packet)
      continue
    }
    if (record.malformed !== false || !isOf(connection)) continue
    const { code = 0, packetId = 0, qos, type } = summarize(record.octets, names.version(connection) ?? 4)
    if (type === undefined) continue
    const toClient = record.direction === 'to client'
    owed = owed.filter((each) => {
      const isAnswer = each.connection === connection && each.toClient !== toClient && each.id === packetId
      return !(isAnswer && each.by.includes(type))
    })
    const by = type === 'PUBLISH' ? (qos ? (['PUBACK', 'PUBREC'] as const) : undefined) : answers[type]
    if (by !== undefined && code < 0x80) owed.push({ packet: record.number, connection, toClient, id: packetId, by })
  }
  return owed.length > 0
}
