import type { Clock } from '../../app/base/clock.ts'
import { DisposableStore } from '../../app/base/disposable.ts'
import { Emitter } from '../../app/base/emitter.ts'
import { FaultlineError } from '../../app/base/errors.ts'
import type { Malformation } from '../../app/mqtt/framer.ts'
import { summarize } from '../../app/mqtt/summary.ts'
import type { ObservedEnd } from '../../app/scenario/replay-observation.ts'
import { type Inbound, isSystemMessage, mostObserved } from '../../app/scenario/replay-observer.ts'
import type { ReplayedConnection, ReplayPlan, ReplayStep } from '../../app/scenario/replay-plan.ts'
import { type AnswerStep, type ReceiveStep, ReplayMatcher, replyTo } from '../../app/scenario/replay-replies.ts'
import { ReplayClient } from './replay-client.ts'
import type { ReplayWatch } from './replay-watch.ts'
import { ReplyQueue } from './reply-queue.ts'

export interface ConductorOptions {
  readonly plan: ReplayPlan
  readonly clock: Clock
  /** Where clients connect; a Link is behind it. */
  readonly address: { readonly host: string; readonly port: number }
  /** URL of another broker that is behind the Links; undefined where it is our own. */
  readonly target: string | undefined
  /** How many times as fast as it was; `max` is as fast as one thing can follow from the other. */
  readonly speed: number | 'max'
  readonly watch: ReplayWatch
  /** Ends it early. */
  readonly signal: AbortSignal
  /** A step is done, of so many. */
  readonly progress: (done: number, of: number) => void
}

/** How long to wait for what came then, in milliseconds; once it was in vain, so long for what else comes to that client. */
const patienceMs = 2000
const shortPatienceMs = 100
/** The Link gives a target up before. */
const mostDialMs = 60_000
/** At the end: so long nothing may come, and so long to wait for that, in milliseconds. */
const quietMs = 200
const mostQuietMs = 3000

/**
 * Plays a plan: each step at its time, and not before what came to the clients by then has come. So what follows from an
 * answer follows from it again, however fast or slow the broker is. What does not come is waited for in vain for a while.
 */
export class ReplayConductor {
  readonly #options: ConductorOptions
  readonly #matcher: ReplayMatcher
  readonly #connections: ReadonlyMap<number, ReplayedConnection>
  readonly #clients = new Map<number, ReplayClient>()
  readonly #inbound = new Map<string, Inbound>()
  readonly #ends = new Map<number, ObservedEnd>()
  /** Positions of steps: what has come, and answers that were given or need not be. */
  readonly #came = new Set<number>()
  readonly #answered = new Set<number>()
  readonly #impatient = new Set<number>()
  readonly #changed = new Emitter<void>()
  readonly #ties = new DisposableStore()
  /** The client that has sent something last. */
  #last: ReplayClient | undefined
  #lastCameAt = 0
  /** The target was there once. */
  #hasReached = false
  /** Answers that are about to be given, in their order. */
  readonly #replies = new Map<ReplayClient, ReplyQueue>()

  constructor(options: ConductorOptions) {
    this.#options = options
    this.#matcher = new ReplayMatcher(options.plan)
    this.#connections = new Map(options.plan.connections.map((connection) => [connection.number, connection]))
    this.#ties.add(options.watch.onChanged(() => this.#changed.fire()))
  }

  /**
   * Plays it to its end, or until it is stopped. Connections that were open at the end of the recording are open then.
   *
   * @throws FaultlineError `connection-closed` where the target cannot be reached
   */
  async run(): Promise<void> {
    const { clock, plan, progress, signal } = this.#options
    const onAbort = () => this.#changed.fire()
    signal.addEventListener('abort', onAbort)
    try {
      const start = clock.monotonic()
      for (const [position, step] of plan.steps.entries()) {
        await this.#due(start, step.at)
        if (signal.aborted) return
        await this.#play(step, position)
        progress(position + 1, plan.steps.length)
      }
      await this.#settle()
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** The client of a connection; undefined where it was not come to. */
  client(connection: number): ReplayClient | undefined {
    return this.#clients.get(connection)
  }

  /** How a connection has ended, by now. */
  endOf(connection: number): ObservedEnd {
    const client = this.#clients.get(connection)
    if (client === undefined) return { by: 'nobody' }
    return this.#ends.get(connection) ?? client.observedEnd(this.#options.watch.get(client.remote)?.cut)
  }

  /** Lets go of all connections. */
  async close(): Promise<void> {
    this.#ties.dispose()
    await Promise.all([...this.#clients.values()].map((client) => client.close()))
    this.#changed.dispose()
  }

  async #play(step: ReplayStep, position: number): Promise<void> {
    if (step.do === 'open') return this.#open(step.connection)
    const client = this.#clients.get(step.connection) as ReplayClient
    switch (step.do) {
      case 'send':
        await this.#taken(client)
        this.#last = client
        return client.send(step.octets, step.wellFormed)
      case 'receive':
        if (!step.expected) return
        await this.#reached(client)
        await this.#wait(step.connection, () => client.isOver || this.#came.has(position))
        return
      case 'answer':
        // What it answers has been waited for.
        if (!this.#came.has(step.to)) return client.leaveOut()
        await this.#until(() => client.isOver || this.#answered.has(position), Number.POSITIVE_INFINITY)
        return
      case 'end':
        await this.#taken(client)
        return client.end(step.how)
      case 'ended':
        if (await this.#wait(step.connection, () => client.isOver)) return
        this.#ends.set(step.connection, { by: 'nobody' })
        client.end('fin')
    }
  }

  async #open(number: number): Promise<void> {
    const { address, watch } = this.#options
    const connection = this.#connections.get(number) as ReplayedConnection
    await this.#taken(undefined)
    const client = new ReplayClient(connection, address, this.#inboundOf(number, connection.clientId), {
      packet: (of, octets, malformed) => this.#packet(of, octets, malformed),
      changed: () => this.#changed.fire(),
    })
    this.#clients.set(number, client)
    await client.ready()
    await this.#wait(number, () => client.isOver || watch.get(client.remote) !== undefined)
  }

  /** A target is called when a client has sent something, and may take longer than what it says when it is there. */
  async #reached(client: ReplayClient): Promise<void> {
    const { target, watch } = this.#options
    const seen = () => watch.get(client.remote)
    if (target === undefined || client.octets === 0) return
    const isTold = () => client.isOver || seen()?.isReached === true || seen()?.failure !== undefined
    await this.#until(isTold, mostDialMs)
    const failure = seen()?.failure
    this.#hasReached ||= seen()?.isReached === true
    // Where it was there before, that it is gone is for the report.
    if (failure === undefined || this.#hasReached) return
    throw new FaultlineError({
      code: 'connection-closed',
      message: `${target} could not be reached: ${failure}`,
      hint: 'check --target, and that a broker runs there',
    })
  }

  /** A client goes on with its Session on another connection. */
  #inboundOf(number: number, clientId: string): Inbound {
    const key = clientId === '' ? `#${number}` : `=${clientId}`
    const inbound = this.#inbound.get(key) ?? new Map()
    this.#inbound.set(key, inbound)
    return inbound
  }

  #packet(client: ReplayClient, octets: Uint8Array, malformed: Malformation | false): void {
    const { clock, plan } = this.#options
    const { number, version } = client.connection
    this.#lastCameAt = clock.monotonic()
    const observed = client.observer.received(octets.subarray(0, mostObserved), octets.length, malformed)
    const position = isSystemMessage(observed) ? undefined : this.#matcher.take(number, observed.identity)
    if (position !== undefined) this.#came.add(position)
    const answerAt = position === undefined ? undefined : this.#matcher.answerTo(position)
    const step = position === undefined ? undefined : (plan.steps[position] as ReceiveStep)
    const answer = answerAt === undefined ? undefined : (plan.steps[answerAt] as AnswerStep)
    const reply = malformed === false ? replyTo(summarize(octets, version), version, step, answer) : undefined
    const settled = () => {
      if (answerAt !== undefined) this.#answered.add(answerAt)
      this.#changed.fire()
    }
    if (reply === undefined) settled()
    else this.#reply(client, reply, answer?.after ?? 0, settled)
  }

  #reply(client: ReplayClient, reply: Uint8Array, after: number, settled: () => void): void {
    const { clock, speed } = this.#options
    const queue = this.#replies.get(client) ?? this.#ties.add(new ReplyQueue(clock))
    this.#replies.set(client, queue)
    queue.add(speed === 'max' ? 0 : after / speed, () => {
      void client.send(reply, true)
      settled()
    })
  }

  /** What one client has sent has come to its Link, before another one does something: so they keep their order. */
  async #taken(next: ReplayClient | undefined): Promise<void> {
    const last = this.#last
    if (last === undefined || last === next) return
    const { watch } = this.#options
    await this.#wait(last.connection.number, () => {
      return last.isOver || (watch.get(last.remote)?.octets ?? 0) >= last.octets
    })
  }

  /** Waits until a step is due. */
  async #due(start: number, at: number): Promise<void> {
    const { clock, signal, speed } = this.#options
    if (speed === 'max') return
    const left = at / speed - (clock.monotonic() - start) / 1e6
    if (left >= 1) await this.#until(() => signal.aborted, left)
  }

  /** Waits for something that concerns a connection; false where it was in vain. */
  async #wait(connection: number, condition: () => boolean): Promise<boolean> {
    const held = await this.#until(condition, this.#impatient.has(connection) ? shortPatienceMs : patienceMs)
    if (!held) this.#impatient.add(connection)
    return held
  }

  /** Nothing comes any more, and nothing is owed. */
  async #settle(): Promise<void> {
    const { clock, signal } = this.#options
    const start = clock.monotonic()
    const quietAt = () => Math.max(this.#lastCameAt, start) + quietMs * 1e6
    while (!signal.aborted) {
      const now = clock.monotonic()
      if (now > start + mostQuietMs * 1e6) return
      if (now >= quietAt() && [...this.#replies.values()].every(({ empty }) => empty)) return
      await this.#until(() => signal.aborted, Math.max((quietAt() - now) / 1e6, 5))
    }
  }

  /** Settles when the condition holds, it was stopped, or after so many milliseconds; says whether it holds. */
  async #until(condition: () => boolean, ms: number): Promise<boolean> {
    if (condition()) return true
    const { clock, signal } = this.#options
    return await new Promise((resolve) => {
      const ties = new DisposableStore()
      const settle = (holds: boolean) => {
        ties.dispose()
        resolve(holds)
      }
      const look = () => {
        if (condition()) settle(true)
        else if (signal.aborted) settle(false)
      }
      ties.add(this.#changed.event(look))
      if (ms !== Number.POSITIVE_INFINITY) ties.add(clock.after(ms, () => settle(condition())))
      look()
    })
  }
}
