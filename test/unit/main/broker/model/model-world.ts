import { createEngine, type Engine } from '../../../../../main/broker/engine/engine.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'
import type { Came } from '../../../../helpers/mqtt-reading.ts'
import { ModelClient } from './model-client.ts'
import { ModelLink } from './model-link.ts'
import { ModelWatcher } from './model-watcher.ts'
import { type ConnectOptions, demand, type Message, type Sent } from './model-words.ts'
import { ReferenceBroker } from './reference-broker.ts'

/** What differs from run to run, beside the steps. */
export interface Setting {
  readonly clients: number
  /** Unfinished handshakes that the broker has towards one client, and lets one client have towards it. */
  readonly maxInflight: number
  readonly receiveMaximum: number
}

/** The engine, its clients, the links between them, and the model that watches them. */
export class ModelWorld {
  readonly clock: FakeClock
  readonly reference: ReferenceBroker
  readonly clients: ModelClient[]
  readonly engine: Engine
  /** Connections that their clients have given up, and the broker may not have. */
  readonly abandoned: ModelLink[] = []
  readonly #watcher = new ModelWatcher()
  readonly #repeated = new Set<string>()
  #counted = 0
  readonly #logged = new Set<string>()
  #connections = 1

  private constructor(engine: Engine, clock: FakeClock, setting: Setting) {
    this.engine = engine
    this.clock = clock
    this.reference = new ReferenceBroker(setting.maxInflight)
    const host = {
      acknowledged: (message: Message) => {
        demand(this.reference.processed.has(message.key), () => `'${message.key}' is acknowledged and never came`)
      },
      mayBeLate: (key: string, publisher: string) =>
        this.#repeated.has(key) ||
        this.clients.some(({ clientId, isUnordered }) => isUnordered && clientId === publisher),
    }
    this.clients = Array.from({ length: setting.clients }, (_, at) => new ModelClient(`client-${at}`, host))
    engine.accept(this.#watcher.brokerEnd, 1)
    this.#watcher.watch()
  }

  static async create(setting: Setting): Promise<ModelWorld> {
    const clock = new FakeClock()
    const { maxInflight, receiveMaximum } = setting
    // What is wrong with a packet is said where it is written: the broker must not take it for a failure of its own.
    const onProblem = (error: Error) => {
      throw error
    }
    const engine = await createEngine({ clock, limits: { maxInflight, receiveMaximum }, onProblem })
    return new ModelWorld(engine, clock, setting)
  }

  get now(): number {
    return this.clock.now()
  }

  // ── connections

  connect(client: ModelClient, options: ConnectOptions): void {
    if (client.link !== undefined) return
    const link = new ModelLink(++this.#connections, client.clientId, options.version, {
      written: (from, came) => this.reference.written(from, came),
      ended: (from) => this.reference.ended(from),
    })
    this.reference.opened(link, this.now)
    this.engine.accept(link.brokerEnd, link.number)
    client.connect(link, options)
  }

  /** The client gives its connection up, and the broker may not learn of it yet. */
  abandon(client: ModelClient): void {
    const { link } = client
    if (link === undefined) return
    client.disconnected(this.now)
    if (link.isOver) link.finish()
    else this.abandoned.push(link)
  }

  /** The broker learns that a connection is lost. */
  cut(link: ModelLink): void {
    const at = this.abandoned.indexOf(link)
    if (at >= 0) this.abandoned.splice(at, 1)
    if (link.isOver) return
    this.reference.lost(link, this.now)
    link.cut()
  }

  /** Its Session has expired, by its own clock. */
  isExpired({ leftAt, options }: ModelClient): boolean {
    return options !== undefined && this.now - leftAt >= options.expiry * 1000
  }

  /**
   * A client has lost what it had in RAM. One of 3.1.1 may go on with a Session that it knows nothing of: what it had
   * taken and not completed comes again then.
   */
  forget(client: ModelClient, goesOn: boolean): void {
    const session = this.reference.sessions.get(client.clientId)
    if (goesOn && client.options?.version === 4 && session !== undefined) {
      for (const [packetId, { copy }] of session.inflight) {
        if (client.stored.has(packetId)) session.tolerate(copy)
      }
    } else client.mustBeginAnew = true
    client.forget()
  }

  // ── octets

  /** Brings octets of one packet to the broker. @param most octets at most */
  toBroker(link: ModelLink, most: number): void {
    const { octets, packet } = link.toBroker.take(most)
    if (octets.length === 0) return
    if (link.isOver) return
    if (packet !== undefined) this.#arrives(link, packet)
    link.arrive(octets)
    this.check()
    if (link.isOver) this.#forgetAbandoned(link)
  }

  /** Brings octets of one packet to the client; after the last one, the end of the connection. */
  toClient(client: ModelClient, most: number): void {
    const { link } = client
    if (link === undefined || link.isStalled) return
    const { packet } = link.toClient.take(most)
    if (packet !== undefined) client.came(packet)
    if (!link.isOver || !link.toClient.isEmpty) return
    client.disconnected(this.now)
    link.finish()
  }

  #arrives(link: ModelLink, packet: Sent): void {
    this.reference.arrives(link, packet, this.now)
    const { log } = this.reference
    for (; this.#counted < log.length; this.#counted++) {
      const { key } = log[this.#counted] as Message
      if (this.#logged.has(key)) this.#repeated.add(key)
      this.#logged.add(key)
    }
  }

  #forgetAbandoned(link: ModelLink): void {
    const at = this.abandoned.indexOf(link)
    if (at < 0) return
    this.abandoned.splice(at, 1)
    link.finish()
  }

  /** Loses one packet in the middle of a connection, which has to be cut after that. */
  lose(client: ModelClient, toBroker: boolean): void {
    const { link } = client
    // An alias that is lost with its PUBLISH is a connection that makes no sense any more.
    if (link === undefined || !client.isConnected || client.options?.topicAliasMaximum !== 0) return
    const isAnswer = (kind: Came['kind']) => kind === 'PUBLISH' || kind.startsWith('PUB')
    const lost = toBroker
      ? link.toBroker.lose((sent) => isAnswer(sent.kind))
      : link.toClient.lose((came) => isAnswer(came.kind))
    if (lost === undefined) return
    link.isLossy = true
    client.isUnordered = true
  }

  // ── time

  /** Lets time pass: what is due happens at its time, not before and not after. @param ms milliseconds, whole or sums of 1/1024 */
  advance(ms: number): void {
    const end = this.now + ms
    for (let due = this.reference.nextDue(); due <= end; due = this.reference.nextDue()) {
      // One millisecond before it nothing has happened.
      if (due - 1 > this.now) this.clock.advance(due - 1 - this.now)
      this.check()
      this.reference.comeDue(due)
      this.clock.advance(due - this.now)
      this.check()
    }
    this.clock.advance(end - this.now)
    this.check()
    for (const link of this.abandoned.filter(({ isOver }) => isOver)) this.#forgetAbandoned(link)
  }

  /** What was published is what was to be published by now. */
  check(): void {
    this.#watcher.check(this.reference.log)
  }

  async close(): Promise<void> {
    const links = [...this.abandoned, ...this.clients.flatMap(({ link }) => link ?? [])]
    for (const link of links) link.mute()
    for (const link of links) link.cut()
    const closed = this.engine.close()
    // Whatever is left answers no FIN, and is reset.
    await Promise.resolve()
    this.clock.advance(1000)
    await closed
  }
}
