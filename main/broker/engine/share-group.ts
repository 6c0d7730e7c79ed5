import type { Random } from '../../../app/base/random.ts'
import type { Subscription } from '../../../app/session/subscription.ts'
import type { RoutedMessage } from './routed-message.ts'

/** Who of a group gets a message [MQTT 5 §4.8.2 leaves it to the server]. */
export const shareStrategies = ['round robin', 'random', 'sticky', 'hash of client id', 'hash of topic'] as const

export type ShareStrategy = (typeof shareStrategies)[number]

type Member<S> = [session: S, subscription: Subscription]

/** The members of one Shared Subscription; never empty where it is asked. */
export class ShareGroup<S extends { readonly available: boolean; readonly clientId: string }> {
  readonly #strategy: ShareStrategy
  readonly #random: Random
  readonly #members = new Map<S, Member<S>>()
  /** The members in order; undefined where one has left since it was made. */
  #list: Member<S>[] | undefined = []
  #next = 0
  #favourite: S | undefined

  constructor(strategy: ShareStrategy, random: Random) {
    this.#strategy = strategy
    this.#random = random
  }

  get isEmpty(): boolean {
    return this.#members.size === 0
  }

  /** @returns whether it was no member before */
  add(session: S, subscription: Subscription): boolean {
    const before = this.#members.get(session)
    if (before !== undefined) {
      before[1] = subscription
      return false
    }
    const member: Member<S> = [session, subscription]
    this.#members.set(session, member)
    this.#list?.push(member)
    return true
  }

  /** Whether the client of a member is connected; undefined where it is none. */
  isThere(clientId: string): boolean | undefined {
    return this.#all().find(([session]) => session.clientId === clientId)?.[0].available
  }

  /** @returns whether it was a member */
  delete(session: S): boolean {
    const was = this.#members.delete(session)
    // Very many may leave before there is another message.
    if (was) this.#list = undefined
    return was
  }

  /** One that is connected, as long as there is one; otherwise the message waits with one that is not. */
  choose(message: RoutedMessage): Readonly<Member<S>> {
    const all = this.#all()
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

  #all(): Member<S>[] {
    this.#list ??= [...this.#members.values()]
    return this.#list
  }

  /** Whose turn it would be if all of them were there. */
  #index(all: readonly Member<S>[], { origin, topic }: RoutedMessage): number {
    switch (this.#strategy) {
      case 'round robin':
        return this.#next % all.length
      case 'random':
        return this.#random.integer(0, all.length - 1)
      case 'hash of client id':
        return hashOf(origin.clientId ?? '') % all.length
      case 'hash of topic':
        return hashOf(topic) % all.length
      case 'sticky':
        return Math.max(
          0,
          all.findIndex(([session]) => session === this.#favourite),
        )
    }
  }
}

/** FNV-1a, 32 bits, of the UTF-16 units. */
export function hashOf(text: string): number {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  return value >>> 0
}
