import type { QoS } from '../mqtt/control-packet.ts'
import type { Origin } from '../mqtt/network-connection.ts'
import { append } from './append.ts'
import type { Sleeper } from './awaited.ts'
import type { Named, Peer } from './tracked-exchange.ts'
import { type Arrival, type Content, sameContent, type TrackedMessage } from './tracked-message.ts'

/** A message to a client, of which is asked what it was when it came to the broker. */
export interface Delivery extends Content {
  readonly qos: QoS
  readonly retain: boolean
  readonly time: number
  readonly client: Peer & Sleeper
  /** Since when it listens; 0 where that is not known. */
  readonly since: number
  /** The time in which the client was away, as long as what it has missed may still be coming. */
  readonly away: { readonly from: number; readonly to: number } | undefined
}

/** So many arrivals are kept for one topic, and so many are looked at for one delivery. */
const mostForTopic = 5000
const mostLookedAt = 1000

/** A delivery follows its PUBLISH in less than that, unless something holds it up; in nanoseconds. */
const soon = 1e9
/** After that nothing is said to belong together only because it is equal. */
const late = 60e9

/** What came to the broker, by topic, for finding what a delivery is a delivery of. */
export class Arrivals {
  readonly #byTopic = new Map<string, Arrival[]>()
  /** The newest with RETAIN, by topic. */
  readonly #retained = new Map<string, TrackedMessage>()
  #ordinal = 0
  /** The broker's number of the arrival that was recognized last, less its ordinal, and when that was. */
  #offset = 0
  #calibratedAt = Number.NEGATIVE_INFINITY

  /** The broker has given a number to something that is no arrival, such as what it says of itself. */
  pass(count: number): void {
    this.#ordinal += count
  }

  add(message: TrackedMessage, arrival: Omit<Arrival, 'message' | 'ordinal' | 'origin'>): Arrival {
    const { target, topic, payload, length, publisher, kind, qos, time, record } = arrival
    const ordinal = ++this.#ordinal
    const origin = undefined
    const added = { message, target, topic, payload, length, publisher, kind, qos, time, record, ordinal, origin }
    message.arrivals = append(message.arrivals, added)
    const key = keyOf(target, topic)
    const list = this.#byTopic.get(key)
    if (list === undefined) {
      this.#byTopic.set(key, [added])
    } else {
      list.push(added)
      if (list.length > mostForTopic) list.shift()
    }
    return added
  }

  /** It did not arrive after all. */
  remove(arrival: Arrival): void {
    const { arrivals, topic } = arrival.message
    const key = keyOf(arrival.target, topic)
    if (this.#retained.get(key) === arrival.message) this.#retained.delete(key)
    arrivals.splice(arrivals.indexOf(arrival), 1)
    this.#drop(arrival)
  }

  /** The broker keeps this message for later subscribers; an empty payload removes what it has kept [MQTT-3.3.1-10]. */
  retain(message: TrackedMessage, { topic, length }: Content): void {
    const key = keyOf(message.target, topic)
    if (length === 0) this.#retained.delete(key)
    else this.#retained.set(key, message)
  }

  /** The message is no longer kept. */
  forget(message: TrackedMessage): void {
    for (const arrival of message.arrivals) this.#drop(arrival)
    const key = keyOf(message.target, message.topic)
    if (this.#retained.get(key) === message) this.#retained.delete(key)
  }

  #drop(arrival: Arrival): void {
    const key = keyOf(arrival.target, arrival.topic)
    const list = this.#byTopic.get(key)
    if (list === undefined) return
    // Mostly it is the oldest that goes.
    const at = list[0] === arrival ? 0 : list.indexOf(arrival)
    if (at === 0) list.shift()
    else if (at > 0) list.splice(at, 1)
    if (list.length === 0) this.#byTopic.delete(key)
  }

  /**
   * The arrival of which the broker says that this is it: same publisher, topic and payload. Among equal ones it is the
   * one whose place in the order fits the broker's number best, because the broker counts what arrives. It counts other
   * things as well, so that after a while without a delivery the first that the client has not got is a better guess.
   */
  certain(origin: Origin, delivery: Pick<Delivery, keyof Content | 'time' | 'since'>): Arrival | undefined {
    const { topic, time, since } = delivery
    // Only the workbench's own broker says it.
    const list = this.#byTopic.get(keyOf('', topic))
    if (list === undefined) return undefined
    const fits = (arrival: Arrival) =>
      arrival.kind === origin.kind && isPublisher(arrival.publisher, origin) && sameContent(arrival, delivery)
    const isFree = (arrival: Arrival) => arrival.origin === undefined && fits(arrival)
    const wanted = origin.message - this.#offset
    const isUnsure = time - this.#calibratedAt > soon
    const first = isUnsure ? firstSince(list, Math.max(since, time - soon), isFree) : undefined
    const found = first ?? nearest(list, wanted, isFree)
    if (found !== undefined) {
      found.origin = origin.message
      this.#offset = origin.message - found.ordinal
      this.#calibratedAt = time
      return found
    }
    // A broker that publishes twice what it was given once.
    return nearest(list, wanted, fits)
  }

  /** The message that this delivery probably delivers, by topic, payload, QoS and time. */
  likely(delivery: Delivery): TrackedMessage | undefined {
    const key = keyOf(delivery.client.target, delivery.topic)
    if (delivery.retain) {
      const kept = this.#retained.get(key)
      return kept !== undefined && sameContent(kept, delivery) ? kept : undefined
    }
    const list = this.#byTopic.get(key)
    return list && choose(list, delivery)
  }
}

/** Brokers know nothing of one another: what came to one is not looked for at another. */
function keyOf(target: string, topic: string): string {
  // No Topic Name has this character [MQTT-4.7.3-2].
  return target === '' ? topic : `${target}\0${topic}`
}

function isPublisher(publisher: Named | undefined, origin: Origin): boolean {
  // Of a client whose CONNECT was not seen the name is not known.
  return publisher !== undefined && (publisher.clientId === origin.clientId || publisher.clientId === '')
}

/** The oldest that is wanted and came at that time or later. */
function firstSince(list: readonly Arrival[], time: number, wanted: (a: Arrival) => boolean): Arrival | undefined {
  let first: Arrival | undefined
  for (let at = list.length - 1; at >= 0; at--) {
    const arrival = list[at] as Arrival
    if (arrival.time < time) break
    if (wanted(arrival)) first = arrival
  }
  return first
}

/** The one that is wanted whose ordinal is nearest; the older one of two that are equally near. */
function nearest(list: readonly Arrival[], ordinal: number, wanted: (a: Arrival) => boolean): Arrival | undefined {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((list[middle] as Arrival).ordinal < ordinal) low = middle + 1
    else high = middle
  }
  let before = low - 1
  let after = low
  for (let looked = 0; looked < mostLookedAt && (before >= 0 || after < list.length); looked++) {
    const older = list[before]
    const newer = list[after]
    const takeOlder = older !== undefined && (!newer || ordinal - older.ordinal <= newer.ordinal - ordinal)
    const next = (takeOlder ? older : newer) as Arrival
    if (wanted(next)) return next
    if (takeOlder) before -= 1
    else after += 1
  }
  return undefined
}

/**
 * Brokers keep the order of a topic [MQTT-4.6.0-6], so of several that are equal the first that the client has not got is
 * the one. But one that was never delivered must not shift all that follow: what arrived just now goes before what is
 * long past, unless the client was away then.
 */
function choose(list: readonly Arrival[], delivery: Delivery): TrackedMessage | undefined {
  const { client, away, time, since } = delivery
  let queued: Arrival | undefined
  let fresh: Arrival | undefined
  let missed: Arrival | undefined
  let stale: Arrival | undefined
  let repeated: Arrival | undefined
  const last = away === undefined ? Math.max(0, list.length - mostLookedAt) : 0
  for (let at = list.length - 1; at >= last; at--) {
    const arrival = list[at] as Arrival
    const { message } = arrival
    const age = time - arrival.time
    if ((age > late && away === undefined) || arrival.time < since) break
    const isTaken = (message.taken?.get(client) ?? 0) >= message.arrivals.length
    // What came before one that the client has got was lost, or it has got that too.
    if (isTaken && away === undefined && fresh !== undefined) break
    if (!fits(arrival, delivery)) continue
    if (isTaken) {
      // Of one whose PUBLISH was not captured nobody knows how often it was published.
      if (age <= soon && arrival.publisher !== undefined) repeated ??= arrival
    } else if (message.awaited?.has(client, arrival.topic)) queued = arrival
    else if (age <= soon) fresh = arrival
    else if (away !== undefined && arrival.time >= away.from && arrival.time <= away.to) missed = arrival
    else if (age <= late) stale ??= arrival
  }
  return (queued ?? fresh ?? missed ?? stale ?? repeated)?.message
}

function fits(arrival: Arrival, delivery: Delivery): boolean {
  // A subscription can lower the QoS of its publisher, never raise it [MQTT-3.8.4-6].
  return arrival.qos >= delivery.qos && sameContent(arrival, delivery)
}
