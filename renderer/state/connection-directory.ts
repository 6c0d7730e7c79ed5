import { Emitter } from '../../app/base/emitter.ts'
import type { ConnectionSnapshot } from '../../app/contract/contract.ts'
import type { ProtocolVersion } from '../../app/mqtt/control-packet.ts'

/** More connections than a long day of reconnecting makes; the oldest are forgotten first. */
const mostEntries = 100_000

interface Entry {
  readonly clientId: string | undefined
  readonly version: ProtocolVersion | undefined
}

/**
 * Whose connection it was: kept after a connection is gone, because the capture still speaks of it.
 */
export class ConnectionDirectory {
  readonly #entries = new Map<number, Entry>()
  readonly #changed = new Emitter<void>()
  readonly onChanged = this.#changed.event

  learn(connections: readonly Pick<ConnectionSnapshot, 'id' | 'clientId' | 'protocolVersion'>[]): void {
    let changed = false
    for (const { id, clientId, protocolVersion } of connections) {
      const known = this.#entries.get(id)
      // An empty one says nothing: the broker gives the client another, which its session tells [MQTT-3.1.3-6].
      const entry = { clientId: clientId || known?.clientId, version: toVersion(protocolVersion) ?? known?.version }
      if (known?.clientId === entry.clientId && known?.version === entry.version) continue
      this.#entries.set(id, entry)
      changed = true
    }
    if (!changed) return
    for (const id of this.#entries.keys()) {
      if (this.#entries.size <= mostEntries) break
      this.#entries.delete(id)
    }
    this.#changed.fire()
  }

  clear(): void {
    this.#entries.clear()
  }

  /** The Client Identifier of a connection, where it is known. */
  clientId(connection: number): string | undefined {
    return this.#entries.get(connection)?.clientId
  }

  /** What the connection's CONNECT said; undefined where that is not known. */
  version(connection: number): ProtocolVersion | undefined {
    return this.#entries.get(connection)?.version
  }
}

function toVersion(level: number | undefined): ProtocolVersion | undefined {
  return level === 3 || level === 4 || level === 5 ? level : undefined
}
