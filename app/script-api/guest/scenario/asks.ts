import { mistake } from '../../mistake.ts'
import type { Answer, Ask, Place, ScenarioAsk } from '../../scenario-crossing.ts'
import { ExpectationError, RefusedError } from './errors.ts'

interface Waiting {
  /** Where the script made the call: an error that comes later is shown there. */
  readonly stack: string | undefined
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** Calls that nobody awaits, without end, have most likely been forgotten. */
const most = 10_000

type Send = (message: ScenarioAsk, octets?: ArrayBuffer) => void

/** The guest's half of what a scenario asks for: numbers the calls, says where they stand, settles their promises. */
export class Asks {
  readonly #send: Send
  readonly #waiting = new Map<number, Waiting | undefined>()
  #last = 0
  #open = 0
  #deferred: (() => void) | undefined
  #quiet: (() => void) | undefined

  constructor(send: Send) {
    this.#send = send
  }

  /**
   * Asks at once. A mistake in the arguments rejects the promise, as everything else that goes wrong with a call does.
   *
   * @param make checks the arguments
   * @param read what the call gives, of what the host has answered
   * @param stack where the call stands
   */
  ask<Value>(
    make: () => Ask | readonly [Ask, ArrayBuffer | undefined],
    read: (value: unknown) => Value,
    stack: string | undefined = new Error().stack,
  ): Promise<Value> {
    return new Promise((resolve, reject) => {
      const made = make()
      const [ask, octets] = 'do' in made ? [made, undefined] : made
      this.#post(ask, octets, { stack, resolve: (value) => resolve(read(value)), reject })
    })
  }

  /** Asks for something that nobody waits for. */
  tell(ask: Ask): void {
    this.#post(ask, undefined, undefined, new Error().stack)
  }

  /** What is to be asked as soon as anything else is, or the running code awaits something. */
  defer(run: () => void): void {
    this.#flush()
    this.#deferred = run
    void Promise.resolve().then(() => {
      if (this.#deferred === run) this.#flush()
    })
  }

  settle(call: number, answer: Answer): void {
    const waiting = this.#waiting.get(call)
    if (!this.#waiting.delete(call)) return
    if (waiting !== undefined) settleWith(waiting, answer)
    this.end()
  }

  /** Something is unfinished that is more than one call. */
  begin(): void {
    this.#open++
  }

  end(): void {
    this.#open--
    if (this.#open === 0) this.#quiet?.()
  }

  /** Calls back now, if nothing is unfinished, and whenever nothing is unfinished any more. */
  whenQuiet(run: () => void): void {
    this.#flush()
    this.#quiet = run
    if (this.#open === 0) run()
  }

  #flush(): void {
    const run = this.#deferred
    this.#deferred = undefined
    run?.()
  }

  #post(ask: Ask, octets: ArrayBuffer | undefined, waiting: Waiting | undefined, stack = waiting?.stack): void {
    this.#flush()
    if (this.#waiting.size >= most)
      throw mistake(`${most} calls are unfinished at once, more cannot be made; await some`)
    const call = ++this.#last
    this.#waiting.set(call, waiting)
    this.begin()
    const place = stack === undefined ? undefined : placeOf(stack)
    this.#send({ call, ...(place === undefined ? {} : { place }), ask }, octets)
  }
}

function settleWith({ reject, resolve, stack }: Waiting, answer: Answer): void {
  if (answer.type === 'done') {
    resolve(answer.value)
    return
  }
  const error = answer.type === 'failed' ? new ExpectationError(answer.message) : new RefusedError(answer.message)
  if (stack !== undefined) error.stack = stack
  reject(error)
}

/** The first frame that is not of our own library, nor of the language. */
export function placeOf(stack: string): Place | undefined {
  for (const frame of stack.split('\n')) {
    const bare = /^\s*at (?:.*? \((.+)\)|(.+))$/.exec(frame)
    const [, file, line, column] = /^(.+):(\d+):(\d+)$/.exec(bare?.[1] ?? bare?.[2] ?? '') ?? []
    if (file !== undefined && file !== 'faultline') return { file, line: Number(line), column: Number(column) }
  }
  return undefined
}

/** For calls that give nothing. */
export function nothing(): void {}
