import type { Clock } from '../../../app/base/clock.ts'
import { type Disposable, DisposableStore } from '../../../app/base/disposable.ts'
import { Emitter } from '../../../app/base/emitter.ts'
import { FaultlineError } from '../../../app/base/errors.ts'
import { formatDuration } from '../../../app/device/duration-words.ts'
import { matchesTopic } from '../../../app/handshake/topic-tree.ts'
import type { ScenarioPlan } from '../../../app/scenario/plan.ts'
import type { Ask, Subject } from '../../../app/script-api/scenario-crossing.ts'
import type { ArrivedMessage, Bench, SeenWills } from '../bench.ts'
import type { Evidence } from '../evidence.ts'
import type { Concern } from '../failures.ts'
import { ArrivalLog, type Source } from './arrivals.ts'
import { type BrokenScripts, brokenScripts } from './broken-scripts.ts'
import { DeviceLives } from './device-lives.ts'
import { ExchangeIndex } from './exchange-index.ts'
import { clientIdOf, type Ground } from './ground.ts'
import { decide, type Packets } from './question.ts'
import { questionOf } from './question-of.ts'
import { seenWills } from './wills.ts'

export type ExpectAsk = Extract<Ask, { do: 'expect' }>

/** Whether an expectation has held, and what is said of it. */
export interface Judgement {
  readonly held: boolean
  /** Such as `expect(pump-01.will).toBePublished`. */
  readonly what: string
  readonly expected: string
  /** What held it, or what came instead. */
  readonly received: string
  /** What it is about, as numbers of records; undefined where nothing was captured. */
  readonly packets: Packets | undefined
  /** Whose packets show it; undefined is everybody's. */
  readonly concern?: Concern | undefined
}

/** Judges what a scenario expects, by what was on the wire, and what broker and devices say of themselves. */
export interface Expectations extends Disposable {
  /**
   * Resolves when it has held, or cannot hold any more, or its time is up.
   *
   * @throws FaultlineError `wrong-state` for what only our own broker can tell, where it is another; `invalid-argument`,
   * `not-found` for what makes no sense; `connection-closed` where this is disposed of first
   */
  judge(ask: ExpectAsk): Promise<Judgement>
  /**
   * Begins to write down what a client receives by these filters: before it subscribes, because what the broker has retained
   * can come in one segment with SUBACK.
   *
   * @returns the number of the watch
   */
  watch(client: string, filters: readonly string[]): number
  /**
   * How many messages a watch has received, and the newest 1000 of them.
   *
   * @throws FaultlineError `not-found` where there is no such watch
   */
  readWatch(watch: number): { readonly count: number; readonly messages: readonly ArrivedMessage[] }
  /** Takes in how a device is before something is done to it. */
  lookAtDevice(id: string): void
  /** The next failure of this device's script is one that the scenario asks for, or else is not. */
  noteCrash(device: string, isAsked: boolean): void
  /** What devices' scripts have failed with until now although nobody has expected it. */
  brokenScripts(): readonly BrokenScripts[]
  /** The wills that a target was seen to publish; undefined where our own broker says itself which it has. */
  seenWills(): SeenWills | undefined
}

export interface ExpectationOptions {
  readonly bench: Bench
  readonly evidence: Evidence
  readonly clock: Clock
  readonly plan: ScenarioPlan
  /** Monotonic time in nanoseconds at which the run began. */
  readonly startedAt: number
}

export function createExpectations(options: ExpectationOptions): Expectations {
  return new OwnExpectations(options)
}

/** How long an expectation waits where it does not say, in milliseconds. */
const usually = 5000
const mostRead = 1000
/** Where it is not known which packets it is about: the last so many, if that is more than what came meanwhile. */
const packetsBefore = 20

interface Watch extends Source {
  readonly client: string
  count: number
}

class OwnExpectations implements Expectations {
  readonly #ground: Ground
  readonly #received = new Map<string, ArrivalLog>()
  readonly #handled = new Map<string, ArrivalLog>()
  readonly #watches: Watch[] = []
  readonly #arrived = new Emitter<void>()
  readonly #waiting = new Set<Disposable>()
  readonly #disposables = new DisposableStore()
  readonly #nothing = new Set<number>()
  readonly #startedAt: number

  constructor({ bench, clock, evidence, plan, startedAt }: ExpectationOptions) {
    this.#startedAt = startedAt
    const exchanges = this.#disposables.add(new ExchangeIndex(evidence))
    const lives = this.#disposables.add(new DeviceLives(bench, clock))
    const target = bench.broker.own ? undefined : (plan.target ?? 'the target')
    const spent = { wills: new Map(), refusals: new Map(), reconnects: new Map(), failures: new Map() }
    this.#ground = { bench, clock, evidence, exchanges, lives, target, spent, onArrived: this.#arrived.event }
    this.#disposables.add(bench.clients.onReceived(({ client, ...message }) => this.#receive(client, message)))
    this.#disposables.add(
      bench.devices.onHandled(({ device, ...message }) => {
        this.#logOf(this.#handled, device).add(message, clock.monotonic())
        this.#arrived.fire()
      }),
    )
  }

  watch(client: string, filters: readonly string[]): number {
    const log = this.#logOf(this.#received, client)
    const plain = filters.map(withoutShare)
    const belongs = ({ topic }: { readonly topic: string }) => plain.some((filter) => matchesTopic(filter, topic))
    this.#watches.push({ client, log, from: log.next, belongs, taken: new Set(), count: 0 })
    return this.#watches.length
  }

  readWatch(watch: number): { count: number; messages: ArrivedMessage[] } {
    const { belongs, count, from, log } = this.#watchOf(watch)
    const messages: ArrivedMessage[] = []
    for (let at = log.next - 1; at >= Math.max(from, log.oldest) && messages.length < mostRead; at--) {
      const message = log.at(at)?.message
      if (message !== undefined && belongs(message)) messages.push(message)
    }
    return { count, messages: messages.reverse() }
  }

  lookAtDevice(id: string): void {
    this.#ground.lives.look(id)
  }

  noteCrash(device: string, isAsked: boolean): void {
    this.#ground.lives.noteCrash(device, isAsked)
  }

  brokenScripts(): BrokenScripts[] {
    return brokenScripts(this.#ground)
  }

  seenWills(): SeenWills | undefined {
    return seenWills(this.#ground)
  }

  async judge({ expectation, soft, subject, within = usually }: ExpectAsk): Promise<Judgement> {
    const { clock, evidence } = this.#ground
    const asked = evidence.next
    const question = questionOf(this.#ground, subject, expectation, (of) => this.#sourceOf(of))
    const settled = () => evidence.settled()
    const { held, packets, received } = await decide(question, { clock, within, settled, until: this.#waiting })
    return {
      held,
      what: `expect${soft ? '.soft' : ''}(${nameOf(subject)}).${expectation.matcher}`,
      expected: `${question.expected}, within ${formatDuration(within)}`,
      received,
      packets: packets ?? around(asked, evidence.next - 1),
      concern: this.#concernOf(subject),
    }
  }

  dispose(): void {
    for (const waiting of [...this.#waiting]) waiting.dispose()
    this.#disposables.dispose()
    this.#arrived.dispose()
  }

  #receive(client: string, message: ArrivedMessage): void {
    this.#logOf(this.#received, client).add(message, this.#ground.clock.monotonic())
    for (const watch of this.#watches) {
      if (watch.client === client && watch.belongs(message)) watch.count += 1
    }
    this.#arrived.fire()
  }

  #sourceOf(subject: Subject): { readonly source: Source; readonly clientId: string } {
    if (subject.is === 'watch') {
      const watch = this.#watchOf(subject.watch)
      return { source: watch, clientId: watch.client }
    }
    const id = 'id' in subject ? subject.id : ''
    const log = this.#logOf(this.#handled, id)
    // What a script has handled is given to every expectation.
    return {
      source: { log, from: 0, belongs: () => true, taken: this.#nothing },
      clientId: clientIdOf(this.#ground, id),
    }
  }

  #logOf(logs: Map<string, ArrivalLog>, id: string): ArrivalLog {
    const known = logs.get(id)
    if (known !== undefined) return known
    const log = new ArrivalLog(this.#startedAt)
    logs.set(id, log)
    return log
  }

  #concernOf(subject: Subject): Concern | undefined {
    if (subject.is === 'watch') {
      const { belongs, client } = this.#watchOf(subject.watch)
      return { clients: [client], about: (topic) => belongs({ topic }) }
    }
    if (!('id' in subject)) return undefined
    return { clients: [clientIdOf(this.#ground, subject.id)], about: () => false }
  }

  #watchOf(number: number): Watch {
    const watch = this.#watches[number - 1]
    if (watch !== undefined) return watch
    throw new FaultlineError({ code: 'not-found', message: `there is no watch ${number}` })
  }
}

/** What a shared subscription is about [MQTT 5 §4.8.2]. */
function withoutShare(filter: string): string {
  return filter.replace(/^\$share\/[^/]+\//, '')
}

function nameOf(subject: Subject): string {
  switch (subject.is) {
    case 'watch':
    case 'broker':
      return subject.is
    case 'fleet':
      return `fleets.${subject.group}`
    case 'device':
    case 'client':
      return subject.id
    default:
      return `${subject.id}.${subject.is}`
  }
}

function around(asked: number, last: number): Packets | undefined {
  return last < 1 ? undefined : { first: Math.max(1, Math.min(asked, last - packetsBefore + 1)), last }
}
