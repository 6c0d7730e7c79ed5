import type { ToGuest } from '../../app/script-api/crossing.ts'

/** A message as a device's script has got it. */
export interface HandledMessage {
  readonly topic: string
  /** The first 64 KiB. */
  readonly payload: Uint8Array
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly dup: boolean
  /** Of MQTT 5, as they cross into a sandbox. */
  readonly properties?: Readonly<Record<string, unknown>> | undefined
}

const longestPayload = 64 * 1024

/** @param payload what came beside the event */
export function handledMessage(
  { dup, properties, qos, retain, topic }: ToGuest & { type: 'message' },
  payload: Uint8Array | undefined,
): HandledMessage {
  // A copy: what goes to another thread takes all of its buffer along.
  const kept = Uint8Array.from((payload ?? new Uint8Array(0)).subarray(0, longestPayload))
  return { topic, payload: kept, qos, retain, dup, properties }
}
