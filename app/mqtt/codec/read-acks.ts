import type { ProtocolVersion } from '../control-packet.ts'
import type { AckPacket, AckType } from '../packets.ts'
import { Cursor, checkFlags, type Statements } from './cursor.ts'
import { readProperties } from './read-properties.ts'
import { malformed, protocolError, refuse } from './refuse.ts'

interface AckRules {
  readonly type: AckType
  /** What the packet starts with. */
  readonly first: number
  /** Reason Codes that a Client may send [MQTT 5 §3.4.2.1 to §3.7.2.1]. 0x10 is a Server's. */
  readonly codes: ReadonlySet<number>
  /** The statement that says so. */
  readonly statement: string
}

const receiving = new Set([0x00, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99])
const releasing = new Set([0x00, 0x92])

/** By packet type, from PUBACK's 4 on. */
const rules: readonly AckRules[] = [
  { type: 'PUBACK', first: 0x40, codes: receiving, statement: '3.4.2-1' },
  { type: 'PUBREC', first: 0x50, codes: receiving, statement: '3.5.2-1' },
  { type: 'PUBREL', first: 0x62, codes: releasing, statement: '3.6.2-1' },
  { type: 'PUBCOMP', first: 0x70, codes: releasing, statement: '3.7.2-1' },
]

/** What it answers has one, and it has the same [MQTT-2.3.1-6, MQTT-2.2.1-5]. */
const sameId: Statements = ['2.3.1-6', '2.2.1-5']

/**
 * Reads a PUBACK, PUBREC, PUBREL or PUBCOMP of a Client [MQTT 3.1.1 §3.4 to §3.7, MQTT 5 §3.4 to §3.7].
 *
 * @param octets one whole packet of one of these types.
 * @throws PacketError
 */
export function readAck(octets: Uint8Array, version: ProtocolVersion): AckPacket {
  const first = octets[0] as number
  if (
    octets.length === 4 &&
    octets[1] === 2 &&
    (first === 0x40 || first === 0x50 || first === 0x62 || first === 0x70)
  ) {
    const packetId = ((octets[2] as number) << 8) | (octets[3] as number)
    if (packetId !== 0) return { packetId, code: 0, reasonString: undefined }
  }
  return readOtherAck(octets, version)
}

/** One with a Reason Code, or with something wrong. */
function readOtherAck(octets: Uint8Array, version: ProtocolVersion): AckPacket {
  const rule = rules[((octets[0] ?? 0) >>> 4) - 4]
  if (rule === undefined) refuse(malformed, version, '§2.2.1', '§2.1.2', 'the packet is no acknowledgement')
  checkFlags(octets, rule.first, rule.type, version)
  const cursor = new Cursor(octets, version)
  const packetId = cursor.packetId(sameId)
  if (version !== 5 || cursor.at === cursor.end) {
    cursor.finish(rule.type)
    return { packetId, code: 0, reasonString: undefined }
  }
  const code = cursor.octet('Reason Code')
  if (!rule.codes.has(code)) {
    const message = `0x${code.toString(16).padStart(2, '0')} is no Reason Code that a Client may send in ${rule.type}`
    refuse(protocolError, version, rule.statement, rule.statement, message)
  }
  // Only a packet that goes on has a Property Length [MQTT 5 §3.4.2.2.1].
  const values = cursor.at === cursor.end ? undefined : readProperties(cursor, 'acknowledgement')
  cursor.finish(rule.type)
  return { packetId, code, reasonString: values?.reasonString }
}
