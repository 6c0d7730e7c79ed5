/**
 * How many there are at a time, while a number of them are added or taken away evenly. The first one comes or goes at
 * once, the last one a step before the time is over.
 */
export interface Ramp {
  readonly from: number
  readonly to: number
  /** In milliseconds. */
  readonly ms: number
}

/** @param elapsed milliseconds since the ramp began */
export function rampedTo({ from, to, ms }: Ramp, elapsed: number): number {
  const steps = Math.abs(to - from)
  if (steps === 0 || elapsed >= ms) return to
  const done = Math.min(steps, Math.floor((Math.max(0, elapsed) * steps) / ms) + 1)
  return to > from ? from + done : from - done
}

/** When the next one comes or goes, in milliseconds since the ramp began; undefined when it is over. */
export function nextStep(ramp: Ramp, elapsed: number): number | undefined {
  const { from, to, ms } = ramp
  const steps = Math.abs(to - from)
  const done = Math.abs(rampedTo(ramp, elapsed) - from)
  return done >= steps ? undefined : (done * ms) / steps
}
