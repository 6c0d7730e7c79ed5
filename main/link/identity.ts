import type { ConnectionNames } from '../../app/capture/subject.ts'
import type { ProtocolVersion } from '../../app/mqtt/control-packet.ts'
import { summarize } from '../../app/mqtt/summary.ts'

/** Who the client of one Network Connection is, as far as its CONNECT has said. */
export class Identity implements ConnectionNames {
  readonly connection: number
  #clientId: string | undefined
  #version: ProtocolVersion | undefined
  #keepAlive = 0

  constructor(connection: number) {
    this.connection = connection
  }

  /** For filters, which may ask about any connection: this one knows itself only. */
  clientId(connection = this.connection): string | undefined {
    return connection === this.connection ? this.#clientId : undefined
  }

  version(connection = this.connection): ProtocolVersion | undefined {
    return connection === this.connection ? this.#version : undefined
  }

  /** In seconds; 0 is off, or not known. */
  get keepAlive(): number {
    return this.#keepAlive
  }

  /** Reads CONNECT [MQTT 3.1.1 §3.1]. */
  introduce(connect: Uint8Array): void {
    const { clientId, protocolVersion, keepAlive } = summarize(connect, 4)
    this.#clientId = clientId
    this.#version =
      protocolVersion === 3 || protocolVersion === 4 || protocolVersion === 5 ? protocolVersion : undefined
    this.#keepAlive = keepAlive ?? 0
  }

  /** The broker has named a client that came without a Client Identifier [MQTT-3.1.3-6]. False where it has one. */
  name(clientId: string): boolean {
    if (this.#clientId !== '') return false
    this.#clientId = clientId
    return true
  }
}
