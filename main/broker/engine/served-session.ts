import type { ProtocolVersion, QoS } from '../../../app/mqtt/control-packet.ts'
import { type ApplicationMessage, isExpired, messageSize } from '../../../app/session/application-message.ts'
import { entryOverhead, Outgoing, OutgoingQueue } from '../../../app/session/outgoing.ts'
import { lowerQoS, type Match, type Subscription, shareOf } from '../../../app/session/subscription.ts'
import { type Journal, noJournal } from './journal.ts'
import { Resends } from './resends.ts'
import { type RetainedRest, RetainedRests, type RetainedSearch } from './retained-rests.ts'
import type { Copy, RoutedMessage } from './routed-message.ts'
import type { Subscriber } from './router.ts'
import type { Losses, SessionClient, SessionGround } from './session-ground.ts'

/** After so many messages that cost no packet the time is asked for. */
const glance = 256
/** After so many that are written down the turn may be over. */
const few = 32

/** A Session [§4.1]: what the broker keeps of a client, whether it is there or not. */
export class ServedSession implements Subscriber {
  readonly clientId: string
  readonly subscriptions = new Map<string, Subscription>()
  readonly outgoing: OutgoingQueue
  /** Packet Identifiers of QoS 2 that came and were not released. */
  readonly incoming = new Map<number, { readonly since: number }>()
  readonly losses: Losses = { queueFull: 0, expired: 0, tooLarge: 0, cleared: 0 }
  version: ProtocolVersion = 4
  /** Seconds that it is kept without its client; `Infinity` for ever, 0 not at all. */
  expiry = 0
  client: SessionClient | undefined
  /** Wall time at which it began. */
  readonly created: number
  readonly #ground: SessionGround
  #ordinal = 0
  readonly #again = new Resends()
  /** What is published after them waits behind them. */
  readonly #rest = new RetainedRests()
  /** How many may wait for SUBACK besides those that the limits allow: they are sent with it. */
  #spare = 0
  /** It sends again in the next turn. */
  #isDue = false
  /** The turn in which it took one more than there is room for. */
  #overdrawn = 0
  /** A SUBSCRIBE or an UNSUBSCRIBE of its client is being served, over several turns: what comes after it waits. */
  isAsking = false
  /** What does so; made once, for those that ever need it. */
  #goOn: (() => void) | undefined

  constructor(clientId: string, ground: SessionGround) {
    this.clientId = clientId
    this.#ground = ground
    this.outgoing = new OutgoingQueue(ground.tally)
    this.created = ground.now()
  }

  get available(): boolean {
    return this.client?.reads === true
  }

  /** What comes from its client has to wait. */
  get isDue(): boolean {
    return this.#isDue || this.isAsking
  }

  /** It outlives its Network Connection. */
  get isKept(): boolean {
    return this.expiry > 0
  }

  /** Something is to be sent, or sent again, when there is room. */
  get hasMore(): boolean {
    return this.outgoing.waiting > 0 || this.#again.size > 0 || this.#rest.size > 0
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
  offer(message: RoutedMessage, match: Match, retain: boolean, since?: number): void {
    const { qos: granted, identifiers } = match
    const qos = lowerQoS(message.qos, granted)
    const { client, outgoing } = this
    if (client === undefined && (qos === 0 || !this.isKept)) return
    if (this.#isTooLate(message, qos)) return
    // What only waits for the next turn is not lost for want of room.
    if (this.#isDue && this.#rest.size === 0 && !this.#hasRoom(message)) this.pump(true)
    const isNext = outgoing.waiting === 0 && this.#rest.size === 0
    const isLate = isNext && this.#ground.turn.isOver && this.#hasRoom(message)
    if (qos === 0 && client?.reads && isNext && !isLate) {
      this.#sendAtMostOnce(client, message, retain, identifiers)
      return
    }
    const how = { qos, retain, identifiers, share: shareOf(match) }
    const next = new Outgoing(++this.#ordinal, message, how, since ?? this.#ground.now())
    const isFree = this.#again.size === 0 && outgoing.inflight.size < (client?.window ?? 0)
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

  /** Whether retained messages of a Subscription are to survive a crash once SUBACK is sent: see `keepRetained`. */
  keepsRetained({ qos }: Subscription): boolean {
    return qos > 0 && this.isKept && this.#ground.journal !== noJournal
  }

  /**
   * Takes those retained messages of a new Subscription that are to survive a crash: they are written down before SUBACK
   * is sent, and sent after it, when `sendKept` is called. Stops where there may be no time for more.
   *
   * @returns whether there are others, for `offerRetained`
   */
  *keepRetained(subscription: Subscription, find: () => RetainedSearch): Generator<void, boolean> {
    const { client, outgoing } = this
    this.#rest.add({ subscription, find, search: undefined, next: undefined, after: this.#ordinal, isHeld: true })
    this.#spare = client?.reads ? Math.max(0, client.window - outgoing.inflight.size) : 0
    const search = find()
    let hasOthers = false
    for (let next = search.next(), taken = 1; !next.done; next = search.next(), taken++) {
      const message = next.value
      if (message?.qos === 0) hasOthers = true
      else if (message !== undefined) this.offer(message, subscription, true)
      if (message === undefined || taken % few === 0) yield
    }
    return hasOthers
  }

  /** SUBACK is on its way: what was kept before it goes out now. */
  sendKept(): void {
    this.#spare = 0
    if (this.#rest.deleteHeld()) this.pump()
  }

  /**
   * Takes the retained messages of a new Subscription: as many as there is time for now, the rest in later turns.
   *
   * @param find looks for them; called when it is their turn
   */
  offerRetained(subscription: Subscription, find: () => RetainedSearch): void {
    const { turn } = this.#ground
    turn.hurry()
    const search = this.#rest.size === 0 && !turn.isOver ? find() : undefined
    let found = search?.next()
    for (let taken = 1; found !== undefined && !found.done && !turn.isOver; found = search?.next(), taken++) {
      if (found.value !== undefined) this.offer(found.value, subscription, true)
      if (found.value === undefined || taken % glance === 0) turn.hurry()
    }
    if (found?.done) return
    this.#rest.add({ subscription, find, search, next: found?.value || undefined, after: this.#ordinal, isHeld: false })
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
      if (this.#again.size > 0) {
        // Receive Maximum is that of this connection; what is unfinished may be more [MQTT-3.3.4-9].
        if (outgoing.inflight.size - this.#again.size >= client.window) return
        const unfinished = this.#again.take() as Outgoing
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

  /** There is room again on its client's Network Connection. */
  goOn(): void {
    this.#ground.changed(this)
    this.pump()
  }

  #pumpLater(): void {
    if (this.#isDue) return
    this.#isDue = true
    this.#goOn ??= () => {
      this.#isDue = false
      this.pump()
    }
    this.#ground.turn.next(this.#goOn)
  }

  /** Retained messages that are next: nothing that waits came before them. */
  #nextRest(): RetainedRest | undefined {
    if (this.#rest.size === 0) return undefined
    const rest = this.#rest.first
    const { next } = this.outgoing
    return rest !== undefined && (next === undefined || next.ordinal > rest.after) ? rest : undefined
  }

  /** Sends one of them. @returns false where that has to wait: for a handshake to end, or for SUBACK */
  #sendRest(client: SessionClient, rest: RetainedRest): boolean {
    const { subscription } = rest
    if (rest.isHeld) return false
    if (rest.next === undefined) {
      rest.search ??= rest.find()
      const found = rest.search.next()
      if (found.done) this.#rest.delete(subscription.filter)
      else rest.next = found.value
      if (rest.next === undefined) this.#ground.turn.hurry()
    }
    const message = rest.next
    if (message === undefined) return true
    const { identifiers } = subscription
    const qos = lowerQoS(message.qos, subscription.qos)
    if (qos > 0 && this.outgoing.inflight.size >= client.window) return false
    rest.next = undefined
    if (this.#isTooLate(message, qos)) return true
    if (qos === 0) this.#sendAtMostOnce(client, message, true, identifiers)
    else
      this.#send(client, new Outgoing(++this.#ordinal, message, { qos, retain: true, identifiers }, this.#ground.now()))
    return true
  }

  /** The client is back with Session Present: what is unfinished goes out again, in order [MQTT-4.4.0-1]. */
  resume(): void {
    const { client, outgoing } = this
    if (client === undefined) return
    const again: Outgoing[] = []
    for (const unfinished of [...outgoing.inflight.values()]) {
      if (unfinished.state === 'awaiting PUBCOMP') client.sendRelease(unfinished.packetId)
      else again.push(unfinished)
    }
    this.#again.begin(again)
    this.pump()
  }

  /** @returns what the client did wrong */
  answered(type: 'PUBACK' | 'PUBREC' | 'PUBCOMP', packetId: number, code: number): string | undefined {
    const { client, outgoing } = this
    if (client === undefined) return undefined
    const sent = outgoing.inflight.get(packetId)
    const step = outgoing.answered(type, packetId, code, client.version)
    if (step.violation !== undefined) return step.violation
    if (sent !== undefined && this.#again.size > 0) this.#again.remove(sent)
    if (sent !== undefined && step.end !== undefined) this.#journal?.outgoingGone(this.clientId, sent)
    else if (sent !== undefined && step.send !== undefined) this.#journal?.outgoing(this.clientId, sent)
    // Before the next messages: PUBREL is not to wait for them.
    if (step.send === 'PUBREL') client.sendRelease(packetId, step.code)
    if (step.end !== undefined && this.hasMore) this.pump()
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
    this.#lose('cleared', cleared)
    return cleared.length
  }

  /** Throws away what is not for its client any more, by topic; nobody is served in it. @returns how many messages */
  withdraw(isWanted: (topic: string) => boolean): number {
    const gone = this.outgoing.withdraw(isWanted)
    for (const outgoing of gone) if (outgoing.qos > 0) this.#journal?.outgoingGone(this.clientId, outgoing)
    this.#ground.changed(this)
    return gone.length
  }

  /** Whether it has expired, and is lost: at once, where its Message Expiry Interval is 0 [MQTT-3.3.2-5]. */
  #isTooLate(message: RoutedMessage, qos: QoS): boolean {
    if (message.expiresAt === undefined || !isExpired(message, this.#ground.now())) return false
    this.#lose('expired', undefined, qos)
    return true
  }

  #sendAtMostOnce(client: SessionClient, message: RoutedMessage, retain: boolean, identifiers: Copy['identifiers']) {
    const isSent = client.sendMessage(message, { qos: 0, retain, packetId: 0, identifiers }, false)
    if (!isSent) this.#lose('tooLarge', undefined, 0)
  }

  #send(client: SessionClient, next: Outgoing): void {
    if (next.qos > 0) {
      this.outgoing.begin(next, client.version)
      this.#journal?.outgoing(this.clientId, next)
    }
    // It waits no more, or is in flight: also where it is never answered.
    this.#ground.changed(this)
    this.#transmit(client, next, false)
  }

  #transmit(client: SessionClient, next: Outgoing, dup: boolean): void {
    next.sends++
    if (client.sendMessage(next.message as RoutedMessage, next, dup)) return
    this.outgoing.inflight.delete(next.packetId)
    this.#lose('tooLarge', [next])
  }

  #hasRoom(message: ApplicationMessage): boolean {
    const { maxAllQueuedOctets, maxQueued, maxQueuedOctets } = this.#ground.limits
    const { allSize, waiting, waitingSize } = this.outgoing
    if (waiting < this.#spare) return true
    const size = messageSize(message) + entryOverhead
    return waiting < maxQueued && waitingSize + size <= maxQueuedOctets && allSize + size <= maxAllQueuedOctets
  }

  /** @returns whether there is room for one more */
  #makeRoom(next: Outgoing): boolean {
    const { queuePolicy } = this.#ground.limits
    const { outgoing } = this
    const isFull = () => !this.#hasRoom(next.message)
    if (!isFull()) return true
    const expired = outgoing.expire(this.#ground.now())
    if (expired.length > 0) this.#lose('expired', expired)
    if (isFull() && this.#mayOverdraw(next.message)) return true
    while (queuePolicy === 'drop oldest' && isFull()) {
      const oldest = outgoing.drop()
      if (oldest === undefined) break
      this.#lose('queueFull', [oldest])
    }
    if (!isFull()) return true
    this.#lose('queueFull', undefined, next.qos)
    if (queuePolicy === 'disconnect') this.client?.overflow()
    return false
  }

  /**
   * What its client was sent last is still on its way out of here: it cannot have read it, however fast it reads. One more
   * is taken then, and the turn is over: whoever publishes goes on when that has left.
   */
  #mayOverdraw(message: ApplicationMessage): boolean {
    const { limits, turn } = this.#ground
    const size = messageSize(message) + entryOverhead
    if (!this.client?.isUnheard || this.#overdrawn === turn.number) return false
    if (size > limits.maxQueuedOctets || this.outgoing.allSize + size > limits.maxAllQueuedOctets) return false
    this.#overdrawn = turn.number
    turn.end()
    return true
  }

  /** @param what undefined for one message that was never kept, of this QoS */
  #lose(why: keyof Losses, what: readonly Outgoing[] | undefined, qos: QoS = 0): void {
    const assured = what?.filter((outgoing) => outgoing.qos > 0) ?? []
    for (const outgoing of assured) this.#journal?.outgoingGone(this.clientId, outgoing)
    const messages = what?.length ?? 1
    this.losses[why] += messages
    this.#ground.lost(why, messages, qos > 0 ? 1 : assured.length)
    this.#ground.changed(this)
  }
}
