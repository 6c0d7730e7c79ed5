/** Of MQTT 5: it never expires [MQTT 5 §3.1.2.11.2]. */
const never = 0xffff_ffff

/** A Session Expiry Interval in seconds, `Infinity` for the one that never passes. */
export function expirySeconds(interval: number): number {
  return interval === never ? Number.POSITIVE_INFINITY : interval
}
