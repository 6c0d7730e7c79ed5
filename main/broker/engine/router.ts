import type { Random } from '../../../app/base/random.ts'
import { joinMatches, type Match, type Subscription } from '../../../app/session/subscription.ts'
import type { MessageQueue } from './aedes-heart.ts'
import type { RoutedMessage } from './routed-message.ts'
import { ShareGroup, type ShareStrategy } from './share-group.ts'
import type { Turn } from './turn.ts'

/** Whom messages are routed to. */
export interface Subscriber {
  readonly clientId: string
  /** Its client is there, and reads. */
  readonly available: boolean
}

/** All Subscriptions with one Topic Filter. */
interface Entry<S extends Subscriber> {
  readonly filter: string
  /** Begins with a wildcard, and so matches no topic that begins with `$` [MQTT-4.7.2-1]. */
  readonly isWild: boolean
  readonly plain: Map<S, Subscription>
  readonly groups: Map<string, ShareGroup<S>>
  readonly listener: (packet: object, done: () => void) => void
}

/** A message on its way to its subscribers. */
interface FanOut<S extends Subscriber> {
  readonly message: RoutedMessage
  /** Those that match its topic. */
  readonly entries: readonly Entry<S>[]
  /** Who is still to get it; their groups come after them. */
  readonly plain: IterableIterator<readonly [S, Match]>
  readonly skipsGroups: boolean
  readonly wasPaused: boolean
}

/** Hears of each Session that becomes a member of a Shared Subscription, and of each that is one no longer. */
type OnMember = (clientId: string, group: string, matches: string, isMember: boolean) => void
type RouterTurn = Pick<Turn, 'isOver' | 'hurry' | 'first'>
type Deliver<S> = (session: S, message: RoutedMessage, match: Match) => void

const nothing = () => {}

/** Whether there is time for more is asked once for so many who are given a message. */
const between = 32

/** Listeners that the queue is told to forget in one turn. */
const mostAtOnce = 250

/**
 * Routes messages to Sessions through the message queue of aedes: one listener for each different Topic Filter, however
 * many Sessions share it. The queue calls all listeners of a message one after the other, so that the Subscriptions of
 * one Session that overlap can be joined to one copy.
 */
export class Router<S extends Subscriber> {
  readonly #queue: MessageQueue
  readonly #entries = new Map<string, Entry<S>>()
  readonly #deliver: Deliver<S>
  readonly #foreign: (packet: object) => RoutedMessage
  readonly #random: Random
  readonly #strategy: ShareStrategy
  readonly #onMember: OnMember | undefined
  readonly #turn: RouterTurn
  readonly #canWait: (message: RoutedMessage) => boolean
  /** Groups are given what is routed by somebody else. */
  #skipsGroups = false
  /** There was no time to give it to all: nothing else is routed before it. */
  #paused: FanOut<S> | undefined
  /** The message whose listeners are being called, and the entries that match it. */
  #current: object | undefined
  #found: Entry<S>[] = []
  /** Those without a Subscription that the queue still knows. */
  readonly #left: Entry<S>[] = []
  #plain = 0
  #shared = 0

  constructor(options: {
    readonly queue: MessageQueue
    readonly random: Random
    readonly strategy: ShareStrategy
    readonly deliver: Deliver<S>
    /** A message that another process, or aedes itself, has published. */
    readonly foreign: (packet: object) => RoutedMessage
    readonly onMember?: OnMember
    readonly turn: RouterTurn
    /** Whether some may get it in a later turn than others; its publisher is acknowledged before. */
    readonly canWait: (message: RoutedMessage) => boolean
  }) {
    this.#queue = options.queue
    this.#random = options.random
    this.#strategy = options.strategy
    this.#deliver = options.deliver
    this.#foreign = options.foreign
    this.#onMember = options.onMember
    this.#turn = options.turn
    this.#canWait = options.canWait
  }

  /** Subscriptions of all Sessions at the moment, without and with those that are shared. */
  get subscriptions(): number {
    return this.#plain + this.#shared
  }

  get sharedSubscriptions(): number {
    return this.#shared
  }

  /** Different Topic Filters at the moment. */
  get filters(): number {
    return this.#entries.size
  }

  subscribe(session: S, subscription: Subscription): void {
    const { group, matches } = subscription
    const entry = this.#entries.get(matches) ?? this.#open(matches)
    if (group === undefined) {
      if (!entry.plain.has(session)) this.#plain++
      entry.plain.set(session, subscription)
      return
    }
    let shared = entry.groups.get(group)
    if (shared === undefined) {
      shared = new ShareGroup(this.#strategy, this.#random)
      entry.groups.set(group, shared)
    }
    if (!shared.add(session, subscription)) return
    this.#shared++
    this.#onMember?.(session.clientId, group, matches, true)
  }

  unsubscribe(session: S, { group, matches }: Subscription): void {
    const entry = this.#entries.get(matches)
    if (entry === undefined) return
    if (group === undefined) {
      if (entry.plain.delete(session)) this.#plain--
    } else this.#leave(entry, group, session)
    if (group !== undefined) this.#onMember?.(session.clientId, group, matches, false)
    if (entry.plain.size + entry.groups.size > 0) return
    this.#entries.delete(matches)
    this.#left.push(entry)
    if (this.#left.length === 1) this.#forget()
  }

  /** A client may leave with very many filters: the queue forgets a few in each turn. */
  #forget(): void {
    const some = this.#left.slice(0, mostAtOnce)
    const last = some.at(-1)
    const goOn = () => this.#forgotten(some.length)
    for (const entry of some) this.#queue.removeListener(entry.filter, entry.listener, entry === last ? goOn : nothing)
  }

  #forgotten(count: number): void {
    this.#left.splice(0, count)
    this.#forget()
  }

  #leave({ groups }: Entry<S>, name: string, session: S): void {
    const group = groups.get(name)
    if (group?.delete(session)) this.#shared--
    if (group?.isEmpty) groups.delete(name)
  }

  /** Gives a message to one group only. @returns whether that has members */
  give(group: string, matches: string, message: RoutedMessage): boolean {
    const shared = this.#entries.get(matches)?.groups.get(group)
    if (shared === undefined) return false
    this.finish()
    const [session, subscription] = shared.choose(message)
    this.#deliver(session, message, subscription)
    return true
  }

  /** Whether a member is there, and its client reads; undefined where it is none. */
  memberHere(group: string, matches: string, clientId: string): boolean | undefined {
    return this.#entries.get(matches)?.groups.get(group)?.isThere(clientId)
  }

  /**
   * @param skipsGroups it goes to no group: `give` is called for those
   * @returns to how many Sessions it went by now, none only where it is for none; undefined where the queue has not come
   * back by then, as in a cluster
   */
  route(message: RoutedMessage, skipsGroups = false): number | undefined {
    this.#flush()
    this.#skipsGroups = skipsGroups
    this.#current = message
    let isBack = false
    this.#queue.emit(message, () => {
      isBack = true
    })
    const went = this.#give(message)
    return isBack ? went : undefined
  }

  /** Gives at once what waits for the next turn. */
  finish(): void {
    this.#resume(false)
  }

  #open(filter: string): Entry<S> {
    const entry: Entry<S> = {
      filter,
      isWild: filter.startsWith('#') || filter.startsWith('+'),
      plain: new Map(),
      groups: new Map(),
      listener: (packet, done) => {
        this.#find(packet, entry)
        done()
      },
    }
    this.#entries.set(filter, entry)
    this.#queue.on(filter, entry.listener)
    return entry
  }

  #find(packet: object, entry: Entry<S>): void {
    if (packet !== this.#current) {
      this.#flush()
      this.#current = packet
      // Not from here: the queue's other listeners of it are called in the same turn.
      queueMicrotask(() => this.#flush())
    }
    this.#found.push(entry)
  }

  /** Gives what came from elsewhere to whom it is for. */
  #flush(): void {
    const packet = this.#current
    if (packet === undefined) return
    if (this.#found.length > 0) this.#give(this.#foreign(packet))
    this.#current = undefined
  }

  #give(message: RoutedMessage): number {
    const found = this.#found
    this.#current = undefined
    if (found.length === 0) return 0
    this.#found = []
    this.finish()
    const entries = message.topic.startsWith('$') ? found.filter(({ isWild }) => !isWild) : found
    // Mostly it is one, and then there is nothing to join.
    const plain = entries.length === 1 ? (entries[0] as Entry<S>).plain : joined(entries, message)
    const skipsGroups = this.#skipsGroups
    return this.#fan({ message, entries, plain: plain[Symbol.iterator](), skipsGroups, wasPaused: false })
  }

  /**
   * Gives a message to those who are still to get it: to as many as there is time for in this turn, where it can wait.
   *
   * @returns how many those were
   */
  #fan(fanOut: FanOut<S>, canWait = this.#canWait(fanOut.message)): number {
    const { message, entries, plain, skipsGroups, wasPaused } = fanOut
    let went = 0
    for (const [session, match] of plain) {
      if (isOwn(session, match, message) || (wasPaused && !isSubscribed(session, entries))) continue
      this.#deliver(session, message, match)
      if (++went % between !== 0 || !canWait) continue
      // What only waits for its client is no packet, and costs time all the same.
      this.#turn.hurry()
      if (!this.#turn.isOver) continue
      this.#paused = { ...fanOut, wasPaused: true }
      this.#turn.first(() => this.#resume())
      return went
    }
    if (skipsGroups) return went
    for (const { groups } of entries) went += this.#giveGroups(message, groups)
    return went
  }

  #resume(canWait?: boolean): void {
    const paused = this.#paused
    if (paused === undefined) return
    this.#paused = undefined
    this.#fan(paused, canWait)
  }

  #giveGroups(message: RoutedMessage, groups: Entry<S>['groups']): number {
    for (const group of groups.values()) {
      const [session, subscription] = group.choose(message)
      this.#deliver(session, message, subscription)
    }
    return groups.size
  }
}

/** One copy for each Session, whatever Subscriptions of it match. */
function joined<S extends Subscriber>(entries: readonly Entry<S>[], message: RoutedMessage): Map<S, Match> {
  const all = new Map<S, Match>()
  for (const { plain } of entries) {
    for (const [session, subscription] of plain) {
      if (isOwn(session, subscription, message)) continue
      const before = all.get(session)
      all.set(session, before === undefined ? subscription : joinMatches(before, subscription))
    }
  }
  return all
}

/** No Local: it was published by the same client [MQTT-3.8.3-3]. */
function isOwn(session: Subscriber, { noLocal = false }: Partial<Subscription>, { origin }: RoutedMessage): boolean {
  return noLocal && origin.clientId === session.clientId
}

/** It may have gone while the message waited for its turn. */
function isSubscribed<S extends Subscriber>(session: S, entries: readonly Entry<S>[]): boolean {
  return entries.some(({ plain }) => plain.has(session))
}
