const counts = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** `48,211` */
export function formatCount(count: number): string {
  return counts.format(count)
}

/** `1 device`, `2 devices`, `1,204 devices` */
export function formatPlural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

/** Octets in the units that a person compares: `812 B`, `3.1 MB`, `1.2 GB`. */
export function formatOctets(octets: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = octets
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit < 2 || value >= 100 ? 0 : 1
  return `${value.toFixed(digits)} ${units[unit]}`
}

/** A length of time in milliseconds, as coarse as it is long: `4 s`, `4 min`, `2 h 5 min`, `3 d`. */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  return `${Math.floor(hours / 24)} d`
}

/** A rate by the second: `12/s`, `0.5/s`; what is slower than one in twenty seconds is `–`. */
export function formatRate(perSecond: number): string {
  if (perSecond < 0.05) return '–'
  return perSecond < 9.95 && !Number.isInteger(perSecond) ? `${perSecond.toFixed(1)}/s` : `${formatCount(perSecond)}/s`
}

/** A wait, to a tenth of a second while it is short: `3.2 s`, `12 s`. */
export function formatWait(ms: number): string {
  return ms < 9950 ? `${(Math.max(0, ms) / 1000).toFixed(1)} s` : formatSpan(ms)
}

/** Wall time in milliseconds: of today the time, else the day as well. */
export function formatClock(time: number): string {
  const date = new Date(time)
  const clock = date.toLocaleTimeString('en-GB')
  return date.toDateString() === new Date().toDateString() ? clock : `${date.toLocaleDateString('en-CA')} ${clock}`
}
