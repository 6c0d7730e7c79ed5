import type { IConnackPacket, MqttClient, Packet } from 'mqtt'
import type { ProtocolVersion } from '../../../app/mqtt/control-packet.ts'
import type { Outcome } from '../../../app/script-api/crossing.ts'
import type { ClientMemory } from './client-memory.ts'
import { refusedBy } from './close-reasons.ts'
import { encodePublish, encodePubrel, type OutgoingMessage } from './encode-publish.ts'
import { KeptMessages } from './kept-messages.ts'
import { PacketIdentifiers } from './packet-identifiers.ts'
import { IncomingStore, OutgoingStore } from './packet-stores.ts'
import { described } from './pending-calls.ts'
import { SendWindow } from './send-window.ts'
import { TopicAliases } from './topic-aliases.ts'

export interface PublisherOptions {
  readonly version: ProtocolVersion
  readonly topicAliases: boolean
  readonly memory: ClientMemory
  /** Writes to the connection; false when it has no room for more. */
  readonly write: (octets: Buffer) => boolean
  /** The message of this call goes out; at QoS 1 and 2 it is this class's to look after from now on. */
  readonly sent: (call: number) => void
  /** What was accepted for this call has come to an end. */
  readonly settled: (call: number, outcome: Outcome) => void
  /** The CONNACK of the connection that is being resumed. */
  readonly connack: () => IConnackPacket | undefined
}

/** What became of a message: `written` says whether the connection has room for more. */
export type Publishing =
  | { readonly type: 'written'; readonly room: boolean }
  /** Its turn comes when the broker has acknowledged others. */
  | { readonly type: 'waits' }
  | { readonly type: 'refused'; readonly message: string }

/** What the broker takes, as its CONNACK says [MQTT 5 §3.2.2.3]; before MQTT 5 it says nothing. */
interface Limits {
  readonly maximumQoS: number
  readonly retain: boolean
  /** Octets. */
  readonly packetSize: number
}

const unlimited: Limits = { maximumQoS: 2, retain: true, packetSize: Number.POSITIVE_INFINITY }

/**
 * The publishing side of a client: sends messages and, on a new connection, what was not acknowledged on the one before,
 * in order [MQTT-4.4.0-1, MQTT-4.6.0-1] and with DUP [MQTT-3.3.1-1]. It keeps to what the broker takes: Receive Maximum
 * [MQTT-3.3.4-7], Maximum QoS [MQTT-3.2.2-11], Maximum Packet Size [MQTT-3.2.2-15] and so on, none of which MQTT.js does.
 * MQTT.js handles the acknowledgements.
 */
export class Publisher {
  readonly identifiers = new PacketIdentifiers()
  readonly outgoing: OutgoingStore
  readonly incoming: IncomingStore
  /** What an earlier life has sent and is not acknowledged yet. */
  readonly kept: KeptMessages
  readonly #options: PublisherOptions
  readonly #window = new SendWindow()
  readonly #aliases: TopicAliases
  #mqtt: MqttClient | undefined
  #limits = unlimited
  /** Packet Identifiers of what is to be sent again as soon as the window lets it. */
  readonly #again: number[] = []
  /** Calls whose message waits for the window. */
  readonly #held = new Map<number, OutgoingMessage>()
  /** Calls by Packet Identifier. Nobody waits for a message of an earlier life. */
  readonly #calls = new Map<number, number>()

  constructor(options: PublisherOptions) {
    this.#options = options
    this.#aliases = new TopicAliases(options.topicAliases)
    this.kept = new KeptMessages(options.memory.outgoing)
    this.incoming = new IncomingStore(options.memory.incoming)
    this.outgoing = new OutgoingStore(options.memory.outgoing, {
      resume: () => this.#resume(),
      released: (packetId) => {
        this.kept.remove(packetId)
        this.#window.give(packetId)
        this.#pump()
      },
    })
  }

  /** MQTT.js needs the stores before it can be made. */
  attach(mqtt: MqttClient): void {
    this.#mqtt = mqtt
  }

  /** To be called while there is a connection. */
  publish(call: number, message: OutgoingMessage): Publishing {
    if (message.qos > 0 && (!this.#hasRoom || this.#again.length > 0 || this.#held.size > 0)) {
      return this.#hold(call, message)
    }
    return this.#send(call, message)
  }

  #hold(call: number, message: OutgoingMessage): Publishing {
    this.#held.set(call, message)
    return { type: 'waits' }
  }

  /** The connection is gone; what is held is the caller's again. */
  closed(): void {
    this.#held.clear()
    this.#again.length = 0
  }

  /** The Session has ended, and with it what was sent and not acknowledged. */
  forget(): void {
    const { memory } = this.#options
    for (const id of Object.keys(this.#mqtt?.outgoing ?? {})) this.#mqtt?.removeOutgoingMessage(Number(id))
    memory.outgoing.clear()
    this.kept.clear()
    memory.incoming.clear()
  }

  /** For one more message of QoS 1 or 2, which needs a Packet Identifier that is not 0 [MQTT-2.3.1-1]. */
  get #hasRoom(): boolean {
    return this.#window.hasRoom && !this.identifiers.areUsedUp
  }

  /** To be called while there is room. */
  #send(call: number, message: OutgoingMessage): Publishing {
    const refused = this.#refusal(message)
    if (refused !== undefined) return { type: 'refused', message: refused }
    const asked = message.properties?.topicAlias
    const full = message.topic === '' && asked !== undefined ? this.#aliases.topicOf(asked) : message.topic
    if (full === undefined) {
      return { type: 'refused', message: `Topic Alias ${asked} stands for no topic on this connection` }
    }
    const packetId = message.qos === 0 ? 0 : this.identifiers.allocate()
    if (packetId === null) return this.#hold(call, message)
    const named = message.topic === '' ? { topic: '', alias: asked } : this.#aliases.name(full, asked)
    const octets = encodePublish(withTopic(message, named.topic, named.alias), packetId, false, this.#options.version)
    if (octets.length > this.#limits.packetSize) {
      if (named.topic !== '') this.#aliases.forget(named.alias)
      if (packetId > 0) this.identifiers.deallocate(packetId)
      return { type: 'refused', message: this.#tooLarge(octets) }
    }
    if (packetId > 0) {
      // An alias lasts as long as its connection: what is sent again has its whole topic.
      this.#calls.set(packetId, call)
      this.#await(packetId, withTopic(message, full, undefined))
      this.#window.take(packetId)
    }
    this.#options.sent(call)
    return { type: 'written', room: this.#options.write(octets) }
  }

  #refusal({ properties, qos, retain }: OutgoingMessage): string | undefined {
    const { maximumQoS, retain: retainAvailable } = this.#limits
    if (qos > maximumQoS) return `the broker takes messages up to QoS ${maximumQoS} only`
    if (retain && !retainAvailable) return 'the broker does not keep retained messages'
    const alias = properties?.topicAlias ?? 0
    if (alias > this.#aliases.most) return `Topic Alias ${alias} is too high: the broker takes ${this.#aliases.most}`
    return undefined
  }

  #tooLarge({ length }: Buffer): string {
    return `the packet has ${length} octets, and the broker takes ${this.#limits.packetSize}`
  }

  #await(packetId: number, message: OutgoingMessage): void {
    this.#options.memory.outgoing.set(packetId, { type: 'PUBLISH', packetId, message })
    this.#listen(packetId, (error, packet) => {
      const done = !error || packet?.cmd === 'pubcomp'
      const outcome = done ? ({ type: 'done' } as const) : refusedBy(`publish to '${message.topic}'`, packet)
      // Without a packet it is the end of the connection, or of the session: the caller knows what that means.
      if (outcome !== undefined) this.#settle(packetId, outcome)
      else this.#calls.delete(packetId)
    })
  }

  #settle(packetId: number, outcome: Outcome): void {
    const call = this.#calls.get(packetId)
    this.#calls.delete(packetId)
    if (call !== undefined) this.#options.settled(call, outcome)
  }

  /** Has MQTT.js take the acknowledgements of a message that it has not sent itself. */
  #listen(packetId: number, cb: (error: Error | null | undefined, packet?: Packet) => void): void {
    if (this.#mqtt !== undefined) this.#mqtt.outgoing[packetId] = { volatile: false, cmd: 'publish', cb }
  }

  /** CONNACK has come: sends again what was not acknowledged, before anything else. */
  #resume(): void {
    const { memory, version, write } = this.#options
    const connack = this.#options.connack()
    const { properties } = connack ?? {}
    this.closed()
    this.#window.reset(version === 5 ? (properties?.receiveMaximum ?? 65_535) : Number.POSITIVE_INFINITY)
    this.#aliases.reset(properties?.topicAliasMaximum ?? 0)
    this.#limits = {
      maximumQoS: properties?.maximumQoS ?? 2,
      retain: properties?.retainAvailable ?? true,
      packetSize: properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY,
    }
    // [MQTT-3.2.2-5] of MQTT 5; before, a client cannot tell whether the broker never had a session or has lost it.
    if (version === 5 && connack?.sessionPresent !== true) this.forget()
    for (const { packetId, type } of memory.outgoing.values()) {
      this.identifiers.register(packetId)
      if (this.#mqtt?.outgoing[packetId] === undefined) this.#listen(packetId, () => {})
      if (type === 'PUBREL') write(encodePubrel(packetId))
      else this.#again.push(packetId)
      this.#pump()
    }
  }

  #pump(): void {
    while (this.#window.hasRoom) {
      const packetId = this.#again.shift()
      if (packetId === undefined) break
      this.#sendAgain(packetId)
    }
    for (const [call, message] of this.#held) {
      if (!this.#hasRoom) break
      this.#held.delete(call)
      const sent = this.#send(call, message)
      if (sent.type === 'refused') this.#options.settled(call, refusal(message, sent.message))
    }
  }

  #sendAgain(packetId: number): void {
    const kept = this.#options.memory.outgoing.get(packetId)
    if (kept?.type !== 'PUBLISH') return
    const octets = encodePublish(kept.message, packetId, true, this.#options.version)
    if (octets.length > this.#limits.packetSize) {
      // It would end every connection from now on.
      this.#settle(packetId, refusal(kept.message, this.#tooLarge(octets)))
      this.#mqtt?.removeOutgoingMessage(packetId)
      return
    }
    this.#window.take(packetId)
    this.#options.write(octets)
  }
}

function refusal(message: OutgoingMessage, why: string): Outcome {
  return { type: 'refused', message: `${described({ type: 'publish', call: 0, ...message })}: ${why}` }
}

function withTopic(message: OutgoingMessage, topic: string, topicAlias: number | undefined): OutgoingMessage {
  if (message.topic === topic && message.properties?.topicAlias === topicAlias) return message
  const { topicAlias: _, ...rest } = message.properties ?? {}
  const properties = topicAlias === undefined ? rest : { ...rest, topicAlias }
  return { ...message, topic, properties: Object.keys(properties).length === 0 ? undefined : properties }
}
