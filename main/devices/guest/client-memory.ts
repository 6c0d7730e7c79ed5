import type { Packet } from 'mqtt'
import type { OutgoingMessage } from './encode-publish.ts'

/** A message whose handshake is not finished, and how far it is: to be sent again, or to be released (QoS 2). */
export type Unacknowledged =
  | { readonly type: 'PUBLISH'; readonly packetId: number; readonly message: OutgoingMessage }
  | { readonly type: 'PUBREL'; readonly packetId: number }

/** A client's half of its Session [MQTT 3.1.1 §4.1], and what it has accepted and not sent yet. */
export class ClientMemory {
  /** By Packet Identifier, in the order of sending; from PUBREC on, the PUBREL takes a message's place. */
  readonly outgoing = new Map<number, Unacknowledged>()
  /** What came at QoS 2 and was not released yet, by Packet Identifier. */
  readonly incoming = new Map<number, Packet>()
  /** Messages of QoS 1 and 2 that wait to be sent for the first time, in the order of their calls. */
  readonly waiting = new Map<number, OutgoingMessage>()
}

/** The memories of a worker's devices whose scripts have declared them flash; a life reads what the one before has left. */
export class ClientMemories {
  readonly #memories = new Map<number, ClientMemory>()

  /**
   * What a device with this number has kept from its earlier lives; with `ram` that is nothing, and nothing is kept of what
   * it had in flash before.
   */
  open(number: number, store: 'ram' | 'flash'): ClientMemory {
    const memory = (store === 'flash' ? this.#memories.get(number) : undefined) ?? new ClientMemory()
    if (store === 'flash') this.#memories.set(number, memory)
    else this.#memories.delete(number)
    return memory
  }

  /** For a device that is gone for good. */
  forget(number: number): void {
    this.#memories.delete(number)
  }
}
