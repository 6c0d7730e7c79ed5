import type { Event } from '../../app/base/emitter.ts'
import type { ConnectionEvent } from '../../app/capture/captured.ts'
import type { NetworkConnection } from '../../app/mqtt/network-connection.ts'
import type { SessionSnapshot } from '../../app/session/session-snapshot.ts'

/** A broker as the workbench needs one, whatever engine drives it. */
export interface Broker {
  /** Name and version of what drives it, such as `aedes 1.2.0`. */
  readonly engine: string
  /**
   * Serves a client over this end of a Network Connection. Writes carry the Origin of each PUBLISH where it is known, and
   * `end` and `reset` say why.
   *
   * @param connection the number of the Network Connection, from 1.
   */
  accept(end: NetworkConnection, connection: number): void
  /** Every Session that there is, connected or kept, and those whose Will Message was their last word. */
  sessions(): SessionSnapshot[]
  /** Client Identifiers in `removed` have no Session any more. Gathered: at most every 50 ms. */
  readonly onSessions: Event<{ changed: SessionSnapshot[]; removed: string[] }>
  /** What happens to Will Messages, at once. */
  readonly onEvent: Event<{ connection: number; event: ConnectionEvent }>
  /** Closes all Network Connections, within a second; publishes nothing more. */
  close(): Promise<void>
}
