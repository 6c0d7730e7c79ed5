const wholes = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** Nanoseconds since a message began, as they stand beside its ladder: `0.0 ms`, `0.08 ms`, `1.2 ms`, `5 012 ms`. */
export function formatSince(nanoseconds: number): string {
  const ms = Math.max(0, nanoseconds) / 1e6
  if (ms < 0.005) return '0.0 ms'
  if (ms < 0.995) return `${ms.toFixed(2)} ms`
  if (ms < 99.95) return `${ms.toFixed(1)} ms`
  // A space that does not break, for `5,012` is five to half of the world.
  return `${wholes.format(ms).replaceAll(',', '\u00a0')} ms`
}

/** A length of time in nanoseconds: `84 µs`, `2.1 ms`, `412 ms`, `5.0 s`, `3 min 20 s`. */
export function formatLength(nanoseconds: number): string {
  if (nanoseconds < 99_500) return `${Math.round(nanoseconds / 1000)} µs`
  const ms = nanoseconds / 1e6
  if (ms < 9.95) return `${ms.toFixed(1)} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** The time of day in the zone of whoever looks, to the millisecond: `12:04:31.402`. */
export function formatTimeOfDay(wallTime: number): string {
  const date = new Date(wallTime)
  const two = (value: number) => String(value).padStart(2, '0')
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  return `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`
}
