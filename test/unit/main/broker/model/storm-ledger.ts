import type { QoS } from '../../../../../app/mqtt/control-packet.ts'
import type { RoutedMessage } from '../../../../../main/broker/engine/routed-message.ts'
import { type Came, property } from '../../../../helpers/mqtt-reading.ts'
import type { ModelClient } from './model-client.ts'
import type { Filter, Message } from './model-words.ts'
import { Violation } from './model-words.ts'
import { naivelyMatches } from './naive-matching.ts'
import { countedAs, keyOf } from './reference-session.ts'

/** A message, and what became of it at the broker. */
interface Known {
  readonly message: Message
  /** Its place among all that happens. */
  readonly arrivedAt: number
  arrivals: number
  isAcknowledged: boolean
  /** When it expires, for each time that it was published; wall time in milliseconds. */
  readonly expiresAt: number[]
}

/** Who is certain to be in a Shared Subscription, and since when; and when members ended that were in it. */
interface Group {
  readonly members: Map<string, number>
  readonly endedAt: number[]
}

/** What a Subscription with `$share` is for, by its filter; undefined for others. */
export function sharedOf(filter: string): string | undefined {
  return filter.startsWith('$share/') ? filter.split('/').slice(2).join('/') : undefined
}

/** Topics that only Shared Subscriptions are for, so that their copies can be counted. */
export function isShared(topic: string): boolean {
  return topic.startsWith('s/')
}

/**
 * What was promised to whom, as seen from outside of the broker: what was acknowledged is never lost, what is QoS 2 comes
 * once, what has expired does not come.
 */
export class StormLedger {
  readonly known = new Map<string, Known>()
  /** By client, then by filter: since when it is certain that the broker has it. */
  readonly subscriptions = new Map<string, Map<string, number>>()
  readonly groups = new Map<string, Group>()
  /** Copies that were routed to each client. */
  readonly routed = new Map<string, number>()
  readonly #asked = new Map<string, Map<number, readonly Filter[]>>()
  readonly #now: () => number
  #moment = 0
  #violation: Violation | undefined
  /** When what goes out was last known not to wait for the store; wall time in milliseconds. */
  openSince = Number.POSITIVE_INFINITY

  constructor(now: () => number) {
    this.#now = now
  }

  /** Where it is seen that something is wrong there is nobody to throw it at. */
  object(what: string): void {
    this.#violation ??= new Violation(what)
  }

  /** @throws Violation */
  check(): void {
    if (this.#violation !== undefined) throw this.#violation
  }

  // ── what clients do

  /** A PUBLISH has come to the broker's end of the link's way. */
  arrived(message: Message): void {
    const known = this.known.get(message.key)
    if (known !== undefined) known.arrivals++
    else this.known.set(message.key, this.#fresh(message))
  }

  acknowledged(message: Message): void {
    const known = this.known.get(message.key)
    if (known === undefined) this.object(`'${message.key}' is acknowledged and never came`)
    else known.isAcknowledged = true
  }

  asked(clientId: string, packetId: number, filters: readonly Filter[]): void {
    const asked = this.#asked.get(clientId) ?? new Map<number, readonly Filter[]>()
    this.#asked.set(clientId, asked.set(packetId, filters))
    for (const { filter } of filters) if (sharedOf(filter) !== undefined) this.#group(filter)
  }

  granted(clientId: string, packetId: number): void {
    const moment = ++this.#moment
    const subscriptions = this.subscriptions.get(clientId) ?? new Map<string, number>()
    this.subscriptions.set(clientId, subscriptions)
    for (const { filter } of this.#asked.get(clientId)?.get(packetId) ?? []) {
      const since = sharedOf(filter) === undefined ? subscriptions : this.#group(filter).members
      const name = sharedOf(filter) === undefined ? filter : clientId
      if (!since.has(name)) since.set(name, moment)
    }
  }

  /** From now on its Session may be over, and its Subscriptions with it. */
  ends(clientId: string): void {
    const moment = ++this.#moment
    this.subscriptions.delete(clientId)
    this.#asked.delete(clientId)
    for (const { endedAt, members } of this.groups.values()) {
      members.delete(clientId)
      // Whether it was in it or not: what was asked for may have been granted.
      endedAt.push(moment)
    }
  }

  // ── what the broker does

  /** It has published a message, and everybody who is to get it is known. */
  published(
    message: RoutedMessage,
    subscribers: Iterable<readonly [clientId: string, filters: Iterable<string>]>,
  ): void {
    const key = keyOfPayload(message.payload)
    const known = this.known.get(key)
    if (known === undefined) {
      this.object(`'${key}' was published and never sent`)
      return
    }
    const { expiresAt } = message
    if (expiresAt !== undefined) known.expiresAt.push(expiresAt)
    const { expiry } = known.message
    const due = expiry === undefined ? undefined : this.#now() + expiry * 1000
    if (expiresAt !== due && expiresAt !== undefined) this.object(`'${key}' expires at ${expiresAt}, not ${due}`)
    if (isShared(message.topic)) return
    for (const [clientId, filters] of subscribers) {
      if (![...filters].some((filter) => naivelyMatches(filter, message.topic))) continue
      this.routed.set(clientId, (this.routed.get(clientId) ?? 0) + 1)
    }
  }

  /** A PUBLISH goes out to a client: what has expired must not [MQTT-3.3.2-5], and it says how long is left. */
  sent(clientId: string, version: number, came: Came): void {
    const known = this.known.get(keyOf(came))
    if (known === undefined) {
      this.object(`${clientId} is sent '${keyOf(came)}', which nobody published`)
      return
    }
    const { expiresAt } = known
    if (expiresAt.length === 0) return
    const now = this.#now()
    // It may have waited for the store after it was written.
    const since = Math.min(now, this.openSince)
    if (!came.dup && !expiresAt.some((end) => end > since)) this.object(`'${keyOf(came)}' goes to ${clientId} expired`)
    if (version !== 5) return
    const left = property(came, 'messageExpiryInterval')
    const mayBe = (end: number) => Number(left) >= leftAt(end, now) && Number(left) <= leftAt(end, since)
    if (typeof left !== 'number' || !expiresAt.some(mayBe)) {
      this.object(
        `'${keyOf(came)}' says ${left} s to ${clientId}, left are ${expiresAt.map((end) => leftAt(end, now))}`,
      )
    }
  }

  // ── what is owed

  /** Since before it came first, all that is certain says that this client gets it. */
  isDue(clientId: string, { arrivedAt, message }: Known): boolean {
    for (const [filter, since] of this.subscriptions.get(clientId) ?? []) {
      if (since < arrivedAt && naivelyMatches(filter, message.topic)) return true
    }
    return false
  }

  /** How many copies of it go to groups: for certain, and at most. */
  copies({ arrivedAt, message }: Known): { readonly least: number; readonly most: number } {
    let least = 0
    let most = 0
    for (const [filter, { endedAt, members }] of this.groups) {
      if (!naivelyMatches(sharedOf(filter) as string, message.topic)) continue
      most++
      const isCertain = [...members.values()].some((since) => since < arrivedAt)
      // What was given to a member whose Session ended is lost with it [MQTT 5 §4.8.2].
      if (isCertain && endedAt.every((ended) => ended < arrivedAt)) least++
    }
    return { least, most }
  }

  hasExpired({ expiresAt }: Known): boolean {
    return expiresAt.length > 0 && expiresAt.every((end) => end <= this.#now())
  }

  /** Sent more than once, so that it may be new to some when it is old for others. */
  mayBeLate(clientId: string, key: string): boolean {
    const known = this.known.get(key)
    if (known === undefined || isShared(known.message.topic)) return true
    // What came of it first may have expired before it was sent, and what its publisher sent again lives on.
    const isFirstGone = known.expiresAt.some((end) => end <= this.#now())
    return known.arrivals > 1 && (isFirstGone || !this.isDue(clientId, known))
  }

  /** How often it came to the client, over all its Sessions. */
  received({ received }: ModelClient, key: string, qos: QoS): number {
    let count = 0
    for (const counts of received.values()) count += counts.get(countedAs(key, qos)) ?? 0
    return count
  }

  #fresh(message: Message): Known {
    return { message, arrivedAt: ++this.#moment, arrivals: 1, isAcknowledged: false, expiresAt: [] }
  }

  #group(filter: string): Group {
    const group = this.groups.get(filter) ?? { members: new Map(), endedAt: [] }
    this.groups.set(filter, group)
    return group
  }
}

function leftAt(end: number, now: number): number {
  return Math.max(1, Math.ceil((end - now) / 1000))
}

function keyOfPayload(payload: Uint8Array): string {
  const text = Buffer.from(payload).toString()
  return text.slice(0, text.indexOf('\n'))
}
