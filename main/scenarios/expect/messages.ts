import { FaultlineError } from '../../../app/base/errors.ts'
import { describeWanted, type MessageMatch } from '../../../app/scenario/match-message.ts'
import type { MessagePattern } from '../../../app/script-api/scenario-crossing.ts'
import { mostKept, type Source } from './arrivals.ts'
import type { Ground } from './ground.ts'
import { counted, describeFound, describeMissing } from './message-words.ts'
import { readMessage } from './patterns.ts'
import { grace, type Look, type Question } from './question.ts'
import { Tally } from './tally.ts'

export interface HowOften {
  readonly exactly?: number | undefined
  readonly atLeast?: number | undefined
  readonly never?: boolean | undefined
}

/** Nothing more may come for so long after the last, in milliseconds. */
const silence = grace

type MessageGround = Pick<Ground, 'clock' | 'evidence' | 'exchanges' | 'onArrived'>

/** `toReceive` and `toHandle`: messages that have arrived at somebody. */
export class MessageQuestion implements Question {
  readonly expected: string
  readonly changes: Question['changes']
  readonly #ground: MessageGround
  readonly #source: Source
  readonly #clientId: string
  readonly #often: HowOften
  readonly #patterns: readonly MessageMatch[]
  readonly #tally: Tally
  readonly #takes: boolean
  readonly #inOrder: boolean
  /** Monotonic time in nanoseconds at which a handshake that could bring one more was seen unfinished. */
  #unfinishedAt = Number.NEGATIVE_INFINITY

  /** @param options.clientId whose handshakes may bring more */
  constructor(
    ground: MessageGround,
    options: {
      readonly source: Source
      readonly clientId: string
      readonly wanted: readonly MessagePattern[]
      readonly often: HowOften
      readonly inOrder: boolean
      readonly takes: boolean
      readonly verb: string
    },
  ) {
    const { clientId, inOrder, often, source, takes, verb, wanted } = options
    this.#ground = ground
    this.#source = source
    this.#clientId = clientId
    this.#often = often
    this.#takes = takes
    this.#inOrder = inOrder
    this.#patterns = wanted.map(readMessage)
    const times = often.exactly ?? often.atLeast ?? 1
    checkRoom(times * wanted.length)
    this.#tally = new Tally(source, this.#patterns, times, inOrder)
    this.expected = `${describeAll(wanted, inOrder)}${describeOften(often)}${verb}`
    this.changes = [ground.onArrived, ground.evidence.onMore]
  }

  /** What was forgotten before it could be looked at may have been of the kind. */
  get inTheEnd(): 'held' | 'failed' {
    return this.#often.never === true && this.#tally.unseen === 0 ? 'held' : 'failed'
  }

  look(): Look {
    const tally = this.#tally
    tally.update()
    if (this.#often.never === true) return this.#none()
    if (this.#often.exactly !== undefined && tally.isExceeded) return this.#tooMany()
    if (!tally.isComplete) {
      return { is: 'open', received: () => this.#withGap(describeMissing(this.#source, tally, this.#patterns)) }
    }
    const received = () => this.#withGap(describeFound(this.#source, tally.matched))
    if (this.#often.exactly === undefined) return { is: 'held', received }
    if (tally.unseen > 0) return { is: 'open', received }
    const left = this.#untilQuiet()
    return left > 0 ? { is: 'settling', received, again: left } : { is: 'held', received }
  }

  take(): void {
    if (!this.#takes) return
    for (const number of this.#tally.matched) this.#source.taken.add(number)
  }

  #none(): Look {
    const { fitting, isComplete } = this.#tally
    const hasCome = this.#inOrder ? isComplete : fitting.length > 0
    const received = () =>
      fitting.length === 0
        ? this.#withGap('nothing of the kind came')
        : this.#withGap(describeFound(this.#source, fitting))
    return { is: hasCome ? 'failed' : 'open', received }
  }

  #withGap(text: string): string {
    const { unseen } = this.#tally
    return unseen === 0
      ? text
      : `${text}. ${counted(unseen, 'message')} could not be looked at: only the newest are kept`
  }

  #tooMany(): Look {
    const { fitting } = this.#tally
    const received = () =>
      `${counted(fitting.length, 'message')} of the kind came: ${describeFound(this.#source, fitting)}`
    return { is: 'failed', received }
  }

  /** Milliseconds that nothing more may come before it is certain that nothing will. */
  #untilQuiet(): number {
    const { clock, exchanges } = this.#ground
    const now = clock.monotonic()
    const couldBring = (topic: string) => this.#patterns.some((pattern) => pattern.fitsTopic(topic))
    if (exchanges.isUnfinished(this.#clientId, couldBring)) this.#unfinishedAt = now
    const newest = this.#source.log.at(this.#tally.fitting.at(-1) ?? -1)?.at ?? 0
    return silence - (now - Math.max(newest, this.#unfinishedAt)) / 1e6
  }
}

/** @throws FaultlineError `invalid-argument` for more messages than there are to look at */
function checkRoom(wanted: number): void {
  if (wanted <= mostKept.messages) return
  throw new FaultlineError({
    code: 'invalid-argument',
    message: `${wanted} messages cannot be expected: the newest ${mostKept.messages} of each client are kept`,
    hint: "count them with a threshold, such as 'messages.delivered', or with the watch's count()",
  })
}

function describeAll(wanted: readonly MessagePattern[], inOrder: boolean): string {
  const [first, ...others] = wanted.map(describeWanted)
  return others.length === 0 ? `${first}` : `${[first, ...others].join(inOrder ? ', then ' : ', and ')}`
}

function describeOften({ atLeast, exactly, never }: HowOften): string {
  if (never === true) return ' never'
  if (exactly !== undefined) return ` exactly ${times(exactly)}`
  return atLeast === undefined || atLeast === 1 ? '' : ` at least ${times(atLeast)}`
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}
