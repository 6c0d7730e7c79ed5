import type { Random } from '../../../app/base/random.ts'
import type { Subscription } from '../../../app/session/subscription.ts'
import type { RoutedMessage } from './routed-message.ts'

/** Who of a group gets a message [MQTT 5 §4.8.2 leaves it to the server]. */
export const shareStrategies = ['round robin', 'random', 'sticky', 'hash of client id', 'hash of topic'] as const

export type ShareStrategy = (typeof shareStrategies)[number]

type Member<S> = readonly [session: S, subscription: Subscription]

/** The members of one Shared Subscription; never empty where it is asked. */
export class ShareGroup<S extends { readonly available: boolean }> {
  readonly #strategy: ShareStrategy
  readonly #random: Random
  readonly #members = new Map<S, Subscription>()
  #list: Member<S>[] = []
  #next = 0
  #favourite: S | undefined

  constructor(strategy: ShareStrategy, random: Random) {
    this.#strategy = strategy
    this.#random = random
  }

  get isEmpty(): boolean {
    return this.#list.length === 0
  }

  /** @returns whether it was no member before */
  add(session: S, subscription: Subscription): boolean {
    const before = this.#members.size
    this.#members.set(session, subscription)
    this.#list = [...this.#members]
    return this.#members.size > before
  }

  /** @returns whether it was a member */
  delete(session: S): boolean {
    const was = this.#members.delete(session)
    if (was) this.#list = [...this.#members]
    return was
  }

  /** One that is connected, as long as there is one; otherwise the message waits with one that is not. */
  choose(message: RoutedMessage): Member<S> {
    const all = this.#list
    const first = this.#index(all, message)
    for (let step = 0; step < all.length; step++) {
      const at = (first + step) % all.length
      const member = all[at] as Member<S>
      if (!member[0].available) continue
      this.#next = at + 1
      this.#favourite = member[0]
      return member
    }
    this.#next = first + 1
    return all[first] as Member<S>
  }

  /** Whose turn it would be if all of them were there. */
  #index(all: readonly Member<S>[], { origin, topic }: RoutedMessage): number {
    switch (this.#strategy) {
      case 'round robin':
        return this.#next % all.length
      case 'random':
        return this.#random.integer(0, all.length - 1)
      case 'hash of client id':
        return hash(origin.clientId ?? '') % all.length
      case 'hash of topic':
        return hash(topic) % all.length
      case 'sticky':
        return Math.max(
          0,
          all.findIndex(([session]) => session === this.#favourite),
        )
    }
  }
}

/** FNV-1a, 32 bits, of the UTF-16 units. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  return value >>> 0
}
