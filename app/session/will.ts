/** How a Network Connection has come to its end, as far as it matters to the Will Message. */
export type Ending =
  /** DISCONNECT with Reason Code 0x00: the will is deleted [MQTT-3.1.2-10, MQTT-3.14.4-3]. */
  | 'disconnected'
  /** Any other: lost, closed by the broker, taken over, or DISCONNECT that asks for the will [MQTT-3.1.2-8]. */
  | 'failed'

/** What becomes of a Will Message. `after` is the delay in seconds. */
export type WillFate =
  | { readonly type: 'delete' }
  | { readonly type: 'publish' }
  | { readonly type: 'delay'; readonly after: number }

/**
 * What becomes of a Will Message when its Network Connection ends: it is published when the Will Delay Interval has
 * passed or the Session ends, whichever happens first [MQTT 5 §3.1.3.2.2]. In 3.1.1 the delay is 0.
 *
 * @param willDelay in seconds
 * @param sessionExpiry in seconds; 0 where the Session ends with the Network Connection
 */
export function willFate(ending: Ending, willDelay: number, sessionExpiry: number): WillFate {
  if (ending === 'disconnected') return { type: 'delete' }
  const after = Math.min(willDelay, sessionExpiry)
  return after > 0 ? { type: 'delay', after } : { type: 'publish' }
}
