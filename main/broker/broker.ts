import type { Event } from '../../app/base/emitter.ts'
import type { ConnectionEvent } from '../../app/capture/captured.ts'
import type { QoS } from '../../app/mqtt/control-packet.ts'
import type { NetworkConnection } from '../../app/mqtt/network-connection.ts'
import type { SessionDetail, SessionSnapshot } from '../../app/session/session-snapshot.ts'
import type { ConnectionInfo } from './connection-info.ts'

/** What the broker publishes by itself. */
export interface BrokerMessage {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: QoS
  readonly retain: boolean
}

/** A broker as the workbench needs one, whatever engine drives it. */
export interface Broker {
  /** Name and version of what drives it, such as `faultline over aedes 1.2.0`. */
  readonly engine: string
  /**
   * Serves a client over this end of a Network Connection. Writes carry the Origin of each PUBLISH where it is known, and
   * `end` and `reset` say why.
   *
   * @param connection the number of the Network Connection, from 1.
   * @param info what is known of it before its first packet
   */
  accept(end: NetworkConnection, connection: number, info?: ConnectionInfo): void
  /** Every Session that there is, connected or kept, and those whose Will Message was their last word. */
  sessions(): SessionSnapshot[]
  /** All of one Session; undefined where there is none, or none any more. */
  session(clientId: string): SessionDetail | undefined
  /** Client Identifiers in `removed` have no Session any more. Gathered: at most every 50 ms. */
  readonly onSessions: Event<{ changed: SessionSnapshot[]; removed: string[] }>
  /** What happens to Will Messages, at once. */
  readonly onEvent: Event<{ connection: number; event: ConnectionEvent }>
  /** Publishes a message as the broker itself. */
  publish(message: BrokerMessage): void
  /** Publishes the wills of those who are connected, then closes all Network Connections, within a second. */
  close(): Promise<void>
}
