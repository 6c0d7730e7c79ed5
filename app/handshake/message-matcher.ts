import type { QoS } from '../mqtt/control-packet.ts'
import type { Origin } from '../mqtt/network-connection.ts'
import { append } from './append.ts'
import type { Arrivals } from './arrivals.ts'
import type { MessageStore } from './message-store.ts'
import type { Will } from './read.ts'
import type { Session } from './session.ts'
import type { SessionTable } from './session-table.ts'
import type { Sleepers } from './sleepers.ts'
import type { Named } from './tracked-exchange.ts'
import { type Content, mostPayload, sameContent, TrackedMessage } from './tracked-message.ts'

/** A PUBLISH to a client that begins an exchange. */
export interface Delivered {
  readonly content: Content
  readonly qos: QoS
  readonly retain: boolean
  readonly time: number
  readonly number: number
  readonly origin: Origin | undefined
  readonly session: Session
}

/** What a client has missed may come for so long after it is back, in nanoseconds. */
const drains = 10e9
const notCaptured = 'its PUBLISH was not captured'

/** Finds, or makes, the Message that is delivered to a client. */
export class MessageMatcher {
  readonly #store: MessageStore
  readonly #arrivals: Arrivals
  readonly #sessions: SessionTable
  readonly #sleepers: Sleepers
  readonly #byOrigin = new Map<number, TrackedMessage>()

  constructor(parts: {
    readonly store: MessageStore
    readonly arrivals: Arrivals
    readonly sessions: SessionTable
    readonly sleepers: Sleepers
  }) {
    this.#store = parts.store
    this.#arrivals = parts.arrivals
    this.#sessions = parts.sessions
    this.#sleepers = parts.sleepers
  }

  find(delivered: Delivered): TrackedMessage {
    const { origin, session } = delivered
    if (origin !== undefined) return this.#certain(delivered, origin)
    const message = this.#likely(delivered)
    message.likely = true
    message.taken ??= new Map()
    message.taken.set(session, (message.taken.get(session) ?? 0) + 1)
    return message
  }

  /** The message is no longer kept. */
  forget(message: TrackedMessage): void {
    this.#arrivals.forget(message)
    for (const number of message.origins) if (this.#byOrigin.get(number) === message) this.#byOrigin.delete(number)
  }

  /** The broker has published a will: it says so, or a delivery shows it. */
  publishWill(session: Session, will: Will, at: { number: number; time: number }, reason: string): TrackedMessage {
    const content = contentOf(will)
    const { qos, retain } = will
    const { number, time } = at
    // It begins with the loss of the connection, if that is why.
    const { lost } = session
    const startedAt = session.connection === undefined && lost !== undefined ? lost.time : time
    const message = this.#create({
      origin: 'will',
      content,
      qos,
      retain,
      owner: session,
      time: startedAt,
      note: reason,
    })
    const { target } = session
    this.#arrivals.add(message, { ...content, target, publisher: session, kind: 'will', qos, time, record: number })
    if (retain) this.#arrivals.retain(message, content)
    if (session.will === will) this.#sessions.settleWill(session)
    return message
  }

  #certain(delivered: Delivered, origin: Origin): TrackedMessage {
    const { content } = delivered
    const known = this.#byOrigin.get(origin.message)
    // A broker that was started anew counts from 1 again.
    if (known !== undefined && sameContent(known, content)) return known
    const { topic, payload, length } = content
    const delivery = { topic, payload, length, time: delivered.time, since: delivered.session.subscribedAt ?? 0 }
    const arrival = origin.clientId === undefined ? undefined : this.#arrivals.certain(origin, delivery)
    const message = arrival?.message ?? this.#unseen(delivered, origin)
    this.#byOrigin.set(origin.message, message)
    message.origins = append(message.origins, origin.message)
    if (arrival !== undefined && origin.clientId !== undefined) this.#learnName(message, origin.clientId)
    return message
  }

  /** The broker knows the name of a client whose CONNECT was not captured, or that came without one. */
  #learnName(message: TrackedMessage, clientId: string): void {
    if (message.owner?.clientId !== '') return
    const session = this.#sessions.open(message.publisher?.connection ?? 0)?.session
    if (session !== undefined && session === message.owner) this.#sessions.name(session, clientId)
  }

  #unseen({ content, qos, retain, time }: Delivered, { kind, clientId }: Origin): TrackedMessage {
    if (clientId === undefined) return this.#create({ origin: 'broker', content, qos, retain, time, owner: undefined })
    const owner = this.#sessions.session(clientId) ?? { clientId }
    if (retain) return this.#create({ origin: 'retained', content, qos, retain, time, owner })
    const note = kind === 'publish' ? notCaptured : ''
    return this.#create({ origin: kind, content, qos, retain, time, owner, note })
  }

  #likely(delivered: Delivered): TrackedMessage {
    const { content, qos, retain, time, session, number } = delivered
    const { topic, payload, length } = content
    const away = this.#awayOf(session, time)
    // A broker may give messages to a client that has never asked for any.
    const since = session.subscribedAt ?? 0
    const found = this.#arrivals.likely({ topic, payload, length, qos, retain, time, client: session, since, away })
    if (found !== undefined) return found
    for (const owner of this.#sessions.ownersOfWill(topic)) {
      if (owner.target !== session.target || owner.will === undefined || !sameContent(contentOf(owner.will), content))
        continue
      return this.publishWill(owner, owner.will, { number, time }, owner.lost?.text ?? '')
    }
    return this.#unknown(delivered)
  }

  #unknown({ content, qos, retain, time, number, session }: Delivered): TrackedMessage {
    const origin = content.topic.startsWith('$SYS/') ? 'broker' : retain ? 'retained' : 'publish'
    const note = origin === 'publish' ? notCaptured : ''
    const message = this.#create({ origin, content, qos, retain, time, owner: undefined, note })
    const { target } = session
    message.target = target
    // Other subscribers of the same message are to be found by it; its QoS may have been higher.
    const arrival = {
      ...content,
      target,
      publisher: undefined,
      kind: 'publish' as const,
      qos: 2 as const,
      time,
      record: number,
    }
    this.#arrivals.add(message, arrival)
    if (retain) this.#arrivals.retain(message, content)
    return message
  }

  /** When the client was away, as long as what it has missed may be coming. */
  #awayOf(session: Session, time: number): { from: number; to: number } | undefined {
    const { lost, reconnected } = session
    if (lost === undefined || reconnected === undefined || reconnected.number < lost.number) return undefined
    if (time - reconnected.time > drains && !this.#sleepers.owes(session, time)) return undefined
    return { from: lost.time, to: reconnected.time }
  }

  #create(options: {
    readonly origin: TrackedMessage['origin']
    readonly content: Content
    readonly qos: QoS
    readonly retain: boolean
    readonly owner: Named | undefined
    readonly note?: string
    readonly time: number
  }): TrackedMessage {
    const message = new TrackedMessage({ id: this.#store.next, ...options, startedAt: options.time })
    this.#store.add(message)
    return message
  }
}

function contentOf({ topic, payload }: Will): Content {
  return { topic, payload: payload.subarray(0, mostPayload), length: payload.length }
}
