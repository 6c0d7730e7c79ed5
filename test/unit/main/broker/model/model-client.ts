import type { QoS } from '../../../../../app/mqtt/control-packet.ts'
import { stepReceiver } from '../../../../../app/qos/receiver.ts'
import { type SenderInput, type SenderState, stepSender } from '../../../../../app/qos/sender.ts'
import { type Came, property } from '../../../../helpers/mqtt-reading.ts'
import type { ModelLink } from './model-link.ts'
import { octetsOf } from './model-octets.ts'
import { type ConnectOptions, demand, type Filter, type Message, type Sent } from './model-words.ts'
import { countedAs, keyOf } from './reference-session.ts'
import { resolveAlias } from './reference-wire.ts'

/** Few enough that Packet Identifiers are used again soon. */
const fewPacketIds = 64

interface Unfinished {
  readonly message: Message
  state: SenderState
}

export interface ClientHost {
  /** A message of QoS 1 or 2 was acknowledged. */
  acknowledged(message: Message): void
  /** Its publisher has sent it more than once, or after later ones. */
  mayBeLate(key: string, publisher: string): boolean
}

/** A client as it has to be: it never loses, repeats or reorders anything by itself, whatever its links do. */
export class ModelClient {
  readonly clientId: string
  link: ModelLink | undefined
  /** CONNACK has come. */
  isConnected = false
  options: ConnectOptions | undefined
  /** Its Session is over on its side: the next CONNECT has to begin a new one. */
  mustBeginAnew = false
  /** When it lost its last connection, in milliseconds. */
  leftAt = 0
  /** Something was lost in the middle of a connection, so that what is sent again can be late. */
  isUnordered = false
  readonly unfinished = new Map<number, Unfinished>()
  /** QoS 2 that came and was not released. */
  readonly stored = new Set<number>()
  /** How often each message came, in each Session. */
  readonly received = new Map<number, Map<string, number>>()
  readonly #host: ClientHost
  readonly #packetIds: number
  #waiting: Message[] = []
  /** Of unfinished messages, those that were published on this connection. */
  readonly #open = new Set<number>()
  /** Identifiers for which an answer too many may still come. */
  readonly #doubtful = new Set<number>()
  readonly #aliases = new Map<number, string>()
  /** The last message of each stream that came for the first time. */
  readonly #newest = new Map<string, number>()
  #window = 65_535
  #lastId = 0
  #incarnation = 0
  #seq = 0

  /** @param packetIds that it uses; many where its links repeat answers, which must not meet another message */
  constructor(clientId: string, host: ClientHost, packetIds = fewPacketIds) {
    this.clientId = clientId
    this.#host = host
    this.#packetIds = packetIds
  }

  /** Counts what it publishes. */
  nextSeq(): number {
    return ++this.#seq
  }

  connect(link: ModelLink, options: ConnectOptions): void {
    this.link = link
    this.options = options
    this.isConnected = false
    this.#open.clear()
    this.#aliases.clear()
    if (options.clean) this.#forgetSession()
    // Until CONNACK says so, the broker may have another one.
    if (options.clean) this.mustBeginAnew = true
    this.#send({ kind: 'CONNECT', options })
  }

  /** The connection is lost, or was given up. @param now in milliseconds */
  disconnected(now: number): void {
    if (this.options?.expiry === 0) {
      this.#forgetSession()
      // The broker may not have heard of it that the Session is to end with this connection.
      if (!this.isConnected) this.mustBeginAnew = true
    }
    this.link = undefined
    this.isConnected = false
    this.leftAt = now
  }

  publish(message: Message): void {
    // QoS 0 of those who are away is nothing.
    if (message.qos === 0 && !this.isConnected) return
    this.#waiting.push(message)
    this.#pump()
  }

  subscribe(filters: readonly Filter[], identifier: number | undefined): void {
    this.#send({ kind: 'SUBSCRIBE', packetId: this.#freeId(), filters, identifier })
  }

  unsubscribe(filter: string): void {
    this.#send({ kind: 'UNSUBSCRIBE', packetId: this.#freeId(), filter })
  }

  ping(): void {
    this.#send({ kind: 'PINGREQ' })
  }

  disconnect(withWill: boolean, expiry: number | undefined): void {
    if (expiry !== undefined && this.options !== undefined) this.options = { ...this.options, expiry }
    this.#send({ kind: 'DISCONNECT', withWill, expiry })
    if (expiry === 0) this.mustBeginAnew = true
  }

  /** Sends something a second time, as 3.1.1 does not forbid. */
  repeat(which: number): void {
    const [packetId, unfinished] = [...this.unfinished][which % Math.max(1, this.unfinished.size)] ?? []
    if (packetId === undefined || unfinished === undefined) return
    this.#doubtful.add(packetId)
    if (unfinished.state === 'awaiting PUBCOMP') this.#send({ kind: 'PUBREL', packetId })
    else this.#send({ kind: 'PUBLISH', message: unfinished.message, packetId }, true)
  }

  /** Power is lost, and with it all that was in RAM; its flash knows which Packet Identifier was the last. */
  forget(): void {
    for (const packetId of this.unfinished.keys()) this.#doubtful.add(packetId)
    this.unfinished.clear()
    this.stored.clear()
    this.#waiting = []
  }

  /** A whole packet has come. */
  came(came: Came): void {
    const { kind, packetId } = came
    switch (kind) {
      case 'CONNACK':
        this.#connack(came)
        return
      case 'PUBLISH':
        this.#published(came)
        return
      case 'PUBREL': {
        const state = this.stored.delete(packetId) ? 'stored' : 'idle'
        stepReceiver(state, { type: 'PUBREL' }, this.#version)
        this.#send({ kind: 'PUBCOMP', packetId })
        return
      }
      case 'PUBACK':
      case 'PUBREC':
      case 'PUBCOMP':
        this.#step(packetId, { type: kind, code: came.code })
        this.#pump()
    }
  }

  get #version(): 4 | 5 {
    return this.options?.version === 5 ? 5 : 4
  }

  #send(sent: Sent, dup = false): void {
    this.link?.send(octetsOf(sent, this.clientId, this.link.version, dup), sent)
  }

  #connack(came: Came): void {
    this.isConnected = true
    this.mustBeginAnew = false
    const maximum = property(came, 'receiveMaximum')
    this.#window = typeof maximum === 'number' ? maximum : 65_535
    const incarnation = this.link?.incarnation ?? 0
    // Where a CONNACK was lost that said 0, the one that says 1 is not about the Session that the client remembers.
    if (!came.sessionPresent || incarnation !== this.#incarnation) this.#forgetSession()
    this.#incarnation = incarnation
    for (const packetId of [...this.unfinished.keys()]) {
      this.#step(packetId, { type: 'reconnected', sessionPresent: true })
    }
    this.#pump()
  }

  #forgetSession(): void {
    this.unfinished.clear()
    this.stored.clear()
    this.#doubtful.clear()
    this.#newest.clear()
    this.#waiting = []
  }

  #step(packetId: number, input: SenderInput): void {
    const unfinished = this.unfinished.get(packetId)
    const step = stepSender(unfinished?.state ?? 'idle', input, this.#version)
    demand(step.violation === undefined, () => `${this.clientId}: ${step.violation}`)
    if (step.send === 'PUBREL') this.#send({ kind: 'PUBREL', packetId })
    if (unfinished === undefined) return
    unfinished.state = step.state
    // Also where only PUBREL is sent again, which is more than is asked for [MQTT 5 §4.9].
    if (step.send !== undefined) this.#open.add(packetId)
    if (step.send === 'PUBLISH') {
      this.#send({ kind: 'PUBLISH', message: unfinished.message, packetId }, step.dup)
    } else if (step.send === 'PUBREL') {
      // PUBREL is sent again in the order of PUBREC [MQTT-4.6.0-4].
      this.unfinished.delete(packetId)
      this.unfinished.set(packetId, unfinished)
    }
    if (step.end === undefined) return
    demand(step.end === 'done', () => `'${unfinished.message.key}' was refused`)
    this.unfinished.delete(packetId)
    this.#open.delete(packetId)
    this.#host.acknowledged(unfinished.message)
  }

  #pump(): void {
    while (this.isConnected) {
      const [message] = this.#waiting
      if (message === undefined || (message.qos > 0 && this.#open.size >= this.#window)) return
      if (message.qos > 0 && this.unfinished.size + this.#doubtful.size >= this.#packetIds - 2) return
      this.#waiting.shift()
      if (message.qos === 0) this.#send({ kind: 'PUBLISH', message, packetId: 0 })
      else {
        const packetId = this.#freeId()
        this.unfinished.set(packetId, { message, state: 'idle' })
        this.#step(packetId, { type: 'publish', qos: message.qos })
      }
    }
  }

  #freeId(): number {
    do this.#lastId = (this.#lastId % this.#packetIds) + 1
    while (this.unfinished.has(this.#lastId) || this.#doubtful.has(this.#lastId))
    return this.#lastId
  }

  #published(came: Came): void {
    const { packetId, qos } = came
    const alias = property(came, 'topicAlias')
    const topic = typeof alias === 'number' ? resolveAlias(came, alias, this.#aliases) : came.topic
    const state = this.stored.has(packetId) ? 'stored' : 'idle'
    const step = stepReceiver(qos === 0 ? 'idle' : state, { type: 'PUBLISH', qos }, this.#version)
    demand(step.violation === undefined, () => `${this.clientId}: ${step.violation}`)
    if (step.deliver) this.#take(came, topic, qos)
    if (qos === 2) this.stored.add(packetId)
    if (step.send === 'PUBACK' || step.send === 'PUBREC') this.#send({ kind: step.send, packetId })
  }

  #take(came: Came, topic: string, qos: QoS): void {
    const key = keyOf(came)
    const counted = countedAs(key, qos)
    let counts = this.received.get(this.#incarnation)
    if (counts === undefined) {
      counts = new Map()
      this.received.set(this.#incarnation, counts)
    }
    counts.set(counted, (counts.get(counted) ?? 0) + 1)
    if (key === 'clear' || came.retain || key.includes('will')) return
    this.#inOrder(key, topic, qos, counts.get(counted) === 1)
  }

  /** What comes for the first time comes in the order of its publisher, for each topic and QoS [MQTT-4.6.0-6]. */
  #inOrder(key: string, topic: string, qos: QoS, isFirst: boolean): void {
    if (!isFirst || this.isUnordered) return
    const [publisher = '', seq = '', published] = key.split(':')
    const stream = `${publisher} ${topic} ${published} ${qos}`
    const newest = this.#newest.get(stream) ?? 0
    const isInOrder = Number(seq) > newest || this.#host.mayBeLate(key, publisher)
    demand(isInOrder, () => `${this.clientId} has '${key}' after ${newest} of ${stream}`)
    this.#newest.set(stream, Math.max(newest, Number(seq)))
  }
}
