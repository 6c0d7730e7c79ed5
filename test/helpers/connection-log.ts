import type {
  CloseCause,
  NetworkConnection,
  NetworkConnectionHandler,
  Origin,
} from '../../app/mqtt/network-connection.ts'

/** Writes down all that one end of a Network Connection hears. */
export class ConnectionLog implements NetworkConnectionHandler {
  readonly chunks: Uint8Array[] = []
  readonly origins: (Origin | undefined)[] = []
  /** What happened, in order; octets are left out. */
  readonly calls: ('ended' | 'drained' | `closed ${CloseCause}`)[] = []
  readonly reasons: (string | undefined)[] = []

  constructor(connection: NetworkConnection) {
    connection.listen(this)
  }

  get heard(): Buffer {
    return Buffer.concat(this.chunks)
  }

  get isClosed(): boolean {
    return this.calls.some((call) => call.startsWith('closed'))
  }

  octets(octets: Uint8Array, origin: Origin | undefined): void {
    if (this.isClosed) throw new Error('octets after closed')
    this.chunks.push(octets)
    this.origins.push(origin)
  }

  ended(reason: string | undefined): void {
    this.calls.push('ended')
    this.reasons.push(reason)
  }

  drained(): void {
    this.calls.push('drained')
  }

  closed(cause: CloseCause, reason: string | undefined): void {
    this.calls.push(`closed ${cause}`)
    this.reasons.push(reason)
  }
}
