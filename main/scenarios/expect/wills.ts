import { FaultlineError } from '../../../app/base/errors.ts'
import { mostPayload } from '../../../app/handshake/tracked-message.ts'
import { willCauses } from '../../../app/script-api/will-causes.ts'
import type { SeenWills } from '../bench.ts'
import type { StatedWill, WillEvidence } from '../evidence.ts'
import { gapOf, gapsOf } from './gaps.ts'
import { clientIdOf, type Ground } from './ground.ts'
import type { Look, Question } from './question.ts'
import { causesOf, isWillCause } from './will-cause.ts'

/** A will that the broker has published, or, where the broker is not our own, that somebody was given. */
interface Will {
  readonly what: 'published' | 'dropped' | 'given'
  /** Why, in the broker's words; empty where only it could tell. */
  readonly reason: string
  /** Of its record. */
  readonly number: number
  readonly topic: string
}

/** `toBePublished` and `notToBePublished`. */
export class WillQuestion implements Question {
  readonly expected: string
  readonly changes: Question['changes']
  readonly #isWanted: boolean
  readonly #ground: Ground
  readonly #clientId: string
  readonly #because: string | undefined
  #found: Will | undefined

  /**
   * @throws FaultlineError `invalid-argument` for a cause that there is not, `wrong-state` for any where the broker is not our
   * own
   */
  constructor(
    ground: Ground,
    id: string,
    expectation: { readonly matcher: 'toBePublished' | 'notToBePublished'; readonly because?: string | undefined },
  ) {
    const { because, matcher } = expectation
    if (because !== undefined) checkCause(ground, because)
    this.#ground = ground
    this.#clientId = clientIdOf(ground, id)
    this.#because = because
    this.#isWanted = matcher === 'toBePublished'
    const why = because === undefined ? '' : ` because '${because}'`
    this.expected = `the will of ${id} ${this.#isWanted ? '' : 'not '}to be published${why}`
    this.changes = [ground.evidence.onMore]
  }

  /** What cannot be looked at any more may have been the will. */
  get inTheEnd(): 'held' | 'failed' {
    return this.#isWanted || this.#gaps !== undefined ? 'failed' : 'held'
  }

  look(): Look {
    const wills = this.#wills().filter(({ number }) => number > this.#since)
    this.#found = wills.find((will) => will.what !== 'dropped' && this.#fits(will))
    if (this.#found !== undefined) {
      const { number } = this.#found
      const is = this.#isWanted ? 'held' : 'failed'
      const will = this.#found
      return { is, received: () => describe(will), packets: { first: number, last: number } }
    }
    const received = () => [this.#instead(wills), this.#gaps ?? []].flat().join('; ')
    return { is: 'open', received }
  }

  /** Of our own broker its word counts, of another one the messages, and what its clients have left with it. */
  get #gaps(): string | undefined {
    const { evidence, target } = this.#ground
    // Messages that are forgotten say nothing of our own broker's wills.
    const general = target === undefined && evidence.missed === 0 ? undefined : gapsOf(evidence)
    const own = target === undefined ? this.#gapOfOwn : this.#gapOfStated
    return general === undefined || own === undefined ? (general ?? own) : `${general}; ${own}`
  }

  get #gapOfStated(): string | undefined {
    const { statedWills } = this.#ground.evidence
    const [oldest] = statedWills.of(this.#clientId)
    // Those that are forgotten were the same.
    if (oldest !== undefined && statedWills.forgottenOf(this.#clientId).from >= oldest.since) return undefined
    return gapOf(statedWills, this.#clientId, { since: 0, what: 'will' })
  }

  get #gapOfOwn(): string | undefined {
    return gapOf(this.#ground.evidence.wills, this.#clientId, { since: this.#since, what: 'will' })
  }

  /** Number of the record up to which wills were taken by others. */
  get #since(): number {
    return this.#ground.spent.wills.get(this.#clientId) ?? 0
  }

  take(): void {
    if (this.#found !== undefined) this.#ground.spent.wills.set(this.#clientId, this.#found.number)
  }

  #fits({ reason }: Will): boolean {
    return this.#because === undefined || causesOf(reason).some((cause) => cause === this.#because)
  }

  #wills(): Will[] {
    const { evidence, target } = this.#ground
    if (target === undefined) return evidence.wills.of(this.#clientId).map(willOf)
    const all = evidence.statedWills.of(this.#clientId)
    // The same again says nothing more here.
    const different = all.filter(({ since }, i) => since !== all[i - 1]?.since)
    const stated = statedOf(different, ({ since }) => since)
    return givenOf(stated, this.#ground).map(({ number, topic }) => ({ what: 'given', reason: '', number, topic }))
  }

  #instead(wills: readonly Will[]): string {
    if (wills.length > 0) return `the will ${wills.map(describe).join('; then it ')}`.replace(/^the will it /, 'it ')
    if (this.#ground.target === undefined) return 'nothing became of its will'
    return 'no client of this scenario was given it; what another broker does with a will is seen only where a client of the scenario has subscribed to its topic'
  }
}

/** For thresholds; undefined where our own broker says itself what has become of wills. */
export function seenWills(ground: Ground): SeenWills | undefined {
  const { evidence, target } = ground
  if (target === undefined) return undefined
  const { forgotten, length } = evidence.statedWills
  const stated = statedOf(evidence.statedWills.all(), ({ number }) => number)
  // A will is published once at most: the same message a second time is that of another CONNECT, or came by another subscription.
  const used = new Map<readonly number[], number>()
  let count = 0
  for (const { number, its } of givenOf(stated, ground)) {
    const next = used.get(its) ?? 0
    if ((its[next] ?? number) >= number) continue
    used.set(its, next + 1)
    count += 1
  }
  const isSure = count === length && forgotten === 0
  const unsure = `whether ${target} has published other wills nobody can tell: it is seen only where a client of the scenario has subscribed to their topics`
  return { count, unsure: isSure ? undefined : unsure }
}

/** A will that somebody was given. */
interface GivenWill {
  /** Of the first record that shows it. */
  readonly number: number
  readonly topic: string
  /** The records, in their order, by which it was left with the broker: some before it, maybe some after it. */
  readonly its: readonly number[]
}

/** Numbers of records from which on a will was stated, in their order, by its topic and then by its payload. */
type Stated = ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>

/** @param wills the oldest first */
function statedOf(wills: readonly StatedWill[], numberOf: (stated: StatedWill) => number): Stated {
  const stated = new Map<string, Map<string, number[]>>()
  for (const each of wills) {
    const { will } = each
    const number = numberOf(each)
    const ofTopic = stated.get(will.topic) ?? new Map<string, number[]>()
    stated.set(will.topic, ofTopic)
    const content = contentOf(will.payload)
    const numbers = ofTopic.get(content)
    if (numbers === undefined) ofTopic.set(content, [number])
    else numbers.push(number)
  }
  return stated
}

/** A target's broker says nothing: a message that nobody has published, and that is what a client has left, is its will. */
function givenOf(stated: Stated, { exchanges }: Pick<Ground, 'exchanges'>): GivenWill[] {
  return [...stated].flatMap(([topic, ofTopic]) =>
    exchanges.unpublished(topic).flatMap(({ origin, payload, subscribers }) => {
      const number = subscribers[0]?.steps[0]?.number ?? 0
      const its = ofTopic.get(contentOf(payload))
      const isWill = its !== undefined && (its[0] ?? number) < number
      return origin === 'retained' || !isWill ? [] : [{ number, topic, its }]
    }),
  )
}

/** What is compared of a payload: of a long one the first part is known. */
function contentOf(payload: Uint8Array): string {
  return Buffer.from(payload.buffer, payload.byteOffset, Math.min(payload.length, mostPayload)).toString('latin1')
}

function checkCause({ target }: Ground, because: string): void {
  if (!isWillCause(because)) {
    throw new FaultlineError({
      code: 'invalid-argument',
      message: `a will is not published because '${because}'`,
      hint: `there are ${willCauses.map((cause) => `'${cause}'`).join(', ')}`,
    })
  }
  if (target === undefined) return
  throw new FaultlineError({
    code: 'wrong-state',
    message: `why a will was published only its broker knows, and ${target} does not tell`,
    hint: `leave out because`,
  })
}

function willOf({ number, reason, topic, type }: WillEvidence): Will {
  return { what: type === 'will published' ? 'published' : 'dropped', reason, number, topic }
}

function describe({ reason, topic, what }: Will): string {
  if (what === 'given') return `it was given to a subscriber of ${topic}`
  const to = what === 'published' ? ` to ${topic}` : ''
  return `it was ${what}${to}${reason === '' ? '' : `: ${reason}`}`
}
