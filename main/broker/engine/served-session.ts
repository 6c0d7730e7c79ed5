import type { ProtocolVersion } from '../../../app/mqtt/control-packet.ts'
import { isExpired } from '../../../app/session/application-message.ts'
import { Outgoing, OutgoingQueue } from '../../../app/session/outgoing.ts'
import { lowerQoS, type Match, type Subscription } from '../../../app/session/subscription.ts'
import { type Journal, noJournal } from './journal.ts'
import type { Limits } from './limits.ts'
import type { Copy, RoutedMessage } from './routed-message.ts'
import type { Subscriber } from './router.ts'
import type { Turn } from './turn.ts'

/** How a Session reaches its client. */
export interface SessionClient {
  readonly version: ProtocolVersion
  /** Handshakes that may be unfinished towards it. */
  readonly window: number
  /** It reads what it is sent. */
  readonly reads: boolean
  /** @returns false where the packet is larger than the client takes: it is as if it had been sent [MQTT-3.1.2-25] */
  sendMessage(message: RoutedMessage, copy: Copy, dup: boolean): boolean
  /** @param code the Reason Code of PUBREL in MQTT 5 */
  sendRelease(packetId: number, code?: number): void
  /** Its queue is full, and the policy is to end it. */
  overflow(): void
}

/** Why messages for a Session were never sent. */
export interface Losses {
  queueFull: number
  expired: number
  tooLarge: number
}

/** Retained messages of a new Subscription for which there was no time in the turn in which it was granted. */
interface RetainedRest {
  readonly subscription: Subscription
  readonly find: () => RoutedMessage[]
  /** Undefined until it is its turn. */
  messages: RoutedMessage[] | undefined
  at: number
  /** What waited before: the ordinal of the newest. */
  readonly after: number
}

/** After so many messages that cost no packet the time is asked for. */
const glance = 256

export interface SessionGround {
  readonly limits: Limits
  readonly journal: Journal
  readonly turn: Turn
  /** Wall time in milliseconds. */
  now(): number
  /** What is shown of it has changed. */
  changed(session: ServedSession): void
  lost(why: keyof Losses, messages: number): void
}

/** A Session [§4.1]: what the broker keeps of a client, whether it is there or not. */
export class ServedSession implements Subscriber {
  readonly clientId: string
  readonly subscriptions = new Map<string, Subscription>()
  readonly outgoing = new OutgoingQueue()
  /** Packet Identifiers of QoS 2 that came and were not released. */
  readonly incoming = new Map<number, { readonly since: number }>()
  readonly losses: Losses = { queueFull: 0, expired: 0, tooLarge: 0 }
  version: ProtocolVersion = 4
  /** Seconds that it is kept without its client; `Infinity` for ever, 0 not at all. */
  expiry = 0
  client: SessionClient | undefined
  /** Wall time at which it began. */
  readonly created: number
  readonly #ground: SessionGround
  #ordinal = 0
  /** What was sent on an earlier connection and not yet on this one, the newest first. */
  #again: Outgoing[] = []
  /** By filter. What is published after them waits behind them. */
  readonly #rest = new Map<string, RetainedRest>()
  /** It sends again in the next turn. */
  isDue = false

  constructor(clientId: string, ground: SessionGround) {
    this.clientId = clientId
    this.#ground = ground
    this.created = ground.now()
  }

  get available(): boolean {
    return this.client?.reads === true
  }

  /** It outlives its Network Connection. */
  get isKept(): boolean {
    return this.expiry > 0
  }

  get #journal(): Journal | undefined {
    return this.isKept ? this.#ground.journal : undefined
  }

  /** Takes a message for the client: sends it, keeps it for later, or neither, by what the limits say. */
  deliver(message: RoutedMessage, match: Match): void {
    const since = match.qos === 0 || message.qos === 0 ? undefined : message.cameAt(this.#ground)
    this.offer(message, match, match.retainAsPublished && message.retain, since)
  }

  /** As `deliver`, with the RETAIN flag that a retained message has for a new Subscription [MQTT-3.3.1-8]. */
  offer(message: RoutedMessage, { qos: granted, identifiers }: Match, retain: boolean, since?: number): void {
    const qos = lowerQoS(message.qos, granted)
    const { client, outgoing } = this
    if (client === undefined && (qos === 0 || !this.isKept)) return
    // What only waits for the next turn is not lost for want of room.
    if (this.isDue && this.#rest.size === 0 && !this.#hasRoom(message)) this.pump(true)
    const isNext = outgoing.waiting === 0 && this.#rest.size === 0
    const isLate = isNext && this.#ground.turn.isOver && this.#hasRoom(message)
    if (qos === 0 && client?.reads && isNext && !isLate) {
      this.#sendAtMostOnce(client, message, retain, identifiers)
      return
    }
    const next = new Outgoing(++this.#ordinal, message, { qos, retain, identifiers }, since ?? this.#ground.now())
    const isFree = this.#again.length === 0 && outgoing.inflight.size < (client?.window ?? 0)
    if (client?.reads && isNext && isFree && !isLate) {
      this.#send(client, next)
      return
    }
    if (!this.#makeRoom(next)) return
    message.detach()
    outgoing.add(next)
    if (qos > 0) this.#journal?.outgoing(this.clientId, next)
    this.#ground.changed(this)
    if (isLate) this.#pumpLater()
  }

  /**
   * Takes the retained messages of a new Subscription: as many as there is time for now, the rest in later turns.
   *
   * @param find looks for them; called when it is their turn
   */
  offerRetained(subscription: Subscription, find: () => RoutedMessage[]): void {
    const { filter, qos } = subscription
    const { turn, journal } = this.#ground
    // What is to survive a crash is written down before SUBACK goes out.
    const isWhole = this.isKept && qos > 0 && journal !== noJournal
    const messages = isWhole || (this.#rest.size === 0 && !turn.isOver) ? find() : undefined
    turn.hurry()
    let at = 0
    for (const count = messages?.length ?? 0; at < count && (isWhole || !turn.isOver); at++) {
      this.offer(messages?.[at] as RoutedMessage, subscription, true)
      if (at % glance === 0) turn.hurry()
    }
    this.#rest.delete(filter)
    if (messages !== undefined && at === messages.length) return
    this.#rest.set(filter, { subscription, find, messages, at, after: this.#ordinal })
    this.#pumpLater()
  }

  /** Sends what may be sent by now, as far as there is time. @param isLong whether there is as much as it takes */
  pump(isLong = false): void {
    const { client, outgoing } = this
    while (client?.reads && client === this.client) {
      if (!isLong && this.#ground.turn.isOver) {
        this.#pumpLater()
        return
      }
      if (this.#again.length > 0) {
        // Receive Maximum is that of this connection; what is unfinished may be more [MQTT-3.3.4-9].
        if (outgoing.inflight.size - this.#again.length >= client.window) return
        const unfinished = this.#again.pop() as Outgoing
        this.#transmit(client, unfinished, unfinished.sends > 0)
        continue
      }
      const rest = this.#nextRest()
      if (rest !== undefined) {
        if (!this.#sendRest(client, rest)) return
        continue
      }
      const next = outgoing.take(client.window)
      if (next === undefined) return
      if (isExpired(next.message, this.#ground.now())) this.#lose('expired', [next])
      else this.#send(client, next)
    }
  }

  #pumpLater(): void {
    if (this.isDue) return
    this.isDue = true
    this.#ground.turn.next(() => {
      this.isDue = false
      this.pump()
    })
  }

  /** Retained messages that are next: nothing that waits came before them. */
  #nextRest(): RetainedRest | undefined {
    if (this.#rest.size === 0) return undefined
    const [rest] = this.#rest.values()
    const { next } = this.outgoing
    return rest !== undefined && (next === undefined || next.ordinal > rest.after) ? rest : undefined
  }

  /** Sends one of them. @returns false where that has to wait for a handshake to end */
  #sendRest(client: SessionClient, rest: RetainedRest): boolean {
    const { subscription } = rest
    if (rest.messages === undefined) {
      rest.messages = rest.find()
      this.#ground.turn.hurry()
    }
    const message = rest.messages[rest.at]
    if (message === undefined) {
      this.#rest.delete(subscription.filter)
      return true
    }
    const { identifiers } = subscription
    const qos = lowerQoS(message.qos, subscription.qos)
    if (qos > 0 && this.outgoing.inflight.size >= client.window) return false
    rest.at++
    if (qos === 0) this.#sendAtMostOnce(client, message, true, identifiers)
    else
      this.#send(client, new Outgoing(++this.#ordinal, message, { qos, retain: true, identifiers }, this.#ground.now()))
    return true
  }

  /** The client is back with Session Present: what is unfinished goes out again, in order [MQTT-4.4.0-1]. */
  resume(): void {
    const { client, outgoing } = this
    if (client === undefined) return
    this.#again = []
    for (const unfinished of [...outgoing.inflight.values()]) {
      if (unfinished.state === 'awaiting PUBCOMP') client.sendRelease(unfinished.packetId)
      else this.#again.push(unfinished)
    }
    this.#again.reverse()
    this.pump()
  }

  /** @returns what the client did wrong */
  answered(type: 'PUBACK' | 'PUBREC' | 'PUBCOMP', packetId: number, code: number): string | undefined {
    const { client, outgoing } = this
    if (client === undefined) return undefined
    const sent = outgoing.inflight.get(packetId)
    const step = outgoing.answered(type, packetId, code, client.version)
    if (step.violation !== undefined) return step.violation
    if (this.#again.length > 0) this.#again = this.#again.filter((unfinished) => unfinished !== sent)
    if (sent !== undefined && step.end !== undefined) this.#journal?.outgoingGone(this.clientId, sent)
    else if (sent !== undefined && step.send !== undefined) this.#journal?.outgoing(this.clientId, sent)
    // Before the next messages: PUBREL is not to wait for them.
    if (step.send === 'PUBREL') client.sendRelease(packetId, step.code)
    const hasMore = outgoing.waiting > 0 || this.#again.length > 0 || this.#rest.size > 0
    if (step.end !== undefined && hasMore) this.pump()
    if (sent !== undefined) this.#ground.changed(this)
    return undefined
  }

  /** A Subscription was granted; it is in `subscriptions` already. */
  written(subscription: Subscription): void {
    this.#journal?.subscribed(this.clientId, subscription)
    this.#ground.changed(this)
  }

  /** A Subscription was taken away; it is not in `subscriptions` any more. */
  erased(filter: string): void {
    this.#rest.delete(filter)
    this.#journal?.unsubscribed(this.clientId, filter)
    this.#ground.changed(this)
  }

  /** A PUBLISH of QoS 2 is stored under this Packet Identifier. */
  receive(packetId: number): void {
    this.incoming.set(packetId, { since: this.#ground.now() })
    this.#journal?.received(this.clientId, packetId)
    this.#ground.changed(this)
  }

  release(packetId: number): void {
    if (!this.incoming.delete(packetId)) return
    this.#journal?.released(this.clientId, packetId)
    this.#ground.changed(this)
  }

  /** Puts back what was stored of it. */
  restore(outgoing: Outgoing): void {
    this.#ordinal = Math.max(this.#ordinal, outgoing.ordinal)
    this.outgoing.restore(outgoing)
  }

  /** Throws away what waits. @returns how many messages it was */
  clearQueue(): number {
    const cleared = this.outgoing.clear()
    this.#rest.clear()
    for (const outgoing of cleared) this.#journal?.outgoingGone(this.clientId, outgoing)
    this.#ground.changed(this)
    return cleared.length
  }

  #sendAtMostOnce(
    client: SessionClient,
    message: RoutedMessage,
    retain: boolean,
    identifiers: readonly number[] | undefined,
  ): void {
    if (message.expiresAt !== undefined && isExpired(message, this.#ground.now())) this.#lose('expired', undefined)
    else if (!client.sendMessage(message, { qos: 0, retain, packetId: 0, identifiers }, false)) {
      this.#lose('tooLarge', undefined)
    }
  }

  #send(client: SessionClient, next: Outgoing): void {
    if (next.qos > 0) {
      this.outgoing.begin(next, client.version)
      this.#journal?.outgoing(this.clientId, next)
    }
    this.#transmit(client, next, false)
  }

  #transmit(client: SessionClient, next: Outgoing, dup: boolean): void {
    next.sends++
    if (client.sendMessage(next.message as RoutedMessage, next, dup)) return
    this.outgoing.inflight.delete(next.packetId)
    this.#lose('tooLarge', [next])
  }

  #hasRoom({ payload, topic }: { readonly payload: Uint8Array; readonly topic: string }): boolean {
    const { maxQueued, maxQueuedOctets } = this.#ground.limits
    const { waiting, waitingOctets } = this.outgoing
    return waiting < maxQueued && waitingOctets + payload.length + topic.length <= maxQueuedOctets
  }

  /** @returns whether there is room for one more */
  #makeRoom(next: Outgoing): boolean {
    const { queuePolicy } = this.#ground.limits
    const { outgoing } = this
    const isFull = () => !this.#hasRoom(next.message)
    if (!isFull()) return true
    const expired = outgoing.expire(this.#ground.now())
    if (expired.length > 0) this.#lose('expired', expired)
    while (queuePolicy === 'drop oldest' && isFull()) {
      const oldest = outgoing.drop()
      if (oldest === undefined) break
      this.#lose('queueFull', [oldest])
    }
    if (!isFull()) return true
    this.#lose('queueFull', undefined)
    if (queuePolicy === 'disconnect') this.client?.overflow()
    return false
  }

  /** @param what undefined for one message that was never kept */
  #lose(why: keyof Losses, what: readonly Outgoing[] | undefined): void {
    for (const outgoing of what ?? []) if (outgoing.qos > 0) this.#journal?.outgoingGone(this.clientId, outgoing)
    const messages = what?.length ?? 1
    this.losses[why] += messages
    this.#ground.lost(why, messages)
    this.#ground.changed(this)
  }
}
