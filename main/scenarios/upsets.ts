import type { Captured } from '../../app/capture/captured.ts'

/**
 * When something happened to a client that it has to recover from, by what was captured: its newest connection ended, or
 * something was made wrong with its device or its link. Times are nanoseconds of the capture's time.
 */
export class Upsets {
  readonly #clientId: (connection: number) => string | undefined
  readonly #newest = new Map<string, number>()
  readonly #lost = new Map<string, number>()
  readonly #upset = new Map<string, number>()

  constructor(clientId: (connection: number) => string | undefined) {
    this.#clientId = clientId
  }

  /** When its newest connection ended the last time; undefined while none has. */
  lostAt(clientId: string): number | undefined {
    return this.#lost.get(clientId)
  }

  /** When it was upset the last time. */
  upsetAt(clientId: string): number | undefined {
    return this.#upset.get(clientId)
  }

  add(record: Captured): void {
    const { connection, time } = record
    if (record.kind === 'packet') {
      const isConnect = record.direction === 'to broker' && (record.octets[0] ?? 0) >>> 4 === 1
      const clientId = isConnect ? this.#clientId(connection) : undefined
      if (clientId !== undefined) this.#newest.set(clientId, connection)
      return
    }
    const { event } = record
    if (event.type === 'closed' || event.type === 'one end closed') {
      const clientId = this.#clientId(connection)
      // One that ends after its client is back has upset nobody.
      if (clientId === undefined || this.#newest.get(clientId) !== connection) return
      this.#lost.set(clientId, time)
      this.#upset.set(clientId, time)
    } else if (event.type === 'fault' && event.device?.phase !== 'ends' && event.what !== 'healed') {
      const clientId = event.device?.clientId || event.device?.id || this.#clientId(connection)
      if (clientId !== undefined) this.#upset.set(clientId, time)
    }
  }
}
