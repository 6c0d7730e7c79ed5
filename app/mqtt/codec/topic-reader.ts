import type { ProtocolVersion } from '../control-packet.ts'
import { hasWildcard } from '../topics.ts'
import type { Statements } from './cursor.ts'
import { malformed, refuse } from './refuse.ts'
import { readText } from './text.ts'

/** How many Topic Names a connection remembers, and how long one may be: 16 of 128 octets are 4 KiB at most. */
const slots = 16
const longest = 128

interface Known {
  readonly octets: Uint8Array
  readonly topic: string
}

/**
 * Reads the Topic Names of one Network Connection. A Client publishes to few of them again and again: one that was read
 * before costs a comparison, and gives the very same string, whose hash the engine's maps need not compute again.
 */
export class TopicReader {
  readonly #known: (Known | undefined)[] = []

  /**
   * The Topic Name in these octets; empty where they are none.
   *
   * @throws PacketError as readTopicName does.
   */
  read(octets: Uint8Array, start: number, end: number, version: ProtocolVersion): string {
    const length = end - start
    if (length === 0 || length > longest) return readTopicName(octets, start, end, version, 'Topic Name', published)
    const slot = (length + 3 * (octets[end - 1] as number) + 7 * (octets[start + (length >>> 1)] as number)) % slots
    const known = this.#known[slot]
    if (known !== undefined && isSame(known.octets, octets, start, length)) return known.topic
    const topic = readTopicName(octets, start, end, version, 'Topic Name', published)
    this.#known[slot] = { octets: new Uint8Array(octets.subarray(start, end)), topic }
    return topic
  }
}

function isSame(known: Uint8Array, octets: Uint8Array, start: number, length: number): boolean {
  if (known.length !== length) return false
  for (let at = 0; at < length; at++) if (known[at] !== octets[start + at]) return false
  return true
}

export const published: Statements = ['3.3.2-2', '3.3.2-2']

/**
 * The Topic Name in these octets; empty where they are none: whether it may be, depends.
 *
 * @param wildcards the statements that forbid wildcard characters here.
 * @throws PacketError where it has a wildcard character or is no text that may be in a packet.
 */
export function readTopicName(
  octets: Uint8Array,
  start: number,
  end: number,
  version: ProtocolVersion,
  what: string,
  wildcards: Statements,
): string {
  const topic = readText(octets, start, end, version, what)
  if (hasWildcard(topic)) refuse(malformed, version, ...wildcards, `${what} contains a wildcard character`)
  return topic
}
