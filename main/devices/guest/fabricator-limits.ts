/**
 * What a script may ask of faker. It works in the worker's own memory and time, which no limit of the device bounds: so
 * how much it is to make, and how long the texts are that it works on, is bounded here.
 */

/** Characters of all arguments together. */
const mostText = 4000
/** Of anything that is counted, and of a length. */
const most = 1000
/** How often a pattern such as `a{100}` may repeat something, and how long such a pattern may be. */
const mostRepeats = 100
const longestPattern = 200

/** Where numbers are values, and not how much there is to be; `count` is a count everywhere. */
const valued = /^(?:number|date|location)\.|^(?:commerce\.price|finance\.amount|internet\.jwt)$/
/** Options that are values everywhere. */
const values = ['refDate', 'probability']
/** Options that count everywhere. */
const counts = ['count', 'length', 'dec', 'fractionDigits', 'precision']

/**
 * @param args JSON of a list
 * @throws Error in words that follow the function's name
 */
export function checkArguments(name: string, args: string): readonly unknown[] {
  if (args.length > mostText) throw new Error(`its arguments are longer than ${mostText} characters`)
  const list: unknown = JSON.parse(args)
  if (!Array.isArray(list)) throw new Error('its arguments are not a list')
  check(list, valued.test(name), 0)
  return list
}

function check(value: unknown, free: boolean, depth: number): void {
  if (depth > 5) throw new Error('its arguments are nested too deep')
  if (typeof value === 'number') {
    if (!free && Math.abs(value) > most)
      throw new Error(`${value} is more than ${most}, the most that it makes at once`)
  } else if (typeof value === 'string') {
    checkPattern(value)
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      check(item, values.includes(key) || (free && !counts.includes(key)), depth + 1)
    }
  }
}

/** Several functions read repetitions in a text, and time grows with the square of what they make of it. */
function checkPattern(text: string): void {
  const repeats = [...text.matchAll(/\{(\d+)(?:,(\d+))?\}/g)].flatMap(([, least, greatest]) => [least, greatest ?? 0])
  if (repeats.length === 0) return
  if (text.length > longestPattern) throw new Error(`a pattern can have ${longestPattern} characters at most`)
  if (repeats.some((times) => Number(times) > mostRepeats)) {
    throw new Error(`a pattern can repeat something ${mostRepeats} times at most`)
  }
}
