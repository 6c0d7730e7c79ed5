/** Text as a literal of TypeScript, in single quotes. */
export function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

/** One line of a comment, whatever the text has in it. */
export function comment(text: string): string {
  return `// ${text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')}`
}

/** A key of an object. */
export function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name)
}

/** `devices.pump`, `devices['pump-a']` */
export function member(of: string, name: string): string {
  const written = key(name)
  return written === name ? `${of}.${name}` : `${of}[${written}]`
}

/** A length of time as scripts write it: `'5s'`, `'1.5s'`, `'250ms'`. */
export function duration(ms: number): string {
  const whole = Math.round(ms)
  if (whole < 1000) return `'${whole}ms'`
  return whole % 60_000 === 0 ? `'${whole / 60_000}m'` : `'${whole / 1000}s'`
}

/** `{ a: 1, b: 'x' }` of what is there; empty where nothing is. */
export function object(entries: readonly (readonly [string, string | undefined])[]): string {
  const given = entries.filter(([, value]) => value !== undefined)
  return given.length === 0 ? '' : `{ ${given.map(([name, value]) => `${name}: ${value}`).join(', ')} }`
}

const taken = new Set(
  [
    'devices fleets observer client link broker wire step expect random wait scenario',
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends false',
    'finally for function if implements import in instanceof interface let new null package private protected public return',
    'static super switch this throw true try typeof undefined NaN Infinity var void while with yield async of globalThis',
  ]
    .join(' ')
    .split(' '),
)

/** Names for variables, no two the same and none that means something else: `pump-01` becomes `pump01`. */
export class Names {
  readonly #given = new Set(taken)

  give(wanted: string): string {
    const [first = '', ...others] = wanted.split(/[^A-Za-z0-9]+/).filter((part) => part !== '')
    const joined = first + others.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('')
    const base = /^[A-Za-z]/.test(joined) ? joined : `device${joined}`
    for (let n = 1; ; n++) {
      const name = n === 1 ? base : `${base}_${n}`
      if (this.#given.has(name)) continue
      this.#given.add(name)
      return name
    }
  }
}
