/** The part of an aedes persistence that keeps, for each client, the messages at QoS 1 and 2 that are not acknowledged. */
export interface OutgoingStore {
  outgoingEnqueue(subscription: { clientId: string }, packet: unknown): Promise<void>
  outgoingEnqueueCombi(subscriptions: readonly { clientId: string }[], packet: unknown): Promise<void>
  /** Gives the packet that was removed; undefined when there was none. */
  outgoingClearMessageId(client: { id: string }, packet: unknown): Promise<unknown>
}

/**
 * Counts the messages that the store keeps for each client. To ask the store would mean to walk through a queue of any
 * length for every message that joins it, so what goes in and out is counted at its door.
 */
export class OutgoingQueues {
  readonly #counts = new Map<string, number>()
  readonly #onChanged: (clientId: string) => void

  /** @param store its methods are replaced by counting ones. It must be empty. */
  constructor(store: OutgoingStore, onChanged: (clientId: string) => void) {
    this.#onChanged = onChanged
    const enqueue = store.outgoingEnqueue.bind(store)
    const enqueueCombi = store.outgoingEnqueueCombi.bind(store)
    const clear = store.outgoingClearMessageId.bind(store)
    store.outgoingEnqueue = async (subscription, packet) => {
      await enqueue(subscription, packet)
      this.#add(subscription.clientId, 1)
    }
    store.outgoingEnqueueCombi = async (subscriptions, packet) => {
      await enqueueCombi(subscriptions, packet)
      for (const { clientId } of subscriptions) this.#add(clientId, 1)
    }
    store.outgoingClearMessageId = async (client, packet) => {
      const removed = await clear(client, packet)
      if (removed !== undefined) this.#add(client.id, -1)
      return removed
    }
  }

  /** How many messages wait for this client, those included that were sent and not acknowledged. */
  count(clientId: string): number {
    return this.#counts.get(clientId) ?? 0
  }

  #add(clientId: string, change: number): void {
    const count = this.count(clientId) + change
    if (count === 0) this.#counts.delete(clientId)
    else this.#counts.set(clientId, count)
    this.#onChanged(clientId)
  }
}
