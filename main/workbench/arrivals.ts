import type { NetworkConnection } from '../../app/mqtt/network-connection.ts'
import type { Arrival } from '../broker/listeners/listener.ts'
import { socketConnection } from '../link/socket-connection.ts'
import { webSocketConnection } from '../link/web-socket-connection.ts'

/** What a listener has taken in, as a Network Connection; nothing was read from it. */
export function connectionOf(arrival: Arrival): NetworkConnection {
  return arrival.kind === 'socket'
    ? socketConnection(arrival.socket, arrival.carrier)
    : webSocketConnection(arrival.webSocket, arrival.carrier)
}
