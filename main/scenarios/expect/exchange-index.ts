import type { Disposable } from '../../../app/base/disposable.ts'
import { Emitter } from '../../../app/base/emitter.ts'
import type { Exchange, Message } from '../../../app/handshake/message.ts'
import type { Evidence } from '../evidence.ts'

/** Where a Message stands in the index, so that it is found again when it is forgotten. */
interface Indexed {
  readonly clients: string[]
  /** Its topic, where nobody was seen to publish it. */
  unpublished: string | undefined
}

/** What is followed by Client Identifier: nothing is read before somebody asks, and then only what has changed. */
export class ExchangeIndex implements Disposable {
  readonly #evidence: Evidence
  readonly #messages = new Map<string, Set<number>>()
  readonly #unfinished = new Map<string, Set<number>>()
  /** Messages that nobody was seen to publish, by topic. */
  readonly #unpublished = new Map<string, Set<number>>()
  readonly #indexed = new Map<number, Indexed>()
  readonly #changed = new Emitter<Message>()

  /** A Message is new, or has changed: fires in `refresh`. */
  readonly onChanged = this.#changed.event

  constructor(evidence: Evidence) {
    this.#evidence = evidence
  }

  /** Takes in what has changed. */
  refresh(): void {
    const { tracker } = this.#evidence
    const { changed, forgotten } = tracker.takeChanges()
    for (const id of changed.reverse()) {
      const message = tracker.get(id)
      if (message === undefined) continue
      this.#index(message)
      this.#changed.fire(message)
    }
    for (const id of forgotten) this.#forget(id)
  }

  /** The Messages that a client has published, received, or left as its will, the oldest first. */
  of(clientId: string): Message[] {
    this.refresh()
    const ids = [...(this.#messages.get(clientId) ?? [])].sort((a, b) => a - b)
    return ids.flatMap((id) => this.#evidence.tracker.get(id) ?? [])
  }

  /** Messages to a topic that nobody was seen to publish, the oldest first. */
  unpublished(topic: string): Message[] {
    this.refresh()
    const ids = [...(this.#unpublished.get(topic) ?? [])].sort((a, b) => a - b)
    return ids.flatMap((id) => this.#evidence.tracker.get(id) ?? [])
  }

  /** Whether a handshake from the broker to the client is unfinished, of a message to such a topic. */
  isUnfinished(clientId: string, couldBe: (topic: string) => boolean): boolean {
    this.refresh()
    for (const id of this.#unfinished.get(clientId) ?? []) {
      const message = this.#evidence.tracker.get(id)
      if (message !== undefined && couldBe(message.topic)) return true
    }
    return false
  }

  dispose(): void {
    this.#changed.dispose()
  }

  #index(message: Message): void {
    const { id, publisher, subscribers, topic } = message
    const indexed = this.#indexed.get(id) ?? { clients: [], unpublished: undefined }
    this.#indexed.set(id, indexed)
    for (const client of clientsOf(message)) if (note(this.#messages, client, id)) indexed.clients.push(client)
    const unfinished = new Set(subscribers.filter(isUnfinished).map(({ clientId }) => clientId))
    for (const { clientId } of subscribers) {
      if (unfinished.has(clientId)) note(this.#unfinished, clientId, id)
      else drop(this.#unfinished, clientId, id)
    }
    if (indexed.unpublished !== undefined) drop(this.#unpublished, indexed.unpublished, id)
    indexed.unpublished = publisher === undefined ? topic : undefined
    if (publisher === undefined) note(this.#unpublished, topic, id)
  }

  #forget(id: number): void {
    const { clients = [], unpublished } = this.#indexed.get(id) ?? {}
    this.#indexed.delete(id)
    for (const client of clients) {
      drop(this.#messages, client, id)
      drop(this.#unfinished, client, id)
    }
    if (unpublished !== undefined) drop(this.#unpublished, unpublished, id)
  }
}

function isUnfinished({ state }: Exchange): boolean {
  return state === 'waiting' || state === 'held'
}

/** The handshakes of a client in a Message: it may get what it publishes, and by several subscriptions. */
export function exchangesOf(message: Message, clientId: string): Exchange[] {
  const { publisher, subscribers } = message
  const all = publisher === undefined ? subscribers : [publisher, ...subscribers]
  return all.filter((exchange) => exchange.clientId === clientId)
}

function clientsOf({ publisher, publisherId, subscribers }: Message): Set<string> {
  const all = [publisherId, publisher?.clientId, ...subscribers.map(({ clientId }) => clientId)]
  return new Set(all.filter((clientId) => clientId !== undefined))
}

/** @returns whether it was not there before */
function note(index: Map<string, Set<number>>, key: string, id: number): boolean {
  const ids = index.get(key)
  if (ids === undefined) index.set(key, new Set([id]))
  else if (ids.has(id)) return false
  else ids.add(id)
  return true
}

function drop(index: Map<string, Set<number>>, key: string, id: number): void {
  const ids = index.get(key)
  ids?.delete(id)
  if (ids?.size === 0) index.delete(key)
}
