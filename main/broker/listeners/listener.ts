import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { Event } from '../../../app/base/emitter.ts'
import type { TransportName } from '../../../app/mqtt/network-connection.ts'
import type { ConnectionInfo } from '../connection-info.ts'

/**
 * A client that got through to MQTT: its first Control Packet is still unread. Whoever takes it makes a Network
 * Connection of it (`socketConnection(socket, carrier)`, `webSocketConnection(webSocket, carrier)`).
 */
export type Arrival =
  | {
      readonly kind: 'socket'
      readonly info: ConnectionInfo
      /** TCP or TLS; nothing was read from it. */
      readonly socket: Socket
      /** The TCP socket beneath, which alone can be reset; the same where there is no TLS. */
      readonly carrier: Socket
    }
  | {
      readonly kind: 'web socket'
      readonly info: ConnectionInfo
      /** Paused. */
      readonly webSocket: WebSocket
      readonly carrier: Socket
    }

/** Somebody who did not get through to MQTT. */
export interface Refusal {
  readonly transport: TransportName
  readonly remote: string
  /** In plain words, such as `the client's certificate (pump-01) has expired: it was valid until 2026-01-31`. */
  readonly reason: string
}

export interface Listener {
  readonly transport: TransportName
  readonly host: string
  /** The port that it listens on, also where any was asked for. */
  readonly port: number
  /** Where clients reach it on this machine: `mqtt://127.0.0.1:1883`, `mqtts://`, `ws://`, `wss://`. */
  readonly url: string
  /** A client has connected. One that nobody takes is closed. */
  readonly onArrival: Event<Arrival>
  /** Somebody was turned away before MQTT began: a TLS or WebSocket handshake failed or took too long. */
  readonly onRefused: Event<Refusal>
  /** A client could not be taken in, for example because the system has no file descriptors left. */
  readonly onProblem: Event<Error>
  /** Stops listening; the port is free when the promise settles. What was handed over stays, what was not is closed. */
  close(): Promise<void>
}

/** A listener with TLS. */
export interface SecureListener extends Listener {
  /** Shows another certificate, or checks by other authorities, from the next connection on. @throws FaultlineError */
  present(material: TlsMaterial): void
}

/** What a broker needs for TLS, as PEM. */
export interface TlsMaterial {
  /** Its own certificate, and those between it and an authority. */
  readonly certificate: string
  readonly key: string
  /** Authorities of client certificates; one or several in a text. */
  readonly clientAuthorities: string | undefined
  /**
   * Revocation lists, one or several in a text: with them each authority in a client's chain needs one. Undefined checks
   * none.
   */
  readonly revoked: string | undefined
}

export type TlsVersion = '1.2' | '1.3'

export interface TlsOptions {
  readonly material: TlsMaterial
  /** @default '1.2' */
  readonly minVersion?: TlsVersion | undefined
  /** @default '1.3' */
  readonly maxVersion?: TlsVersion | undefined
  /** Mutual TLS. `wanted`: a client may show none, but one that is shown has to be good. @default 'off' */
  readonly clientCertificate?: 'off' | 'wanted' | 'required' | undefined
}

export interface WebSocketOptions {
  /** Where it is served, such as `/mqtt`; undefined is everywhere. */
  readonly path?: string | undefined
  /**
   * Which web pages may connect besides those of this machine: origins such as `https://dashboard.example`, or `*`. Other
   * programs than browsers have no origin, and always may. @default none
   */
  readonly origins?: readonly string[] | undefined
  /** The longest message in octets. @default 268,435,460, the longest Control Packet */
  readonly mostOctets?: number | undefined
}
