import type { Disposable } from '../../../app/base/disposable.ts'
import { Emitter } from '../../../app/base/emitter.ts'
import type { Exchange, Message } from '../../../app/handshake/message.ts'
import type { Evidence } from '../evidence.ts'

/** What is followed by Client Identifier: nothing is read before somebody asks, and then only what has changed. */
export class ExchangeIndex implements Disposable {
  readonly #evidence: Evidence
  readonly #messages = new Map<string, Set<number>>()
  readonly #unfinished = new Map<string, Set<number>>()
  /** Messages that nobody was seen to publish. */
  readonly #unpublished = new Set<number>()
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
      for (const client of clientsOf(message)) note(this.#messages, client, id, true)
      const unfinished = new Set(message.subscribers.filter(isUnfinished).map(({ clientId }) => clientId))
      for (const { clientId } of message.subscribers) note(this.#unfinished, clientId, id, unfinished.has(clientId))
      if (message.publisher === undefined) this.#unpublished.add(id)
      else this.#unpublished.delete(id)
      this.#changed.fire(message)
    }
    for (const id of forgotten) {
      for (const ids of this.#messages.values()) ids.delete(id)
      for (const ids of this.#unfinished.values()) ids.delete(id)
      this.#unpublished.delete(id)
    }
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
    const ids = [...this.#unpublished].sort((a, b) => a - b)
    return ids.flatMap((id) => {
      const message = this.#evidence.tracker.get(id)
      return message?.topic === topic ? [message] : []
    })
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

function note(index: Map<string, Set<number>>, clientId: string, id: number, isIn: boolean): void {
  const ids = index.get(clientId)
  if (!isIn) ids?.delete(id)
  else if (ids === undefined) index.set(clientId, new Set([id]))
  else ids.add(id)
}
