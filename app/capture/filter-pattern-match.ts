import { type Edge, type PatternNode, readPattern } from './filter-pattern.ts'

/** One place of the automaton: where a match stands between two characters. */
type Place =
  | { readonly kind: 'one'; readonly atom: number; readonly next: number }
  | { readonly kind: 'edge'; readonly edge: Edge; readonly next: number }
  | { readonly kind: 'split'; readonly nexts: number[] }
  | { readonly kind: 'end' }

/** What `^`, `$` and `\b` see on one side of a place. */
interface Side {
  readonly isBreak: boolean
  readonly isWord: boolean
}

/** All characters that no part of the pattern tells apart. */
interface Sign extends Side {
  readonly id: number
  /** Whether it fits, by atom. */
  readonly fits: readonly boolean[]
}

/** The places that any match begun so far may have reached, before the next character. */
interface State {
  readonly places: readonly number[]
  readonly before: Side
  /** By sign. */
  readonly next: (State | undefined)[]
  readonly isKept: boolean
}

const textEdge: Side = { isBreak: true, isWord: false }
const found: State = { places: [], before: textEdge, next: [], isKept: true }

/** So many are kept between characters and texts, as memory for speed; what exceeds them is worked out again. */
const mostStates = 1000
const mostCharacters = 0x10000

/**
 * Whether a text contains a match, in a time that grows with the text's length and never faster: all matches that are
 * possible are followed side by side (Thompson's automaton), so that `(a+)+` has nothing to go back to. Sets of places
 * that have been met are kept as states of a deterministic automaton, and then a character costs one look.
 */
export class PatternMatcher {
  readonly #places: Place[] = [{ kind: 'end' }]
  readonly #atoms: RegExp[] = []
  readonly #atomNumbers = new Map<string, number>()
  readonly #start: number
  readonly #flags: string
  readonly #isWord: RegExp
  readonly #isBreak: RegExp
  readonly #visited: Uint8Array
  readonly #states = new Map<string, State>()
  readonly #signs = new Map<string, Sign>()
  readonly #signOf = new Map<number, Sign>()
  #steps = 0

  /** @param source must be readable by `readPattern`, with a size that is not much */
  constructor(source: string, flags: string) {
    // Of single characters there are no lines.
    this.#flags = flags.replace('m', '')
    this.#isWord = new RegExp('^\\w$', this.#flags)
    this.#isBreak = flags.includes('m') ? /[\n\r\u2028\u2029]/ : /(?!)/
    this.#start = this.#build(readPattern(source, flags, 0), 0)
    this.#visited = new Uint8Array(this.#places.length)
  }

  /** The work of all texts so far: characters that were looked up, places visited and characters tried on atoms. */
  get steps(): number {
    return this.#steps
  }

  test(text: string): boolean {
    if (this.#states.size >= mostStates || this.#signOf.size >= mostCharacters) this.#forget()
    const isUnicode = this.#flags.includes('u')
    let state = this.#stateOf([], textEdge)
    for (let at = 0; at < text.length; ) {
      const code = isUnicode ? (text.codePointAt(at) as number) : text.charCodeAt(at)
      at += code > 0xffff ? 2 : 1
      this.#steps++
      const sign = this.#signOf.get(code) ?? this.#newSign(code)
      state = state.next[sign.id] ?? this.#step(state, sign)
      if (state === found) return true
    }
    return this.#reach(state, textEdge)
  }

  /** Adds the places of a part, and gives the first of them; `next` is where its matches go on. */
  #build(node: PatternNode, next: number): number {
    switch (node.kind) {
      case 'one':
        return this.#add({ kind: 'one', atom: this.#atomOf(node.source), next })
      case 'edge':
        return this.#add({ kind: 'edge', edge: node.edge, next })
      case 'all':
        return node.parts.reduceRight((after, part) => this.#build(part, after), next)
      case 'any':
        return this.#add({ kind: 'split', nexts: node.parts.map((part) => this.#build(part, next)) })
      case 'repeat':
        return this.#buildRepeat(node, next)
    }
  }

  #buildRepeat({ part, least, most }: PatternNode & { readonly kind: 'repeat' }, next: number): number {
    let first = next
    let copies = least
    if (most === Number.POSITIVE_INFINITY) {
      const nexts = [next]
      const loop = this.#add({ kind: 'split', nexts })
      const body = this.#build(part, loop)
      nexts.push(body)
      // Of those that must be there, the last is the one that repeats.
      first = least === 0 ? loop : body
      copies = Math.max(0, least - 1)
    } else {
      for (let i = least; i < most; i++) first = this.#add({ kind: 'split', nexts: [this.#build(part, first), next] })
    }
    for (let i = 0; i < copies; i++) first = this.#build(part, first)
    return first
  }

  #add(place: Place): number {
    return this.#places.push(place) - 1
  }

  #atomOf(source: string): number {
    const known = this.#atomNumbers.get(source)
    if (known !== undefined) return known
    // A brace or bracket that JavaScript takes for itself is escaped, lest it means something here.
    const safe = /^[\]{}]$/.test(source) ? `\\${source}` : source
    const number = this.#atoms.push(new RegExp(`^(?:${safe})$`, this.#flags)) - 1
    this.#atomNumbers.set(source, number)
    return number
  }

  #newSign(code: number): Sign {
    const character = String.fromCodePoint(code)
    this.#steps += this.#atoms.length
    const fits = this.#atoms.map((atom) => atom.test(character))
    const side = { isBreak: this.#isBreak.test(character), isWord: this.#isWord.test(character) }
    const key = [side.isBreak, side.isWord, ...fits].map(Number).join('')
    const sign = this.#signs.get(key) ?? { id: this.#signs.size, fits, ...side }
    this.#signs.set(key, sign)
    this.#signOf.set(code, sign)
    return sign
  }

  #step(state: State, sign: Sign): State {
    let next = found
    if (!this.#reach(state, sign)) {
      const places = new Set<number>()
      this.#places.forEach((place, i) => {
        if (this.#visited[i] === 1 && place.kind === 'one' && sign.fits[place.atom]) places.add(place.next)
      })
      next = this.#stateOf([...places], sign)
    }
    // A state that is not kept must not be held by one that is.
    if (next.isKept) state.next[sign.id] = next
    return next
  }

  #stateOf(places: readonly number[], { isBreak, isWord }: Side): State {
    const isKept = this.#states.size < mostStates
    const key = isKept ? `${Number(isBreak)}${Number(isWord)} ${places}` : ''
    const known = this.#states.get(key)
    if (known !== undefined) return known
    const state = { places, before: { isBreak, isWord }, next: [], isKept }
    if (isKept) this.#states.set(key, state)
    return state
  }

  /** Marks as visited what can be reached without a character, a match that begins here included; whether the end can. */
  #reach({ places, before }: State, after: Side): boolean {
    this.#visited.fill(0)
    const open = [this.#start, ...places]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      this.#steps++
      if (this.#visited[at] === 1) continue
      this.#visited[at] = 1
      const place = this.#places[at] as Place
      if (place.kind === 'end') return true
      if (place.kind === 'split') open.push(...place.nexts)
      else if (place.kind === 'edge' && isAt(place.edge, before, after)) open.push(place.next)
    }
    return false
  }

  #forget(): void {
    this.#states.clear()
    this.#signs.clear()
    this.#signOf.clear()
  }
}

function isAt(edge: Edge, before: Side, after: Side): boolean {
  switch (edge) {
    case '^':
      return before.isBreak
    case '$':
      return after.isBreak
    case '\\b':
      return before.isWord !== after.isWord
    case '\\B':
      return before.isWord === after.isWord
  }
}
