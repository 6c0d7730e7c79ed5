import type { Clock } from '../../../app/base/clock.ts'
import type { Disposable } from '../../../app/base/disposable.ts'
import { isExpired, messageSize } from '../../../app/session/application-message.ts'
import { TopicTree } from '../../../app/session/topic-tree.ts'
import type { RetainedStore } from './aedes-heart.ts'
import { ExpiryHeap } from './expiry-heap.ts'
import type { Limits } from './limits.ts'
import { longTimer } from './long-timer.ts'
import type { RoutedMessage } from './routed-message.ts'

/** What one is counted for besides its octets, and each level of topics, which takes about as much memory. */
const overhead = 200
/** That have expired and are deleted in one turn. */
const mostAtOnce = 500
/** Those that were replaced before they expired are forgotten when there are so many, and as many as all others. */
const mostStale = 1000

const nothing = new Uint8Array(0)

/** What the retained messages need. */
export interface RetainedGround {
  readonly store: RetainedStore
  readonly clock: Clock
  readonly limits: Pick<Limits, 'maxRetained' | 'maxRetainedOctets'>
  onProblem(error: Error): void
}

/**
 * The retained messages. aedes' persistence keeps them; what is kept is mirrored here, so that a new Subscription gets
 * them in the tick in which it is granted and no live message can overtake them.
 */
export class Retained implements Disposable {
  readonly #tree = new TopicTree<RoutedMessage>()
  /** What the broker says of itself: the limits are about what clients send. */
  readonly #own = new TopicTree<RoutedMessage>()
  readonly #ground: RetainedGround
  #octets = 0
  #ownOctets = 0
  /** As they are counted for the limit, without levels. */
  #sizes = 0
  /** Those that expire, and some that were replaced or deleted. */
  readonly #expiring = new ExpiryHeap<RoutedMessage>()
  #stale = 0
  #timer: Disposable | undefined
  #timerAt = Number.POSITIVE_INFINITY

  constructor(ground: RetainedGround) {
    this.#ground = ground
  }

  /** Without the broker's own. */
  get size(): number {
    return this.#tree.size
  }

  /** Octets of the payloads of those. */
  get octets(): number {
    return this.#octets
  }

  /** How many the broker itself has under `$SYS/`, and octets of their payloads. */
  get own(): { readonly size: number; readonly octets: number } {
    return { size: this.#own.size, octets: this.#ownOctets }
  }

  /** Whether one of a topic may be kept, by what the limits say. @param octets of its payload and its topic */
  hasRoom(topic: string, octets: number): boolean {
    const { maxRetained, maxRetainedOctets } = this.#ground.limits
    const before = this.#tree.get(topic)
    if (before === undefined && this.size >= maxRetained) return false
    const more = octets - (before === undefined ? -overhead : messageSize(before))
    return more <= 0 || this.#sizes + this.#tree.levels * overhead + more <= maxRetainedOctets
  }

  /** Replaces what the topic has; an empty payload deletes it [MQTT-3.3.1-6, MQTT-3.3.1-7 of MQTT 5]. */
  set(message: RoutedMessage): void {
    this.restore(message)
    this.#write(message)
  }

  /** As `set`, of what is stored already. */
  restore(message: RoutedMessage): void {
    message.detach()
    const tree = this.#treeOf(message.topic)
    const before = tree.get(message.topic)
    if (before !== undefined) this.#forget(before)
    if (message.payload.length === 0) {
      tree.delete(message.topic)
      return
    }
    tree.set(message.topic, message)
    this.#count(message, 1)
    if (message.expiresAt === undefined) return
    this.#expiring.add(message)
    this.#wait()
  }

  /** Those that a filter matches and that have not expired. @param now wall time in milliseconds */
  match(filter: string, now: number): RoutedMessage[] {
    return [...this.#lookUp(filter)].filter(
      (message): message is RoutedMessage => message !== undefined && !isExpired(message, now),
    )
  }

  /**
   * Those that a filter matches, that have not expired and that are wanted, each when it is asked for. Undefined says
   * that a while was spent without finding any: it is not the end.
   */
  *matching(filter: string, isWanted: (message: RoutedMessage) => boolean): Generator<RoutedMessage | undefined, void> {
    for (const message of this.#lookUp(filter)) {
      if (message === undefined) yield undefined
      else if (isWanted(message) && !this.#isOver(message)) yield message
    }
  }

  /** Whether a filter without wildcards matches none. */
  hasNone(filter: string): boolean {
    if (isWild(filter)) return this.#tree.size === 0 && this.#own.size === 0
    return this.#treeOf(filter).get(filter) === undefined
  }

  all(): RoutedMessage[] {
    return [...this.#tree.all(), ...this.#own.all()]
  }

  dispose(): void {
    this.#timer?.dispose()
  }

  *#lookUp(filter: string): Generator<RoutedMessage | undefined, void> {
    if (isWild(filter)) {
      yield* this.#tree.matching(filter)
      if (isOwn(filter)) yield* this.#own.matching(filter)
      return
    }
    const message = this.#treeOf(filter).get(filter)
    if (message !== undefined) yield message
  }

  #treeOf(topic: string): TopicTree<RoutedMessage> {
    return isOwn(topic) ? this.#own : this.#tree
  }

  /** @param times 1 where it has come, -1 where it has gone */
  #count(message: RoutedMessage, times: 1 | -1): void {
    if (isOwn(message.topic)) {
      this.#ownOctets += times * message.payload.length
      return
    }
    this.#octets += times * message.payload.length
    this.#sizes += times * (messageSize(message) + overhead)
  }

  #isOver(message: RoutedMessage): boolean {
    return message.expiresAt !== undefined && isExpired(message, this.#ground.clock.now())
  }

  #write(message: Pick<RoutedMessage, 'topic' | 'payload'>): void {
    // What the broker says of itself is not true any more after a restart.
    if (isOwn(message.topic)) return
    const { store, onProblem } = this.#ground
    store.storeRetained(message).catch(onProblem)
  }

  /** It is not the message of its topic any more. */
  #forget(before: RoutedMessage): void {
    this.#count(before, -1)
    if (before.expiresAt === undefined) return
    this.#stale++
    if (this.#stale < mostStale || this.#stale * 2 < this.#expiring.size) return
    this.#expiring.keep((message) => message !== before && this.#isKept(message))
    this.#stale = 0
  }

  // ── expiry

  /** For the one that expires next. */
  #wait(): void {
    const { expiresAt } = this.#expiring.first ?? {}
    if (expiresAt === undefined || expiresAt >= this.#timerAt) return
    const { clock } = this.#ground
    this.#timer?.dispose()
    this.#timerAt = expiresAt
    this.#timer = longTimer(clock, Math.max(0, expiresAt - clock.now()), () => this.#expire())
  }

  /** Takes away what has expired, a part in each turn [MQTT-3.3.2-5]. */
  #expire(): void {
    this.#timer = undefined
    this.#timerAt = Number.POSITIVE_INFINITY
    const now = this.#ground.clock.now()
    for (let left = mostAtOnce; left > 0; left--) {
      const { first } = this.#expiring
      if (first === undefined || !isExpired(first, now)) break
      this.#expiring.take()
      if (this.#isKept(first)) this.#remove(first)
      else this.#stale--
    }
    this.#wait()
  }

  /** It was not replaced. */
  #isKept(message: RoutedMessage): boolean {
    return this.#treeOf(message.topic).get(message.topic) === message
  }

  #remove(message: RoutedMessage): void {
    this.#count(message, -1)
    this.#treeOf(message.topic).delete(message.topic)
    this.#write({ ...message, payload: nothing })
  }
}

/** No client may publish there, and so no other message has such a topic. */
function isOwn(topic: string): boolean {
  return topic.startsWith('$SYS/')
}

function isWild(filter: string): boolean {
  return filter.includes('+') || filter.includes('#')
}
