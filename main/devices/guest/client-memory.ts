import type { Packet } from 'mqtt'
import type { OutgoingMessage } from './encode-publish.ts'
import { NotedMap } from './noted-map.ts'
import { messageOctets } from './pending-calls.ts'

/** A message whose handshake is not finished, and how far it is: to be sent again, or to be released (QoS 2). */
export type Unacknowledged =
  | { readonly type: 'PUBLISH'; readonly packetId: number; readonly message: OutgoingMessage }
  | { readonly type: 'PUBREL'; readonly packetId: number }

/** What is kept under each key of the three parts of a client's memory. */
export interface MemoryParts {
  outgoing: Unacknowledged
  incoming: Packet
  waiting: OutgoingMessage
}

/** What a copy of a client's memory holds; in the order of the memory. */
export type MemoryContent = { readonly [Part in keyof MemoryParts]: ReadonlyMap<number, MemoryParts[Part]> }

/** One key of a client's memory is another now, or gone. */
export type MemoryChange = {
  readonly [Part in keyof MemoryParts]: {
    readonly part: Part
    readonly key: number
    /** Undefined: it is gone. `isLast`: whatever was under this key before, it comes after all others now. */
    readonly kept: { readonly value: MemoryParts[Part]; readonly octets: number; readonly isLast: boolean } | undefined
  }
}[keyof MemoryParts]

/** A client's half of its Session [MQTT 3.1.1 §4.1], and what it has accepted and not sent yet. */
export class ClientMemory {
  /** By Packet Identifier, in the order of sending; from PUBREC on, the PUBREL takes a message's place. */
  readonly outgoing: NotedMap<Unacknowledged>
  /** What came at QoS 2 and was not released yet, by Packet Identifier. */
  readonly incoming: NotedMap<Packet>
  /** Messages of QoS 1 and 2 that wait to be sent for the first time, in the order of their calls. */
  readonly waiting: NotedMap<OutgoingMessage>

  /** @param changed hears when `takeChanges` has something to give that it had not before */
  constructor(changed: () => void = () => {}) {
    this.outgoing = new NotedMap(changed)
    this.incoming = new NotedMap(changed)
    this.waiting = new NotedMap(changed)
  }

  /** Takes over what an earlier thread has left. */
  restore({ incoming, outgoing, waiting }: MemoryContent): void {
    for (const [key, value] of outgoing) this.outgoing.set(key, value)
    for (const [key, packet] of incoming) this.incoming.set(key, withBuffer(packet))
    for (const [key, message] of waiting) this.waiting.set(key, message)
    // Whoever has given it knows it.
    this.takeChanges()
  }

  /** What has changed since the last time, with octets of their own. */
  takeChanges(): MemoryChange[] {
    return [
      ...this.outgoing.take().map(({ key, kept }): MemoryChange => {
        if (kept === undefined || kept.value.type === 'PUBREL') {
          return { part: 'outgoing', key, kept: kept && { ...kept, octets: 0 } }
        }
        const { message } = kept.value
        const value = { ...kept.value, message: withOwnOctets(message) }
        return { part: 'outgoing', key, kept: { ...kept, value, octets: messageOctets(message) } }
      }),
      ...this.incoming.take().map(({ key, kept }): MemoryChange => {
        if (kept === undefined) return { part: 'incoming', key, kept }
        const value = kept.value.cmd === 'publish' ? withOwnOctets(kept.value) : kept.value
        return { part: 'incoming', key, kept: { ...kept, value, octets: value.length ?? 0 } }
      }),
      ...this.waiting.take().map(({ key, kept }): MemoryChange => {
        if (kept === undefined) return { part: 'waiting', key, kept }
        const value = withOwnOctets(kept.value)
        return { part: 'waiting', key, kept: { ...kept, value, octets: messageOctets(value) } }
      }),
    ]
  }
}

/**
 * The memories of a worker's devices whose scripts have declared them flash; a life reads what the one before has left.
 * What changes is told in the turn in which it changed, so that a worker that another device takes with it has told all.
 */
export class ClientMemories {
  readonly #memories = new Map<number, ClientMemory>()
  readonly #changed: (number: number, changes: readonly MemoryChange[]) => void

  /** @param changed hears of every change, so that it can be kept beyond the life of this thread */
  constructor(changed: (number: number, changes: readonly MemoryChange[]) => void) {
    this.#changed = changed
  }

  /**
   * What a device with this number has kept from its earlier lives; with `ram` that is nothing, and nothing is kept of what
   * it had in flash before.
   */
  open(number: number, store: 'ram' | 'flash'): ClientMemory {
    const known = this.#memories.get(number)
    if (store === 'flash') return known ?? this.#create(number)
    if (known !== undefined) for (const part of [known.outgoing, known.incoming, known.waiting]) part.clear()
    this.#memories.delete(number)
    return new ClientMemory()
  }

  /** What the main thread has kept for a device that ran in a thread that is gone. */
  restore(number: number, content: MemoryContent): void {
    this.#create(number).restore(content)
  }

  /** For a device that is gone for good. */
  forget(number: number): void {
    this.#memories.delete(number)
  }

  #create(number: number): ClientMemory {
    let telling = false
    const memory: ClientMemory = new ClientMemory(() => {
      if (telling) return
      telling = true
      queueMicrotask(() => {
        telling = false
        const changes = memory.takeChanges()
        if (changes.length > 0) this.#changed(number, changes)
      })
    })
    this.#memories.set(number, memory)
    return memory
  }
}

/** A part of a buffer would cross to another thread with all that is around it. */
function withOwnOctets<T extends { readonly payload: string | Uint8Array }>(message: T): T {
  return typeof message.payload === 'string' ? message : { ...message, payload: new Uint8Array(message.payload) }
}

/** Between threads, a Buffer becomes plain octets. */
function withBuffer(packet: Packet): Packet {
  return packet.cmd === 'publish' && typeof packet.payload !== 'string'
    ? { ...packet, payload: Buffer.from(packet.payload) }
    : packet
}
