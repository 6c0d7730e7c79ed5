import { encodeMessage } from '../../../app/session/records.ts'
import type { ShareName } from '../../../app/session/subscription.ts'
import type { RoutedMessage } from './routed-message.ts'

/** A message of the log that is for one group only: the length of the group's name and filter, those, and the message. */
export function encodeShared({ group, matches }: ShareName, message: RoutedMessage): Uint8Array {
  const name = Buffer.from(JSON.stringify([group, matches]))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(name.length)
  return Buffer.concat([length, name, encodeMessage(message)])
}

export function decodeShared(value: Uint8Array): { readonly share: ShareName; readonly record: Uint8Array } {
  const octets = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  const end = 4 + octets.readUInt32BE(0)
  const [group, matches] = JSON.parse(octets.toString('utf8', 4, end)) as [string, string]
  return { share: { group, matches }, record: octets.subarray(end) }
}
