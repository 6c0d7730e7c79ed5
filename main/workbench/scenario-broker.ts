import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../app/base/clock.ts'
import { closest } from '../../app/base/closest.ts'
import { DisposableStore } from '../../app/base/disposable.ts'
import { Emitter } from '../../app/base/emitter.ts'
import { FaultlineError } from '../../app/base/errors.ts'
import { reasonName } from '../../app/mqtt/decode-codes.ts'
import type { NetworkConnection } from '../../app/mqtt/network-connection.ts'
import type { ScenarioPlan } from '../../app/scenario/plan.ts'
import type { BrokerOrder } from '../../app/script-api/scenario-crossing.ts'
import type { SessionSnapshot } from '../../app/session/session-snapshot.ts'
import type { Access } from '../broker/access/access.ts'
import { freeAccess } from '../broker/access/free-access.ts'
import type { RefusalOrder } from '../broker/access/refusals.ts'
import type { StoreChoice } from '../broker/stores/open-store.ts'
import type { BrokerLosses } from '../scenarios/bench.ts'
import type { BrokerSettings } from '../workspace/broker-settings.ts'
import { makeRunFolder, removeDeadFolders } from './dead-folders.ts'
import { Lifeline } from './lifeline.ts'
import { OwnBroker, type Road, type Surroundings } from './own-broker.ts'
import { settingsOf } from './planned-broker.ts'
import { TurnedAway } from './turned-away.ts'

export interface ScenarioBrokerOptions {
  readonly clock: Clock
  readonly plan: ScenarioPlan
  /** Path of the workspace. */
  readonly workspace: string
  /** The Client Identifier that is let in whatever the settings say. */
  readonly observer: string
  readonly between: ((end: NetworkConnection) => NetworkConnection) | undefined
  readonly log: (line: string) => void
}

/** A broker that runs. */
interface Life {
  readonly own: OwnBroker
  readonly line: Lifeline
  readonly ties: DisposableStore
}

const noLosses: BrokerLosses = { queueFull: 0, expired: 0, tooLarge: 0, sessionEnded: 0 }
/** Who is said to have done it. */
const scenario = 'the scenario'
/** How long another program may have the broker's port when it is to start again, in milliseconds. */
const portPatience = 2000

/** The broker of a scenario: it can be stopped, killed and started again on its port, with what its store has kept. */
export class ScenarioBroker {
  readonly #options: ScenarioBrokerOptions
  readonly #store: StoreChoice
  readonly #turnedAway: TurnedAway
  /** Of the store; undefined where it is in memory. */
  readonly #folder: string | undefined
  readonly #sessions = new Emitter<void>()
  readonly onSessions = this.#sessions.event
  /** Of the lives that are over. */
  #losses = noLosses
  #settings: BrokerSettings
  #road: Road | undefined
  #life: Life | undefined
  #port = 0
  /** What is refused on purpose, while it does not run: a broker that starts again goes on with it. */
  #refusals: readonly RefusalOrder[] = []
  /** Orders are carried out one after the other. */
  #queue: Promise<unknown> = Promise.resolve()
  #closed = false

  /** @throws FaultlineError as `settingsOf` and `OwnBroker.start` */
  static async open(options: ScenarioBrokerOptions): Promise<ScenarioBroker> {
    const settings = settingsOf(options.plan.broker)
    const keeps = options.plan.broker.store === 'level'
    if (keeps) await removeDeadFolders({ log: options.log })
    const folder = keeps ? await makeRunFolder() : undefined
    const broker = new ScenarioBroker(options, settings, folder)
    try {
      await broker.#start()
    } catch (error) {
      await broker.close()
      throw error
    }
    return broker
  }

  private constructor(options: ScenarioBrokerOptions, settings: BrokerSettings, folder: string | undefined) {
    this.#options = options
    this.#settings = settings
    this.#turnedAway = new TurnedAway(options.log)
    this.#folder = folder
    this.#store = folder === undefined ? { type: 'memory' } : { type: 'level', folder: join(folder, 'store') }
  }

  /** The same for all of its lives. */
  get url(): string {
    return `mqtt://127.0.0.1:${this.#port}`
  }

  /** From now on whoever connects gets a Link to it. */
  lead(road: Road): void {
    this.#road = road
    if (this.#life !== undefined) this.#lead(this.#life, road)
  }

  /** Empty while it does not run. */
  sessions(): SessionSnapshot[] {
    return this.#life?.own.engine.sessions() ?? []
  }

  get running(): boolean {
    return this.#life !== undefined
  }

  /** What it has never sent, in all of its lives. */
  losses(): BrokerLosses {
    return sumOf(this.#losses, this.#life?.own.engine.counters.assured ?? noLosses)
  }

  /**
   * Carries out an order, after those that were given before.
   *
   * @throws FaultlineError `wrong-state` where the broker runs, or does not; `not-found` for a Session; `invalid-argument`
   * for the name of a Reason Code
   */
  order(order: BrokerOrder, payload: Uint8Array | undefined): Promise<void> {
    const done = this.#queue.then(() => this.#carryOut(order, payload))
    this.#queue = done.catch(() => undefined)
    return done
  }

  /** Ends it as `kill` does, and removes what it has stored. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#queue
    if (this.#life !== undefined) await this.#die(this.#life, 'the scenario is over')
    this.#turnedAway.end()
    this.#sessions.dispose()
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true })
  }

  async #carryOut(order: BrokerOrder, payload: Uint8Array | undefined): Promise<void> {
    if (this.#closed) throw wrongState('the scenario is over')
    switch (order.order) {
      case 'start':
        if (this.#life !== undefined) throw wrongState('the broker runs already')
        this.#say('broker started')
        return this.#startAgain()
      case 'stop':
        return this.#stop(this.#running())
      case 'kill': {
        const life = this.#running()
        this.#say('broker killed')
        return this.#die(life, 'the broker was killed')
      }
      case 'refuse':
        return this.#refuse(order)
      case 'accept':
        this.#refusals = []
        this.#life?.own.engine.refuse(undefined)
        return
      case 'maxConnections': {
        const { limits } = this.#settings
        this.#settings = { ...this.#settings, limits: { ...limits, maxConnections: order.count } }
        this.#life?.own.engine.changeLimits({ maxConnections: order.count })
        return
      }
      case 'expireSession':
        this.#running().own.engine.expireSession(order.id)
        return
      case 'publish': {
        const { qos, retain, text, topic } = order
        const octets = payload ?? new TextEncoder().encode(text ?? '')
        this.#running().own.engine.publish({ topic, payload: octets, qos, retain })
      }
    }
  }

  #running(): Life {
    if (this.#life !== undefined) return this.#life
    throw wrongState('the broker does not run', 'start it first, with broker.start()')
  }

  #refuse({ clients, reason, times }: Extract<BrokerOrder, { order: 'refuse' }>): void {
    const order: RefusalOrder = { code: codeOf(reason), reason: `${scenario} has it refused`, clients, times }
    // The oldest order that is about a client counts: what is said of the same ones now takes its place.
    this.#refusals = [...this.#refusals.filter((standing) => standing.clients !== clients), order]
    if (this.#life === undefined) return
    const { refusals } = this.#life.own.engine
    for (const standing of refusals.list()) if (standing.clients === clients) refusals.remove(standing.id)
    refusals.add(order)
  }

  /** For the capture: something happens to the broker that it did not do by itself. */
  #say(what: string): void {
    this.#road?.tap.event(0, { type: 'fault', what, by: scenario })
  }

  async #start(): Promise<void> {
    const { clock, between, log, observer, plan, workspace } = this.#options
    const line = new Lifeline()
    const around: Surroundings = {
      // Without a word of the scenario the users of the workspace are nobody's business here.
      access: (access) => letIn(observer, plan.broker.access === undefined ? freeAccess : access),
      store: (store) => line.store(store),
      end: (end) => line.end(between?.(end) ?? end),
      turnedAway: (who, reason) => {
        if (!line.isCut) this.#turnedAway.add(who, reason)
      },
    }
    const own = await OwnBroker.start({
      clock,
      workspace,
      settings: this.#settings,
      host: '127.0.0.1',
      ports: { mqtt: this.#port },
      store: this.#store,
      seed: plan.seed,
      around,
      log: (text) => {
        if (!line.isCut) log(text)
      },
    })
    const [url = ''] = own.urls
    this.#port = Number(new URL(url).port)
    for (const order of this.#refusals) own.engine.refusals.add(order)
    const life: Life = { own, line, ties: new DisposableStore() }
    this.#life = life
    life.ties.add(own.engine.onSessions(() => this.#sessions.fire()))
    if (this.#road !== undefined) this.#lead(life, this.#road)
  }

  /** The port was free for a while: another program may have it, perhaps only for a moment. */
  async #startAgain(): Promise<void> {
    const { clock } = this.#options
    const deadline = clock.monotonic() + portPatience * 1e6
    for (;;) {
      try {
        await this.#start()
        break
      } catch (error) {
        if (!(error instanceof FaultlineError) || error.code !== 'port-in-use') throw error
        if (this.#closed || clock.monotonic() > deadline) throw taken(this.#port, error)
        await new Promise<void>((resolve) => clock.after(50, resolve))
      }
    }
    this.#sessions.fire()
  }

  /** What waits in Sessions that nobody will find again. */
  #forgottenBy({ own }: Life): number {
    let count = 0
    for (const { session } of own.engine.keeper.all()) {
      if (this.#store.type === 'memory' || !session.isKept) count += session.outgoing.assured
    }
    return count
  }

  #lead({ own, ties }: Life, road: Road): void {
    ties.add(own.lead(road))
  }

  async #stop(life: Life): Promise<void> {
    this.#say('broker stopped')
    await life.own.stopListening()
    // What becomes of wills is still heard.
    await life.own.engine.close()
    this.#leave(life)
  }

  async #die(life: Life, reason: string): Promise<void> {
    const closed = life.own.stopListening()
    // What it does from now on is nothing that anybody should see.
    this.#leave(life)
    life.line.cut(reason)
    await Promise.all([closed, life.own.engine.close()])
  }

  #leave(life: Life): void {
    this.#refusals = life.own.engine.refusals
      .list()
      .map(({ id: _id, refused, times, ...order }) => ({ ...order, times: times && times - refused }))
    life.ties.dispose()
    this.#losses = sumOf(this.losses(), { ...noLosses, sessionEnded: this.#forgottenBy(life) })
    this.#life = undefined
    this.#sessions.fire()
  }
}

function sumOf(some: BrokerLosses, others: BrokerLosses): BrokerLosses {
  return {
    queueFull: some.queueFull + others.queueFull,
    expired: some.expired + others.expired,
    tooLarge: some.tooLarge + others.tooLarge,
    sessionEnded: some.sessionEnded + others.sessionEnded,
  }
}

/** The observer sees a scenario from outside: what it may do is no part of what is tested. */
function letIn(observer: string, access: Access): Access {
  const allowed = { allowed: true, rule: "it is the scenario's observer" } as const
  return {
    authenticate: (attempt) =>
      attempt.clientId === observer
        ? { ...allowed, clientId: observer, userName: attempt.userName, validUntil: undefined }
        : access.authenticate(attempt),
    mayPublish: (client, topic) => (client.clientId === observer ? allowed : access.mayPublish(client, topic)),
    maySubscribe: (client, filter) => (client.clientId === observer ? allowed : access.maySubscribe(client, filter)),
  }
}

/** @throws FaultlineError `invalid-argument` */
function codeOf(reason: string): number {
  const code = refusals.get(reason.toLowerCase())
  if (code !== undefined) return code
  const names = [...refusals.keys()]
  const meant = closest(reason, names)
  throw new FaultlineError({
    code: 'invalid-argument',
    message: `'${reason}' is no Reason Code that CONNACK can have`,
    hint: meant === undefined ? `the names are ${names.join(', ')}` : `did you mean '${meant}'?`,
  })
}

/** Reason Codes of CONNACK by their names, in small letters [MQTT 5 §3.2.2.2]. */
const refusals: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 0x80 }, (_, i) => 0x80 + i).flatMap((code) => {
    const name = reasonName('CONNACK', code)
    return name === undefined ? [] : [[name.toLowerCase(), code] as const]
  }),
)

function wrongState(message: string, hint?: string): FaultlineError {
  return new FaultlineError({ code: 'wrong-state', message, hint })
}

function taken(port: number, cause: FaultlineError): FaultlineError {
  return new FaultlineError(
    {
      code: 'port-in-use',
      message: `the broker cannot start again: another program has taken its port ${port} meanwhile`,
      hint: 'run the scenario again',
    },
    { cause },
  )
}
