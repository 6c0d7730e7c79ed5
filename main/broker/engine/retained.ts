import { isExpired } from '../../../app/session/application-message.ts'
import { TopicTree } from '../../../app/session/topic-tree.ts'
import type { RetainedStore } from './aedes-heart.ts'
import type { RoutedMessage } from './routed-message.ts'

/**
 * The retained messages. aedes' persistence keeps them; what is kept is mirrored here, so that a new Subscription gets
 * them in the tick in which it is granted and no live message can overtake them.
 */
export class Retained {
  readonly #tree = new TopicTree<RoutedMessage>()
  readonly #store: RetainedStore
  readonly #onProblem: (error: Error) => void
  #octets = 0

  constructor(store: RetainedStore, onProblem: (error: Error) => void) {
    this.#store = store
    this.#onProblem = onProblem
  }

  get size(): number {
    return this.#tree.size
  }

  /** Octets of their payloads. */
  get octets(): number {
    return this.#octets
  }

  /** Replaces what the topic has; an empty payload deletes it [MQTT-3.3.1-6, MQTT-3.3.1-7 of MQTT 5]. */
  set(message: RoutedMessage): void {
    this.restore(message)
    // What the broker says of itself is not true any more after a restart.
    if (message.topic.startsWith('$SYS/')) return
    this.#store.storeRetained(message).catch(this.#onProblem)
  }

  /** As `set`, of what is stored already. */
  restore(message: RoutedMessage): void {
    message.detach()
    this.#octets += message.payload.length - (this.#tree.get(message.topic)?.payload.length ?? 0)
    if (message.payload.length === 0) this.#tree.delete(message.topic)
    else this.#tree.set(message.topic, message)
  }

  /** Those that a filter matches and that have not expired. @param now wall time in milliseconds */
  match(filter: string, now: number): RoutedMessage[] {
    const found = filter.includes('+') || filter.includes('#') ? this.#tree.match(filter) : this.#one(filter)
    return found.filter((message) => !isExpired(message, now))
  }

  all(): RoutedMessage[] {
    return this.#tree.all()
  }

  #one(topic: string): RoutedMessage[] {
    const message = this.#tree.get(topic)
    return message === undefined ? [] : [message]
  }
}
