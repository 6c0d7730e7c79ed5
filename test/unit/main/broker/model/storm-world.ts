import type { Tap } from '../../../../../app/capture/tap.ts'
import type { NewRule } from '../../../../../app/contract/wire.ts'
import { createConnectionPair } from '../../../../../app/mqtt/connection-pair.ts'
import { createEngine, type Engine } from '../../../../../main/broker/engine/engine.ts'
import type { LimitChange } from '../../../../../main/broker/engine/limits.ts'
import { createWire, type Wire } from '../../../../../main/link/wire.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'
import type { Came } from '../../../../helpers/mqtt-reading.ts'
import { newRule } from '../../../../helpers/test-wire.ts'
import { KeptDisk } from './kept-disk.ts'
import { ModelClient } from './model-client.ts'
import { ModelLink } from './model-link.ts'
import { type ConnectOptions, demand, type Message } from './model-words.ts'
import { StormLedger } from './storm-ledger.ts'

/** A rule of the links, for packets that carry messages. */
export interface StormRule {
  readonly fault: 'drop' | 'duplicate' | 'cut'
  readonly from: NewRule['from']
  readonly probability: number
  /** Of `cut`: how, and whether the packet still goes on. */
  readonly how: 'rst' | 'fin'
  readonly when: 'after' | 'before'
}

/** What differs from run to run, beside the steps. */
export interface StormSetting {
  readonly clients: number
  /** Without one, it is not killed. */
  readonly hasStore: boolean
  readonly maxInflight: number
  /** Undefined where queues are as long as they have to be: then nothing may be dropped. */
  readonly queue: Pick<LimitChange, 'maxQueued' | 'queuePolicy'> | undefined
  readonly rules: readonly StormRule[]
  readonly seed: number
}

/** More than any run has messages: what a link repeats never meets another message under the same Packet Identifier. */
const manyPacketIds = 60_000
/** Turns of promises in which a store that is not slow has written all there is. */
const mostTurns = 100
const carriers = 'type:publish,puback,pubrec,pubrel,pubcomp'

/**
 * The engine with a store, killed and started again; real Links with rules between it and its clients; and a ledger of
 * what was promised. It is seen from outside: nothing here knows how a broker does it.
 */
export class StormWorld {
  readonly clock = new FakeClock()
  readonly ledger: StormLedger
  readonly clients: ModelClient[]
  readonly setting: StormSetting
  readonly disk = new KeptDisk()
  /** Connections that their clients have given up, and the broker may not have. */
  readonly abandoned: ModelLink[] = []
  readonly wire: Wire
  /** Messages that were dropped and counted, by why; also by engines that are gone. */
  readonly losses = { expired: 0, queueFull: 0, tooLarge: 0 }
  kills = 0
  readonly #links = new Set<ModelLink>()
  /** Clients whose Session was ended by a CONNECT of their own that was late: they know another one. */
  readonly #usurped = new Set<string>()
  /** Of clients: the Session of the last CONNACK. */
  readonly #confirmed = new Map<string, number>()
  #engine: Engine | undefined
  #connections = 0
  #incarnations = 0
  #packets = 0

  private constructor(setting: StormSetting) {
    this.setting = setting
    this.ledger = new StormLedger(() => this.clock.now())
    this.clients = Array.from({ length: setting.clients }, (_, at) => this.#client(`client-${at}`))
    this.wire = createWire({ clock: this.clock, seed: setting.seed, tap: this.#tap() })
    for (const { fault, from, how, probability, when } of setting.rules) {
      const settings = fault === 'cut' ? { how, when } : {}
      this.wire.addRule(newRule(fault, { name: fault, from, probability, filter: carriers, settings }))
    }
  }

  static async create(setting: StormSetting): Promise<StormWorld> {
    const world = new StormWorld(setting)
    await world.#start()
    return world
  }

  get engine(): Engine {
    if (this.#engine === undefined) throw new Error('there is no broker')
    return this.#engine
  }

  // ── connections

  connect(client: ModelClient, options: ConnectOptions): void {
    if (client.link !== undefined) return
    const link = new ModelLink(++this.#connections, client.clientId, options.version, {
      written: (from, came) => {
        if (came.kind === 'PUBLISH') this.ledger.sent(from.clientId, from.version, came)
        if (came.kind === 'CONNACK') this.#answered(from, came)
      },
      ended: (from) => this.#links.delete(from),
    })
    if (options.clean) {
      this.ledger.ends(client.clientId)
      this.#incarnations++
    }
    link.incarnation = options.clean ? this.#incarnations : (this.#confirmed.get(client.clientId) ?? 0)
    const [linkEnd, brokerEnd] = createConnectionPair()
    this.#links.add(link)
    this.wire.open({ connection: link.number, client: link.brokerEnd, broker: linkEnd })
    this.engine.accept(brokerEnd, link.number)
    client.connect(link, options)
  }

  /** The client gives its connection up, and the broker may not learn of it yet. */
  abandon(client: ModelClient): void {
    const { link } = client
    if (link === undefined) return
    client.disconnected(this.clock.now())
    if (link.isOver) link.finish()
    else this.abandoned.push(link)
  }

  /** The broker learns that a connection is lost. */
  cut(link: ModelLink): void {
    const at = this.abandoned.indexOf(link)
    if (at >= 0) this.abandoned.splice(at, 1)
    if (!link.isOver) link.cut()
  }

  /** The Session that this client knows is over, and it has not begun another one. */
  isUsurped({ clientId }: ModelClient): boolean {
    return this.#usurped.has(clientId)
  }

  /** CONNECT has come that begins a new Session. */
  #begins(link: ModelLink): void {
    const { clientId } = link
    this.ledger.ends(clientId)
    if (this.clients.some((client) => client.link === link)) this.#usurped.delete(clientId)
    else this.#usurped.add(clientId)
  }

  /** Nobody is let in while what they are promised cannot be stored; everybody is otherwise. */
  #answered({ clientId, version }: ModelLink, { code }: Came): void {
    const isRefused = this.setting.hasStore && this.disk.store.isFailing && code === (version === 5 ? 0x88 : 3)
    if (code !== 0 && !isRefused) this.ledger.object(`CONNACK says 0x${code.toString(16)} to ${clientId}`)
  }

  // ── octets

  /** @param most octets at most */
  toBroker(link: ModelLink, most: number): void {
    const { octets, packet } = link.toBroker.take(most)
    if (octets.length === 0 || link.isOver) return
    if (packet?.kind === 'CONNECT' && packet.options.clean) this.#begins(link)
    if (packet?.kind === 'PUBLISH') this.ledger.arrived(packet.message)
    if (packet?.kind === 'SUBSCRIBE') this.ledger.asked(link.clientId, packet.packetId, packet.filters)
    link.arrive(octets)
    this.ledger.check()
  }

  toClient(client: ModelClient, most: number): void {
    const { link } = client
    if (link === undefined || link.isStalled) return
    const { packet } = link.toClient.take(most)
    if (packet !== undefined) this.#came(client, link, packet)
    if (!link.isOver || !link.toClient.isEmpty) return
    client.disconnected(this.clock.now())
    link.finish()
  }

  #came(client: ModelClient, link: ModelLink, came: Came): void {
    const { clientId } = client
    if (came.kind === 'CONNACK') {
      // Whether it may be was seen when it was written; it is as if there had been no connection.
      if (came.code !== 0) return
      const isKept = this.#confirmed.get(clientId) === link.incarnation && client.options?.clean === false
      demand(!isKept || came.sessionPresent, () => `the Session of ${clientId} is lost`)
      this.#confirmed.set(clientId, link.incarnation)
    }
    if (came.kind === 'SUBACK') this.ledger.granted(clientId, came.packetId)
    client.came(came)
  }

  // ── time, the store, and the end of the broker

  /** Lets all happen that needs no time; with a store that is slow, until that is waited for. */
  async breathe(): Promise<void> {
    const { outbox } = this.engine
    if (outbox === undefined) return
    for (let turn = 0; turn < mostTurns && !outbox.isOpen && !this.disk.store.isWriting; turn++) await Promise.resolve()
    this.#look()
  }

  advance(ms: number): void {
    this.clock.advance(ms)
    for (const link of this.abandoned.filter(({ isOver }) => isOver)) {
      this.abandoned.splice(this.abandoned.indexOf(link), 1)
      link.finish()
    }
    this.#look()
  }

  #look(): void {
    if (this.engine.outbox?.isOpen) this.ledger.openSince = this.clock.now()
    this.ledger.check()
  }

  /** `kill -9`, and a new broker with what the store has. @param landed what was being written is there all the same */
  async kill(landed: boolean): Promise<void> {
    if (!this.setting.hasStore) return
    this.kills++
    this.disk.store.kill(landed)
    for (const link of this.#links) {
      link.mute()
      link.cut()
    }
    await this.#restart(this.engine.close())
  }

  /** It is stopped as one stops a program, and a new one is started. */
  async stop(): Promise<void> {
    if (!this.setting.hasStore) return
    this.disk.store.flow()
    const closed = this.engine.close()
    await this.#restart(closed)
  }

  async #restart(closed: Promise<void>): Promise<void> {
    this.#count()
    await this.#end(closed)
    this.#links.clear()
    this.abandoned.length = 0
    await this.#start()
  }

  /** Whoever does not answer its FIN is reset after half a second; nothing else takes time. */
  async #end(closed: Promise<void>): Promise<void> {
    let isClosed = false
    const ended = closed.then(() => {
      isClosed = true
    })
    for (let turn = 0; turn < mostTurns && !isClosed; turn++) {
      await new Promise((resolve) => setImmediate(resolve))
      this.clock.advance(10)
    }
    demand(isClosed, () => 'the broker does not stop')
    await ended
  }

  async #start(): Promise<void> {
    const { hasStore, maxInflight, queue = {} } = this.setting
    const { clock, disk } = this
    const store = hasStore ? { store: disk.open(), onProblem: () => {} } : {}
    this.#engine = await createEngine({ clock, limits: { maxInflight, ...queue }, ...store })
    const { engine, ledger } = this
    engine.onPublished((message) => ledger.published(message, subscribersOf(engine)))
  }

  /** Its counters go with it. */
  #count(): void {
    for (const why of ['expired', 'queueFull', 'tooLarge'] as const) this.losses[why] += this.engine.counters[why]
  }

  async close(): Promise<void> {
    for (const link of this.#links) {
      link.mute()
      link.cut()
    }
    if (this.setting.hasStore) this.disk.store.kill(false)
    await this.#end(this.engine.close())
    this.wire.dispose()
  }

  /** What was lost by all engines. */
  lost(): StormWorld['losses'] {
    const { counters } = this.engine
    const { expired, queueFull, tooLarge } = this.losses
    return {
      expired: expired + counters.expired,
      queueFull: queueFull + counters.queueFull,
      tooLarge: tooLarge + counters.tooLarge,
    }
  }

  #client(clientId: string): ModelClient {
    const { ledger } = this
    const host = {
      acknowledged: (message: Message) => ledger.acknowledged(message),
      mayBeLate: (key: string, publisher: string) =>
        ledger.mayBeLate(clientId, key) ||
        this.clients.some((client) => client.isUnordered && client.clientId === publisher),
    }
    return new ModelClient(clientId, host, manyPacketIds)
  }

  /** Nothing is captured; but what a rule takes out of the middle of a connection comes late when it comes again. */
  #tap(): Tap {
    return {
      keeps: 1024 * 1024,
      packet: () => ++this.#packets,
      event: (connection, event) => {
        if (event.type !== 'packet dropped' || event.by !== 'drop') return
        const of = [...this.#links, ...this.abandoned].find(({ number }) => number === connection)
        for (const client of this.clients) client.isUnordered ||= client.clientId === of?.clientId
      },
    }
  }
}

function* subscribersOf(engine: Engine): Generator<readonly [string, Iterable<string>]> {
  for (const { session } of engine.keeper.all()) yield [session.clientId, session.subscriptions.keys()]
}
