import { FaultlineError } from '../../../app/base/errors.ts'
import { mostPayload } from '../../../app/handshake/tracked-message.ts'
import { willCauses } from '../../../app/script-api/will-causes.ts'
import type { SeenWills } from '../bench.ts'
import type { StatedWill, WillEvidence } from '../evidence.ts'
import { gapsOf } from './gaps.ts'
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
    const { spent } = this.#ground
    const since = spent.wills.get(this.#clientId) ?? 0
    const wills = this.#wills().filter(({ number }) => number > since)
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

  /** Our own broker's word counts, and none of it is forgotten: of another one it is the messages that count. */
  get #gaps(): string | undefined {
    const { evidence, target } = this.#ground
    return target === undefined && evidence.missed === 0 ? undefined : gapsOf(evidence)
  }

  take(): void {
    if (this.#found !== undefined) this.#ground.spent.wills.set(this.#clientId, this.#found.number)
  }

  #fits({ reason }: Will): boolean {
    return this.#because === undefined || causesOf(reason).some((cause) => cause === this.#because)
  }

  #wills(): Will[] {
    const { evidence, target } = this.#ground
    if (target === undefined) {
      return evidence.wills.filter(({ clientId }) => clientId === this.#clientId).map(willOf)
    }
    const stated = evidence.statedWills.filter(({ clientId }) => clientId === this.#clientId)
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
  // A will is published once at most: the same message a second time is that of another CONNECT, or came by another subscription.
  const free = new Set(evidence.statedWills)
  for (const { number, payload, topic } of givenOf(evidence.statedWills, ground)) {
    const its = [...free].find((each) => each.number < number && isContent(each.will, topic, payload))
    if (its !== undefined) free.delete(its)
  }
  const unsure = `whether ${target} has published other wills nobody can tell: it is seen only where a client of the scenario has subscribed to their topics`
  return { count: evidence.statedWills.length - free.size, unsure: free.size === 0 ? undefined : unsure }
}

/** A will that somebody was given. */
interface GivenWill {
  /** Of the first record that shows it. */
  readonly number: number
  readonly topic: string
  readonly payload: Uint8Array
}

/** A target's broker says nothing: a message that nobody has published, and that is what a client has left, is its will. */
function givenOf(stated: readonly StatedWill[], { exchanges }: Ground): GivenWill[] {
  return [...new Set(stated.map(({ will }) => will.topic))].flatMap((topic) =>
    exchanges.unpublished(topic).flatMap(({ origin, payload, subscribers }) => {
      const number = subscribers[0]?.steps[0]?.number ?? 0
      const isWill = stated.some((each) => each.number < number && isContent(each.will, topic, payload))
      return origin === 'retained' || !isWill ? [] : [{ number, topic, payload }]
    }),
  )
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

/** @param payload of a long one the first part */
function isContent(will: StatedWill['will'], topic: string, payload: Uint8Array): boolean {
  return will.topic === topic && Buffer.compare(will.payload.subarray(0, mostPayload), payload) === 0
}

function willOf({ number, reason, topic, type }: WillEvidence): Will {
  return { what: type === 'will published' ? 'published' : 'dropped', reason, number, topic }
}

function describe({ reason, topic, what }: Will): string {
  if (what === 'given') return `it was given to a subscriber of ${topic}`
  const to = what === 'published' ? ` to ${topic}` : ''
  return `it was ${what}${to}${reason === '' ? '' : `: ${reason}`}`
}
