/** Slow motion that can be chosen: 1 is real time. */
const usual = [1, 0.5, 0.25, 0.1, 0.05, 0.01] as const

/** The speeds to choose from, the fastest first, with the present one among them, which a script may have set. */
export function speedsWith(present: number): number[] {
  return [...new Set([...usual, present])].sort((a, b) => b - a)
}

/** `1×`, `0.25×` */
export function formatSpeed(speed: number): string {
  return `${Number(speed.toPrecision(3))}×`
}
