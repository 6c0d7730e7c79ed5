import type { ToGuest } from '../../app/script-api/crossing.ts'

/** A message as a device's script has got it. */
export interface HandledMessage {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly dup: boolean
  /** Of MQTT 5, as they cross into a sandbox. */
  readonly properties?: Readonly<Record<string, unknown>> | undefined
}

/** @param payload what came beside the event */
export function handledMessage(
  { dup, properties, qos, retain, topic }: ToGuest & { type: 'message' },
  payload: Uint8Array | undefined,
): HandledMessage {
  // A copy: what goes to another thread takes all of its buffer along.
  return { topic, payload: Uint8Array.from(payload ?? []), qos, retain, dup, properties }
}
