/**
 * The id of device `n`, from 1, of an entry: where the name has `{n}`, the name with its number; otherwise the name itself
 * for a single one, else numbered from 01, as wide as the highest number.
 *
 * @param count how many the entry has; there may be more while it runs, and those that there are keep their ids
 */
export function deviceId(name: string, count: number, n: number): string {
  if (name.includes('{n}')) return name.replaceAll('{n}', String(n))
  if (count === 1 && n === 1) return name
  const width = Math.max(2, String(count).length)
  return `${name}-${String(n).padStart(width, '0')}`
}

/** The ids of all devices of an entry. */
export function deviceIds(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => deviceId(name, count, i + 1))
}
