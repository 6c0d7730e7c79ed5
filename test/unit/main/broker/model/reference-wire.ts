import type { Came } from '../../../../helpers/mqtt-reading.ts'
import { property } from '../../../../helpers/mqtt-reading.ts'
import type { ModelLink } from './model-link.ts'
import { type ConnectOptions, demand } from './model-words.ts'
import { keyOf, type ReferenceSession } from './reference-session.ts'

type Answer = 'PUBACK' | 'PUBREC' | 'PUBREL' | 'PUBCOMP' | 'SUBACK' | 'UNSUBACK' | 'PINGRESP' | 'PUBLISH again'

/** What the broker has to say on one Network Connection, and in which order. */
export class Wire {
  readonly link: ModelLink
  session: ReferenceSession | undefined
  /** It is over, or has to be ended now. */
  endExpected = false
  lastPacket = 0
  /** Codes of the SUBACKs that are owed. */
  readonly grants: string[] = []
  readonly #owed = new Map<Answer, number[]>()
  readonly #aliases = new Map<number, string>()
  /** PUBLISH of QoS 1 and 2 that went out here and are unfinished. */
  readonly #open = new Set<number>()
  readonly #connectBy: number
  readonly #maxInflight: number
  #options: ConnectOptions | undefined
  #present: boolean | undefined

  constructor(link: ModelLink, connectBy: number, maxInflight: number) {
    this.link = link
    this.#connectBy = connectBy
    this.#maxInflight = maxInflight
  }

  /** When the broker has to give it up if nothing comes. */
  get endsAt(): number {
    if (this.endExpected) return Number.POSITIVE_INFINITY
    if (this.#options === undefined) return this.#connectBy
    const { keepAlive } = this.#options
    return keepAlive === 0 ? Number.POSITIVE_INFINITY : this.lastPacket + keepAlive * 1500
  }

  /** CONNECT is accepted. What is unfinished is owed again, in order [MQTT-4.4.0-1, MQTT-4.6.0-1, MQTT-4.6.0-4]. */
  begin(session: ReferenceSession, options: ConnectOptions, present: boolean): void {
    this.session = session
    this.#options = options
    this.#present = present
    for (const [packetId, { released }] of session.inflight) this.owe(released ? 'PUBREL' : 'PUBLISH again', packetId)
  }

  owe(answer: Answer, packetId: number): void {
    const owed = this.#owed.get(answer)
    if (owed === undefined) this.#owed.set(answer, [packetId])
    else owed.push(packetId)
  }

  owed(): string[] {
    const { clientId } = this.link
    const all = this.#present === undefined ? [] : [`${clientId}: CONNACK`]
    for (const [answer, ids] of this.#owed) for (const id of ids) all.push(`${clientId}: ${answer} ${id}`)
    return all
  }

  /** The client has answered a PUBLISH or PUBREL of the broker. */
  answered(kind: 'PUBACK' | 'PUBREC' | 'PUBREL' | 'PUBCOMP', packetId: number): void {
    const { inflight, incoming } = this.session as ReferenceSession
    if (kind === 'PUBREL') {
      incoming.delete(packetId)
      this.owe('PUBCOMP', packetId)
      return
    }
    const sent = inflight.get(packetId)
    if (kind !== 'PUBREC') {
      inflight.delete(packetId)
      this.#open.delete(packetId)
      return
    }
    this.owe('PUBREL', packetId)
    if (sent === undefined) return
    inflight.delete(packetId)
    inflight.set(packetId, { ...sent, released: true })
  }

  /** The broker has written a packet. */
  written(came: Came): void {
    const { kind, packetId } = came
    if (kind === 'DISCONNECT') {
      demand(
        this.endExpected,
        () => `${this.link.clientId} is sent DISCONNECT 0x${came.code.toString(16)} without a reason`,
      )
      return
    }
    demand(!this.endExpected, () => `${kind} is written on a connection that is over`)
    if (kind === 'CONNACK') this.#connack(came)
    else if (kind === 'PUBLISH') this.#publish(came)
    else {
      demand(this.#present === undefined, () => `${kind} comes before CONNACK`)
      const owed = this.#owed.get(kind as Answer)?.shift()
      demand(owed === packetId, () => `${this.link.clientId} is sent ${kind} ${packetId}, owed is ${owed}`)
      demand(came.code === 0 || came.code === 0x92, () => `${kind} ${packetId} says 0x${came.code.toString(16)}`)
      if (kind === 'SUBACK') demand(this.grants.shift() === came.codes.join(), () => `SUBACK grants ${came.codes}`)
    }
  }

  #connack(came: Came): void {
    demand(came.code === 0, () => `CONNACK says 0x${came.code.toString(16)}`)
    demand(came.sessionPresent === this.#present, () => {
      return `CONNACK says Session Present ${came.sessionPresent} to ${this.link.clientId}, expected ${this.#present}`
    })
    this.#present = undefined
  }

  #publish(came: Came): void {
    const { clientId } = this.link
    const { session } = this
    demand(session !== undefined && this.#present === undefined, () => 'PUBLISH comes before CONNACK')
    const topic = this.#topicOf(came)
    const { dup, packetId, qos } = came
    if (qos === 0) {
      demand(!dup, () => 'DUP at QoS 0 [MQTT-3.3.1-2]')
      session.sent(came, topic, this.link.version)
      return
    }
    const again = this.#owed.get('PUBLISH again')
    if (again !== undefined && again.length > 0) {
      const owed = again.shift()
      const before = session.inflight.get(packetId)
      demand(owed === packetId && before !== undefined, () => {
        return `${clientId} is sent PUBLISH ${packetId} where ${owed} is to be sent again first`
      })
      demand(dup, () => `PUBLISH ${packetId} is sent to ${clientId} again without DUP [MQTT-3.3.1-1]`)
      demand(
        before.copy.message.key === keyOf(came) && before.copy.qos === qos,
        () => `PUBLISH ${packetId} has changed`,
      )
    } else {
      demand(!dup, () => `PUBLISH ${packetId} is new to ${clientId} and has DUP [MQTT-3.3.1-1]`)
      demand(!session.inflight.has(packetId), () => `Packet Identifier ${packetId} is in use [MQTT-2.3.1-4]`)
      session.inflight.set(packetId, { copy: session.sent(came, topic, this.link.version), released: false })
    }
    this.#open.add(packetId)
    const window = Math.min(this.#maxInflight, this.#options?.receiveMaximum ?? 65_535)
    demand(this.#open.size <= window, () => {
      return `${this.#open.size} PUBLISH are unfinished towards ${clientId}, which takes ${window} [MQTT-3.3.4-9]`
    })
  }

  #topicOf(came: Came): string {
    const alias = property(came, 'topicAlias')
    if (typeof alias !== 'number') return came.topic
    demand(alias > 0 && alias <= (this.#options?.topicAliasMaximum ?? 0), () => `Topic Alias ${alias} [MQTT-3.1.2-26]`)
    return resolveAlias(came, alias, this.#aliases)
  }
}

/** The Topic Name of a PUBLISH with a Topic Alias [MQTT 5 §3.3.2.3.4]. */
export function resolveAlias(came: Came, alias: number, aliases: Map<number, string>): string {
  if (came.topic !== '') aliases.set(alias, came.topic)
  const topic = aliases.get(alias)
  demand(topic !== undefined, () => `Topic Alias ${alias} was never set`)
  return topic
}
