const units = [
  { name: 'd', ms: 86_400_000 },
  { name: 'h', ms: 3_600_000 },
  { name: 'min', ms: 60_000 },
  { name: 's', ms: 1000 },
] as const

/** A time in words, exact, such as `2 min`, `1 h 30 min` or `1.5 s`; what is less than a second as `250 ms`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds} ms`
  const parts: string[] = []
  let left = milliseconds
  for (const { name, ms } of units) {
    const amount = name === 's' ? Math.round(left) / 1000 : Math.floor(left / ms)
    if (amount > 0) parts.push(`${amount} ${name}`)
    left -= amount * ms
  }
  return parts.join(' ')
}
