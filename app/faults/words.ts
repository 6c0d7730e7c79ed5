/** A length of time as people say it: `200 ms`, `5 s`, `1.5 s`, `10 min`. */
export function inTime(ms: number): string {
  if (ms < 1000) return `${shorten(ms)} ms`
  if (ms < 60_000 || ms % 60_000 !== 0) return `${shorten(ms / 1000)} s`
  return `${ms / 60_000} min`
}

/** A share as people say it: `30 %`. */
export function inPercent(share: number): string {
  return `${shorten(share * 100)} %`
}

/** `1 octet`, `3 octets`. */
export function inNumber(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`
}

/** `first` to `tenth`, then `11th`. */
export function ordinal(number: number): string {
  const word = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'][
    number - 1
  ]
  if (word !== undefined) return word
  const teens = number % 100 > 10 && number % 100 < 14
  return `${number}${teens ? 'th' : (['th', 'st', 'nd', 'rd'][number % 10] ?? 'th')}`
}

/** Without the noise that a sum of binary fractions ends with. */
function shorten(value: number): string {
  return String(Number(value.toPrecision(6)))
}
