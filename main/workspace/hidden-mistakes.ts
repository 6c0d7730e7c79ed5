import { tokensOf } from './script-tokens.ts'

/** As in `type-check.ts`. */
interface ScriptMistake {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly code: string
  readonly message: string
}

/** How often a script is compiled once more, and for how many options at most. */
const most = { rounds: 4, options: 100 }
/** What stands for an option that there is not. */
const cover = '[faultlineNoOption]'
const declaration = '\ndeclare const faultlineNoOption: number\n'

/** An option that there is not, or has no such value, and the rest of which the compiler says nothing until it is gone. */
const isExcess = ({ code }: ScriptMistake) => /^TS(?:2353|2561|2322|2820)$/.test(code)
const hides = new Set([
  ...['TS2353', 'TS2561', 'TS2559', 'TS2322', 'TS2345', 'TS2820'],
  ...['argument', 'await', 'duration', 'target'],
])

/** Compiles scripts with other texts for some of them; what it says of others is left out. */
export type CompileTexts = (texts: ReadonlyMap<string, string>) => Promise<readonly ScriptMistake[]>

/**
 * Of one call the compiler tells the first option that there is not or that is wrong, and of its other arguments nothing: so it is asked again,
 * with the names it has told in brackets. A member with a computed name of type `number` is none that it minds.
 *
 * @param mistakes what it has said of `texts`
 * @returns what it says besides, placed in `texts`
 */
export async function hiddenMistakes(
  mistakes: readonly ScriptMistake[],
  texts: ReadonlyMap<string, string>,
  compile: CompileTexts,
): Promise<ScriptMistake[]> {
  const known = new Set(mistakes.map(keyOf))
  const found: ScriptMistake[] = []
  let excess = mistakes.filter(isExcess)
  for (let round = 0, covered = 0; round < most.rounds && excess.length > covered; round++) {
    if (excess.length > most.options) break
    covered = excess.length
    const copies = new Map<string, Covered>()
    for (const file of new Set(excess.map((mistake) => mistake.file))) {
      const places = new Set(excess.filter((each) => each.file === file).map(placeOf))
      copies.set(file, coverOptions(texts.get(file) ?? '', places))
    }
    const said = await compile(new Map([...copies].map(([file, { text }]) => [file, text])))
    for (const mistake of said) {
      const copy = copies.get(mistake.file)
      const own = copy === undefined ? mistake : { ...mistake, ...copy.back(mistake) }
      if (!hides.has(own.code) || own.message.includes('[x: number]') || known.has(keyOf(own))) continue
      known.add(keyOf(own))
      found.push(own)
    }
    excess = [...excess, ...found.filter((each) => isExcess(each) && !excess.includes(each))]
  }
  return found
}

interface Place {
  readonly line: number
  readonly column: number
}

export interface Covered {
  readonly text: string
  /** Of a place in it, that in the script. */
  back(place: Place): Place
}

/** @param places `line:column` of the names that are to be covered */
export function coverOptions(text: string, places: ReadonlySet<string>): Covered {
  const pieces: string[] = []
  /** By line: from which column of the copy on the script's is how much less. */
  const shifts = new Map<number, { from: number; by: number }[]>()
  let kept = 0
  let lineStart = 0
  let line = 1
  let read = 0
  const tokens = [...tokensOf(text)].filter(({ kind }) => kind !== 'comment')
  tokens.forEach(({ end, start }, at) => {
    for (const { 0: ending, index } of text.slice(read, start).matchAll(/\r\n|[\n\r\u2028\u2029]/g)) {
      line += 1
      lineStart = read + index + ending.length
    }
    read = start
    const column = start - lineStart + 1
    if (!places.has(`${line}:${column}`)) return
    const name = text.slice(start, end)
    const [last, next] = [tokens[at - 1], tokens[at + 1]].map((each) => each && text.slice(each.start, each.end))
    // Whatever else has a wrong value is no option.
    if (!/^[{,]$/.test(last ?? '') || !/^[:,}(]$/.test(next ?? '')) return
    const isShorthand = /^[,}]$/.test(next ?? '')
    const put = isShorthand ? `${cover}: ${name}` : cover
    pieces.push(text.slice(kept, start), put)
    kept = end
    const before = shifts.get(line) ?? []
    const by = (before.at(-1)?.by ?? 0) + put.length - name.length
    shifts.set(line, [...before, { from: end - lineStart + 1 + by, by }])
  })
  const back = (place: Place): Place => {
    const shift = shifts.get(place.line)?.findLast(({ from }) => place.column >= from)
    return { line: place.line, column: place.column - (shift?.by ?? 0) }
  }
  return { text: pieces.join('') + text.slice(kept) + declaration, back }
}

function placeOf({ column, line }: Place): string {
  return `${line}:${column}`
}

function keyOf(mistake: ScriptMistake): string {
  return `${mistake.file}:${placeOf(mistake)} ${mistake.code}`
}
