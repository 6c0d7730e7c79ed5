import { commonSequence } from './common-sequence.ts'
import { type FaultExcuses, noFaults } from './replay-faults.ts'
import type { Observation, Observed, ObservedEnd } from './replay-observation.ts'

/** What a broker answers otherwise than it did when the recording was made. */
export interface Difference {
  /**
   * - `missing`: it came then, and not now
   * - `extra`: it came now, and not then
   * - `changed`: it came both times, and says something else
   * - `order`: it came both times, at another place among the others
   */
  readonly is: 'missing' | 'extra' | 'changed' | 'order'
  /** Such as `PUBLISH to plant/a "21"`, `CONNACK`, `end of the connection`. */
  readonly what: string
  /** What differs, such as `QoS`; empty where it is all of it. */
  readonly field: string
  readonly recorded: string
  readonly replayed: string
  /** Where it comes from, as far as that is certain: not from the broker. */
  readonly because: string | undefined
}

/** Why something may not come again, by the identity of what came; undefined where it should. */
export type Excuse = (observed: Observed) => string | undefined

/** No excuses: whatever came then should come now. */
const noExcuse: Excuse = () => undefined

/**
 * What is different between what came to a client over one Network Connection then and now. Each thing of one is paired
 * with the one of the other that is most like it: the same in everything, or about the same, or to the same Topic Name.
 * Acknowledgements of each type have their own order, and so have messages, but for retained ones.
 */
export function compareObservations(
  recorded: Observation,
  replayed: Observation,
  excuse: Excuse = noExcuse,
  faults: FaultExcuses = noFaults,
): Difference[] {
  const why = { excuse, faults }
  const connack = compareLists(list(recorded.connack), list(replayed.connack), why)
  const types = new Set([...recorded.answers, ...replayed.answers].map(({ type }) => type))
  const answers = [...types].flatMap((wanted) => {
    const ofType = ({ type }: Observed) => type === wanted
    return compareLists(recorded.answers.filter(ofType), replayed.answers.filter(ofType), why)
  })
  const messages = compareLists(recorded.messages, replayed.messages, why)
  return [...connack, ...answers, ...messages, ...compareEnds(recorded.end, replayed.end)]
}

export function describeEnd(end: ObservedEnd): string {
  if (end.by === 'nobody') return 'still open'
  if (end.by === 'client') return 'ended by the client'
  if (end.by === 'link') return `cut on the way${end.reason === undefined ? '' : `: ${end.reason}`}`
  return `ended by the broker${end.code === undefined ? '' : `, with ${end.code}`}`
}

function compareEnds(recorded: ObservedEnd, replayed: ObservedEnd): Difference[] {
  const [before, after] = [describeEnd(recorded), describeEnd(replayed)]
  if (before === after) return []
  return [
    { is: 'changed', what: 'end of the connection', field: '', recorded: before, replayed: after, because: undefined },
  ]
}

interface Pair {
  readonly recorded: number
  readonly replayed: number
}

interface Why {
  readonly excuse: Excuse
  readonly faults: FaultExcuses
}

function compareLists(recorded: readonly Observed[], replayed: readonly Observed[], why: Why): Difference[] {
  const { excuse, faults } = why
  const pairs = pairUp(recorded, replayed)
  const [pairedRecorded, pairedReplayed] = [
    new Set(pairs.map((pair) => pair.recorded)),
    new Set(pairs.map((pair) => pair.replayed)),
  ]
  const missing = recorded.flatMap((observed, i): Difference[] => {
    if (pairedRecorded.has(i)) return []
    const { what } = observed
    const because = faults.take('missing', observed) ?? excuse(observed)
    return [{ is: 'missing', what, field: '', recorded: 'it came', replayed: 'it did not come', because }]
  })
  const extra = replayed.flatMap((observed, i): Difference[] => {
    if (pairedReplayed.has(i)) return []
    const { what } = observed
    const because = faults.take('extra', observed)
    return [{ is: 'extra', what, field: '', recorded: 'it did not come', replayed: 'it came', because }]
  })
  const changed = pairs.flatMap((pair) => changes(at(recorded, pair.recorded), at(replayed, pair.replayed), why))
  const moved = outOfOrder(
    pairs.filter((pair) => at(recorded, pair.recorded).ordered && at(replayed, pair.replayed).ordered),
  )
  const isLate = ({ recorded: position }: Pair) => faults.look('order', at(recorded, position)) !== undefined
  const overtaken = moved.length === 0 ? new Set<Pair>() : crossing(pairs, isLate)
  const order = moved.map((pair): Difference => {
    const observed = at(recorded, pair.recorded)
    const { what } = observed
    // Of two that have changed places either may be the one that has moved.
    const because =
      faults.look('order', observed) ?? (overtaken.has(pair) ? 'another one was delayed by a fault then' : undefined)
    return {
      is: 'order',
      what,
      field: '',
      recorded: place(pair.recorded),
      replayed: place(pair.replayed),
      because,
    }
  })
  return [...missing, ...extra, ...changed, ...order]
}

function changes(recorded: Observed, replayed: Observed, { excuse, faults }: Why): Difference[] {
  const differences = Object.entries(recorded.details).flatMap(([field, before]): Difference[] => {
    const after = replayed.details[field]
    // A broker that refuses says nothing of what a client may do.
    if (after === undefined) return []
    // Payloads are shown in part: what differs further on makes another identity.
    const isOther = field === 'payload' ? recorded.identity !== replayed.identity : before !== after
    if (!isOther) return []
    const isSession = field === 'Session Present' && before === '1'
    const because = isSession ? excuse(recorded) : undefined
    return [{ is: 'changed', what: recorded.what, field, recorded: before, replayed: after, because }]
  })
  // What they are about is asked for once, however much of it differs.
  const fault = differences.length === 0 ? undefined : faults.take('changed', recorded)
  if (fault !== undefined && recorded.identity !== replayed.identity) faults.take('extra', replayed)
  return differences.map(({ because = fault, ...difference }) => ({ ...difference, because }))
}

/** Pairs of positions, by that of the first list: what is the same in its place, then what is the same, then what is alike. */
function pairUp(recorded: readonly Observed[], replayed: readonly Observed[]): Pair[] {
  const inPlace = commonSequence(recorded.map(wholeOf), replayed.map(wholeOf))
  const pairs = inPlace.map(([one, other]): Pair => ({ recorded: one, replayed: other }))
  const [placedRecorded, placedReplayed] = [
    new Set(inPlace.map(([one]) => one)),
    new Set(inPlace.map(([, two]) => two)),
  ]
  let leftRecorded = positions(recorded).filter((position) => !placedRecorded.has(position))
  let leftReplayed = positions(replayed).filter((position) => !placedReplayed.has(position))
  for (const keyOf of [wholeOf, identityOf, subjectOf]) {
    const waiting = new Map<string, number[]>()
    for (const position of leftReplayed) {
      const key = keyOf(at(replayed, position))
      const others = waiting.get(key)
      if (others === undefined) waiting.set(key, [position])
      else others.push(position)
    }
    // From the end, so that taking one costs nothing.
    for (const others of waiting.values()) others.reverse()
    leftRecorded = leftRecorded.filter((position) => {
      const partner = waiting.get(keyOf(at(recorded, position)))?.pop()
      if (partner !== undefined) pairs.push({ recorded: position, replayed: partner })
      return partner === undefined
    })
    leftReplayed = [...waiting.values()].flat().sort((a, b) => a - b)
  }
  return pairs.sort((a, b) => a.recorded - b.recorded)
}

/** The fewest pairs without which all others are in the same order in both lists. */
function outOfOrder(pairs: readonly Pair[]): Pair[] {
  // The longest rising subsequence: `tails[n]` ends the one of length n + 1 that leaves most room.
  const tails: number[] = []
  const before: (number | undefined)[] = []
  for (const [i, { replayed }] of pairs.entries()) {
    let [low, high] = [0, tails.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (at(pairs, at(tails, middle)).replayed < replayed) low = middle + 1
      else high = middle
    }
    before.push(tails[low - 1])
    tails[low] = i
  }
  const kept = new Set<number>()
  for (let i = tails.at(-1); i !== undefined; i = before[i]) kept.add(i)
  return pairs.filter((_, i) => !kept.has(i))
}

/** Those of the pairs that have changed places with one of the chosen. @param pairs in the order of the first list */
function crossing(pairs: readonly Pair[], isChosen: (pair: Pair) => boolean): Set<Pair> {
  const found = new Set<Pair>()
  let furthest = -1
  for (const pair of pairs) {
    if (furthest > pair.replayed) found.add(pair)
    if (isChosen(pair)) furthest = Math.max(furthest, pair.replayed)
  }
  let nearest = Number.POSITIVE_INFINITY
  for (const pair of pairs.toReversed()) {
    if (nearest < pair.replayed) found.add(pair)
    if (isChosen(pair)) nearest = Math.min(nearest, pair.replayed)
  }
  return found
}

function wholeOf({ details, identity }: Observed): string {
  return `${identity}\n${JSON.stringify(details)}`
}

function identityOf({ identity }: Observed): string {
  return identity
}

function subjectOf({ subject }: Observed): string {
  return subject
}

function positions(items: readonly unknown[]): number[] {
  return items.map((_, i) => i)
}

function place(position: number): string {
  return `number ${position + 1}`
}

function list(observed: Observed | undefined): Observed[] {
  return observed === undefined ? [] : [observed]
}

function at<T>(items: readonly T[], position: number): T {
  return items[position] as T
}
