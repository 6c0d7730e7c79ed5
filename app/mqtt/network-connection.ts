/**
 * What the broker knows about the Control Packet that ends in the octets of one `write`, and the wire does not say.
 * It travels beside the octets and never changes them.
 */
export interface Origin {
  /** The broker's own number of the Application Message; equal for all its deliveries. Starts at 1. */
  readonly message: number
  /** How the message came to be: published by a client, or the Will Message of one. */
  readonly kind: 'publish' | 'will'
  /** The Client Identifier of the publisher, or of the owner of the will. Undefined where the broker itself published. */
  readonly clientId: string | undefined
}

/** What carries a Network Connection [MQTT 5 §4.2]: TCP, TLS, WebSocket, or WebSocket over TLS. */
export type TransportName = 'tcp' | 'tls' | 'ws' | 'wss'

/** Which way a Control Packet goes. */
export type Direction = 'to broker' | 'to client'

/**
 * How a Network Connection came to an end, as its local side learned it.
 * - `fin`: both sides have sent their FIN
 * - `rst`: the peer reset the connection
 * - `timeout`: the transport gave up
 * - `local`: this side reset it
 */
export type CloseCause = 'fin' | 'rst' | 'timeout' | 'local'

/**
 * Hears of what arrives. `reason` says in words why the peer ends the connection, where the peer is a part of the
 * workbench that knows; like an Origin it travels beside the octets, a socket has none.
 */
export interface NetworkConnectionHandler {
  /** Octets have arrived. They must not be changed, and stay valid after the call. */
  octets(octets: Uint8Array, origin: Origin | undefined): void
  /** The peer has sent its FIN: nothing more will arrive, writing is still possible. */
  ended(reason: string | undefined): void
  /** A `write` returned false before; now there is room again. */
  drained(): void
  /** The connection is gone, both ways. Called once, last. */
  closed(cause: CloseCause, reason: string | undefined): void
}

/**
 * One end of a Network Connection: an ordered, lossless stream of octets in both directions [MQTT 3.1.1 §4.2].
 * Sockets, WebSockets and pairs in memory all look like this to the Link and to the broker.
 */
export interface NetworkConnection {
  /** Where the other side is: an address such as `127.0.0.1:51422` or `[::1]:51422`, or `this process`. */
  readonly remote: string
  /** Sets who hears of what arrives. Set once, before the first `resume`; connections start paused. */
  listen(handler: NetworkConnectionHandler): void
  /**
   * Sends octets, in order. False means that the peer is slow: the octets were taken, but wait for `drained`.
   *
   * @param origin of the PUBLISH that ends where these octets end.
   */
  write(octets: Uint8Array, origin?: Origin): boolean
  /** Sends FIN after everything that was written. */
  end(reason?: string): void
  /** Ends the connection at once with RST; what was not sent yet is lost. */
  reset(reason?: string): void
  /** Stops the flow of arriving octets (the peer sees back-pressure). */
  pause(): void
  resume(): void
}
