import type { Disposable } from '../../../app/base/disposable.ts'
import type { ConnectPacket, WillPacket } from '../../../app/mqtt/packets.ts'
import type { ConnectionHistory, Reconnect, SessionMark, WillState } from '../../../app/session/session-snapshot.ts'
import type { Ending } from '../../../app/session/will.ts'
import type { ServedSession } from './served-session.ts'
import type { SessionClient } from './session-ground.ts'

/** Who a client is to the rules. The same object for as long as its connection lasts. */
export interface ClientIdentity {
  readonly clientId: string
  readonly userName: string | undefined
  /** Nothing has proved the user name. @default false */
  readonly isClaimed?: boolean | undefined
}

/** What CONNECT has settled. */
export interface Accepted {
  readonly packet: ConnectPacket
  readonly session: ServedSession
  readonly identity: ClientIdentity
  /** In seconds; the server's own where that is shorter. */
  readonly keepAlive: number
  /** Seconds that the Session is kept without its client. */
  readonly expiry: number
  /** How it was decided that the client may connect, in words. */
  readonly rule: string
}

/** A client as its Session knows it. */
export interface ServingClient extends SessionClient {
  readonly connection: number
  readonly remote: string
  /** When its last Control Packet came, in monotonic milliseconds. */
  readonly lastPacket: number
  /** Wall time since which there is no room for more on its Network Connection; undefined where there is. */
  readonly blockedSince: number | undefined
  /** Ends its Network Connection; see `Client.close`. */
  close(reason: string, code: number | undefined, ending: Ending, reasonString?: string): void
}

/** The Will Message of the newest Network Connection of a Session. */
export interface SessionWill {
  readonly packet: WillPacket
  readonly identity: ClientIdentity
  readonly connection: number
  state: WillState
  reason: string | undefined
  since: number
  /** When it is published, and what waits for that. */
  until: number | undefined
  timer: Disposable | undefined
}

/** A Session, and how it is served. */
export interface Served {
  readonly session: ServedSession
  client: ServingClient | undefined
  clean: boolean
  since: number
  connection: number
  sessionPresent: boolean
  keepAlive: number
  identity: ClientIdentity
  will: SessionWill | undefined
  expiring: Disposable | undefined
  expiresAt: number | undefined
  readonly history: ConnectionHistory[]
  /** What there was of it when its client left the last time; and what changed until it was back. */
  left: SessionMark | undefined
  reconnect: Reconnect | undefined
}
