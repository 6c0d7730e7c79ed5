import type { Event } from '../../app/base/emitter.ts'
import type { ConnectionEvent } from '../../app/capture/captured.ts'
import type { QoS } from '../../app/mqtt/control-packet.ts'
import type { NetworkConnection } from '../../app/mqtt/network-connection.ts'
import type { SessionDetail, SessionSnapshot } from '../../app/session/session-snapshot.ts'
import type { TopicCounts, Topics } from '../../app/session/topic-snapshot.ts'
import type { RefusalOrder, Refusals, RefusedPacket } from './access/refusals.ts'
import type { ConnectionInfo } from './connection-info.ts'
import type { LimitChange, Limits } from './engine/limits.ts'

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
  /**
   * Ends a Session before its time; its client is disconnected first. Errors as `disconnect`.
   */
  expireSession(clientId: string): void
  /** Throws away what waits for a client. @returns how many messages it was @throws FaultlineError `not-found` */
  clearQueue(clientId: string): number
  /**
   * Ends the Network Connection of a client, as a failure: its will is published. A client of MQTT 5 is sent DISCONNECT.
   *
   * @param code Reason Code of DISCONNECT
   * @param reason its Reason String; empty for none
   * @throws FaultlineError `not-found`, `wrong-state` where it is not connected
   */
  disconnect(clientId: string, code: number, reason: string): void
  /** What is published, topic by topic. */
  readonly topics: Topics & { readonly onChanged: Event<TopicCounts> }
  /** Client Identifiers in `removed` have no Session any more. Gathered: at most every 50 ms. */
  readonly onSessions: Event<{ changed: SessionSnapshot[]; removed: string[] }>
  /** What happens to Will Messages, and what rules do not allow, at once; `deniedTopic` of a will that must not be published. */
  readonly onEvent: Event<{ connection: number; event: ConnectionEvent; deniedTopic?: string | undefined }>
  /**
   * Refuses packets of one type on purpose from now on, instead of what was ordered for them before; undefined takes them
   * again.
   *
   * @param packet that of the order where it is not given, or CONNECT
   */
  refuse(order: RefusalOrder | undefined, packet?: RefusedPacket): void
  /** Every refusal that is ordered: more than one can stand at a time. */
  readonly refusals: Pick<Refusals, 'add' | 'list' | 'remove'>
  /** Clients that are served at the moment. */
  readonly connected: number
  /** Changes limits while it runs. @returns all of them */
  changeLimits(change: LimitChange): Limits
  /** Publishes a message as the broker itself. */
  publish(message: BrokerMessage): void
  /** Publishes the wills of those who are connected, then closes all Network Connections, within a second. */
  close(): Promise<void>
}
