import type { Disposable } from '../../../app/base/disposable.ts'
import { decodeMessage, encodeMessage } from '../../../app/session/records.ts'
import type { Durable } from '../stores/durable.ts'
import { beatsBucket, logBucket, memberKey, membersBucket, ownersBucket, positionsBucket } from '../stores/keys.ts'
import { readSession } from '../stores/load-sessions.ts'
import {
  type GoneWord,
  isBefore,
  type LogEntry,
  type LogWord,
  logValue,
  type SharedStore,
} from '../stores/shared-store.ts'
import type { ClusterHost } from './cluster-host.ts'
import { ClusterShares, type MemberWord } from './cluster-shares.ts'
import { giveMissed } from './give-missed.ts'
import { codes } from './reason-codes.ts'
import { readMembers, rejoin } from './rejoining.ts'
import { restoreOne, settle } from './restoring.ts'
import type { RoutedMessage } from './routed-message.ts'
import { decodeShared, encodeShared } from './shared-record.ts'
import { TurnsByKey } from './turns-by-key.ts'

/** How often a broker says that it is alive, and looks whether the others are, in milliseconds. */
const beatMs = 1000
/** How often the log is trimmed, in beats. */
const trimEvery = 10
/** How often it is looked whether another broker has given up a Session, in milliseconds. */
const pollMs = 25
/** How often it is asked to, in polls. */
const askEvery = 40
/** After something that Redis did not do, in milliseconds. */
const retryMs = 250

/**
 * One broker among several with the same store; decision 0024. A message goes into the log first, and every broker, the
 * publisher's own too, gives it to its Sessions when it reads it there. A Session is served by one broker, which hands it
 * over when its client comes to another one.
 */
export class Cluster {
  /** Shared Subscriptions with members at several brokers. */
  readonly shares: ClusterShares
  readonly #store: SharedStore
  readonly #durable: Durable
  readonly #host: ClusterHost
  /** What is done with a Session is done one after the other. */
  readonly #turns = new TurnsByKey((error) => this.#failed(error))
  /** Client Identifiers whose Sessions are this broker's, and are here. */
  readonly #owned = new Set<string>()
  /** What was published here and was not read back yet, by its number in the log. */
  readonly #published = new Map<number, RoutedMessage>()
  /** Readings of the log that are under way, by the position after which they begin. */
  readonly #reading = new Map<string, Promise<LogEntry[]>>()
  #lastNumber = 0
  /** The message from the log that is being given to everybody. */
  #arriving: RoutedMessage | undefined
  /** Where it began to read the log. */
  readonly #began: string
  #beat: Disposable | undefined
  #beats = 0
  #isStopping = false

  constructor(store: SharedStore, durable: Durable, host: ClusterHost) {
    this.#store = store
    this.#durable = durable
    this.#host = host
    this.#began = store.position
    const { router, shareStrategy: strategy } = host
    this.shares = new ClusterShares({
      id: store.id,
      strategy,
      give: (...what) => router.give(...what),
      memberHere: (...who) => router.memberHere(...who),
      say: (word) => this.#sayMember(word),
      again: (share, message) => this.#append(logValue('shared', encodeShared(share, message))),
    })
    durable.journal.listen((clientId) => this.#removed(clientId))
  }

  /** Added to the Client Identifiers that it assigns: no other broker assigns the same. */
  get suffix(): string {
    return `-${this.#store.id}`
  }

  /** Settles when the Sessions of brokers that are dead are here. */
  async start(): Promise<void> {
    await readMembers(this.#store, this.shares)
    this.#store.follow({
      entry: (entry) => this.#read(entry),
      failed: (error) => this.#failed(error),
      // No client is called like that.
      expelled: () => void this.#turns.run('\u0000', () => this.#rejoin()),
    })
    for (const broker of await this.#store.dead()) await Promise.all(await this.#adopt(broker))
    this.#schedule()
  }

  /** Whatever waits for other brokers does not wait any longer. */
  stop(): void {
    this.#isStopping = true
    this.#beat?.dispose()
    this.#store.stopFollowing()
  }

  /** It is given to everybody here at the moment; to groups afterwards. */
  isArriving(message: RoutedMessage): boolean {
    return message === this.#arriving
  }

  /** @returns whether it goes into the log, and comes back from there; else it is to be given to everybody now */
  takes(message: RoutedMessage): boolean {
    // What a broker says of itself is its own.
    if (message === this.#arriving || message.topic.startsWith('$SYS/')) return false
    if (message.retain) this.#durable.retained(message)
    this.#published.set(this.#lastNumber + 1, message)
    this.#append(logValue('message', encodeMessage(message)))
    return true
  }

  /**
   * Makes the Session of a client this broker's, and loads it, if there is one.
   *
   * @param enter is called when that is done; nothing becomes of the Session before it returns
   * @param failed hears what went wrong otherwise, unless the broker stops, which ends all connections
   */
  acquire(clientId: string, enter: () => void, failed: (error: unknown) => void): void {
    void this.#turns.run(clientId, async () => {
      try {
        await this.#own(clientId)
        if (this.#isStopping) return
        enter()
      } catch (error) {
        if (!this.#isStopping) failed(error)
      }
      // The client may have gone meanwhile, and then there may be no Session.
      this.#removed(clientId)
    })
  }

  // ── the log

  #append(value: Uint8Array): void {
    this.#lastNumber++
    this.#durable.commit.put(logBucket, String(this.#lastNumber), value)
  }

  #say(word: Omit<LogWord, 'from'>): void {
    const text = JSON.stringify({ ...word, from: this.#store.id })
    this.#append(logValue('word', Buffer.from(text)))
  }

  #sayMember(word: MemberWord): void {
    const { broker, clientId, group, matches } = word
    const { commit } = this.#durable
    const key = memberKey(group, matches, clientId)
    if (broker === undefined) commit.delete(membersBucket, key)
    else commit.put(membersBucket, key, Buffer.from(broker))
    this.#append(logValue('word', Buffer.from(JSON.stringify(word))))
  }

  #read(entry: LogEntry): void {
    if (entry.kind === 'word') this.#hearWord(entry)
    else if (entry.kind === 'shared') {
      const { record, share } = decodeShared(entry.value)
      this.shares.arrived(entry.position, this.#host.adopted(decodeMessage(record)), share)
    } else {
      const message = this.#messageOf(entry)
      this.#arrive(message)
      this.shares.arrived(entry.position, message)
    }
  }

  #hearWord({ position, value }: LogEntry): void {
    const word = JSON.parse(Buffer.from(value).toString()) as LogWord | MemberWord | GoneWord
    if (word.type === 'member') this.shares.hear(word)
    else if (word.type === 'gone') this.#hearGone(word, position)
    else this.#hear(word)
  }

  /** What the broker that is dead had not read, and was to give to groups, is now for its successor to give. */
  #hearGone({ from, position, to }: GoneWord, end: string): void {
    if (to !== this.#store.id) {
      this.shares.moved(from, to)
      return
    }
    const remembered = this.shares.remembered(from)
    const lost = this.shares.before(from)
    this.shares.moved(from, to)
    void this.#turns.run(`gone ${from}`, async () => {
      for (const entry of await this.#since(position)) {
        if (entry.kind === 'word' || !isBefore(entry.position, end)) continue
        const shared = entry.kind === 'shared' ? decodeShared(entry.value) : undefined
        const message = this.#host.adopted(decodeMessage(shared?.record ?? entry.value))
        const isKnown = isBefore(this.#began, entry.position)
        const groups = isKnown ? remembered.get(entry.position) : lost(entry.position, message, shared?.share)
        for (const share of groups ?? []) this.shares.claim(share, message)
      }
    })
  }

  #messageOf({ broker, number, value }: LogEntry): RoutedMessage {
    const own = broker === this.#store.id ? this.#published.get(number) : undefined
    if (own === undefined) return this.#host.adopted(decodeMessage(value))
    this.#published.delete(number)
    return own
  }

  #arrive(message: RoutedMessage): void {
    this.#arriving = message
    try {
      this.#host.route(message)
    } finally {
      this.#arriving = undefined
    }
  }

  #hear({ clientId, from, to, type }: LogWord): void {
    if (to !== this.#store.id) return
    if (type === 'ask') void this.#turns.run(clientId, async () => this.#handOver(clientId, from))
    // Mostly somebody waits for it; it is to be here also when nobody does any more.
    else void this.#turns.run(clientId, () => this.#load(clientId, false))
  }

  // ── Sessions

  /** Ends with the Session here: from its owner, from a broker that is dead, or new. */
  async #own(clientId: string): Promise<void> {
    const { id } = this.#store
    let asked = ''
    let polls = 0
    while (!this.#owned.has(clientId) && !this.#isStopping) {
      const { owner, isAlive } = await this.#retrying(() => this.#store.claim(clientId))
      if (this.#isStopping) return
      if (owner === id) await this.#load(clientId, true)
      else if (!isAlive) {
        // Another broker may have been faster.
        if ((await this.#adopt(owner)).length === 0) await this.#pause(pollMs)
      } else {
        // Again after a while: it may have been asked before it knew that it is the owner.
        if (asked !== owner || polls % askEvery === 0) this.#say({ type: 'ask', clientId, to: owner })
        asked = owner
        polls++
        await this.#pause(pollMs)
      }
    }
  }

  /** Its client has come to another broker. */
  #handOver(clientId: string, to: string): void {
    if (!this.#owned.delete(clientId)) return
    const { keeper } = this.#host
    keeper
      .find(clientId)
      ?.client?.close('taken over by a connection to another broker', codes.sessionTakenOver, 'failed')
    // One that is not kept has ended with its Network Connection.
    const served = keeper.find(clientId)
    if (served !== undefined) this.shares.handOver(to, () => keeper.handOver(served))
    const { commit, journal } = this.#durable
    journal.handedOver(clientId)
    commit.put(ownersBucket, clientId, Buffer.from(to))
    commit.put(positionsBucket, clientId, Buffer.from(this.#store.position))
    this.#say({ type: 'handed', clientId, to })
  }

  /** @returns what waits for each of its Sessions to be here */
  async #adopt(broker: string): Promise<Promise<void>[]> {
    const clientIds = await this.#retrying(() => this.#store.adopt(broker))
    return clientIds.map((clientId) => this.#turns.run(clientId, () => this.#load(clientId, false)))
  }

  /** @param isWanted also where there is no Session yet: a client waits for it */
  async #load(clientId: string, isWanted: boolean): Promise<void> {
    if (this.#owned.has(clientId)) return
    const { owner, position, values } = await this.#retrying(() => this.#store.read(clientId))
    if (owner !== this.#store.id || this.#isStopping) return
    const missed = await this.#missed(position)
    if (this.#isStopping) return
    // From here on to the end in one step: what is read of the log now, the Session gets as everybody does.
    this.#owned.add(clientId)
    if (position !== undefined) this.#durable.commit.delete(positionsBucket, clientId)
    const found = readSession(this.#store, clientId, values, (message) => this.#host.adopted(message))
    if (found === undefined) {
      if (!isWanted) this.#removed(clientId)
      return
    }
    this.#durable.journal.adopted(clientId, found.lastTurn)
    const served = restoreOne(this.#host, found.session)
    for (const { position: at, value } of missed) {
      if (!isBefore(this.#store.position, at)) giveMissed(served.session, this.#host.adopted(decodeMessage(value)))
    }
    settle(this.#host, served, found.session)
    this.shares.settle()
  }

  /** Messages that this broker has read and its former one had not given to the Session. */
  async #missed(position: string | undefined): Promise<LogEntry[]> {
    let missed: LogEntry[] = []
    if (position === undefined) return missed
    // The former one may have read more: what it has given to the Session must not be given again.
    while (isBefore(this.#store.position, position) && !this.#isStopping) await this.#pause(pollMs)
    let until = position
    while (isBefore(until, this.#store.position) && !this.#isStopping) {
      const more = await this.#since(until)
      missed = missed.concat(more.filter(({ kind }) => kind === 'message'))
      until = more.at(-1)?.position ?? this.#store.position
    }
    return missed
  }

  /** Sessions of one broker that is dead all begin at the same place. */
  #since(position: string): Promise<LogEntry[]> {
    const known = this.#reading.get(position)
    if (known !== undefined) return known
    const reading = this.#retrying(() => this.#store.since(position)).finally(() => this.#reading.delete(position))
    this.#reading.set(position, reading)
    return reading
  }

  /** It has ended, or is kept no longer than its Network Connection. */
  #removed(clientId: string): void {
    void this.#turns.run(clientId, async () => {
      const isThere = () => this.#host.keeper.find(clientId) !== undefined
      if (!this.#owned.has(clientId) || isThere()) return
      await this.#durable.commit.settled()
      if (this.#isStopping) return
      await this.#retrying(() => this.#store.release(clientId))
      this.#owned.delete(clientId)
    })
  }

  // ── being alive

  #schedule(): void {
    this.#beat = this.#host.clock.after(beatMs, () => {
      this.#doBeat().catch((error) => this.#failed(error))
    })
  }

  async #doBeat(): Promise<void> {
    if (this.#isStopping) return
    this.#durable.commit.put(beatsBucket, this.#store.id, Buffer.from(String(this.#host.clock.now())))
    this.#beats++
    this.shares.beat(this.#store.position)
    for (const broker of await this.#retrying(() => this.#store.dead())) await this.#adopt(broker)
    if (this.#beats % trimEvery === 0) await this.#retrying(() => this.#store.trim())
    if (!this.#isStopping) this.#schedule()
  }

  async #rejoin(): Promise<void> {
    if (this.#isStopping || !this.#store.isOut) return
    const retrying = <T>(what: () => Promise<T>) => this.#retrying(what)
    const own = { durable: this.#durable, store: this.#store, shares: this.shares, owned: this.#owned, retrying }
    await rejoin({ ...this.#host, ...own })
  }

  /** A broker that stops does not wait for what it has begun. */
  #failed(error: unknown): void {
    if (!this.#isStopping) this.#host.onProblem(error instanceof Error ? error : new Error(String(error)))
  }

  /** Until it is done; rejected when the broker stops. */
  async #retrying<T>(what: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await what()
      } catch (error) {
        if (this.#isStopping) throw error
        await this.#pause(retryMs)
      }
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#host.clock.after(ms, resolve)
    })
  }
}
