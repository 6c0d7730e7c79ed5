/** HTTP as a client begins with it [RFC 9112 §3]. */
const request = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE) [!-~]/

/**
 * What a client speaks that has come to the wrong port, in words; undefined where that cannot be told.
 *
 * @param octets with which it began
 */
export function otherProtocol(octets: Uint8Array): string | undefined {
  // A handshake of TLS in a record of version 3.x [RFC 8446 §5.1]: as a Control Packet a CONNECT with flags that it has not.
  if (octets[0] === 0x16 && octets[1] === 3) return 'what the client speaks is TLS: mqtts has a port of its own'
  if (!request.test(String.fromCharCode(...octets.subarray(0, 16)))) return undefined
  return 'what the client speaks is HTTP, not MQTT: WebSocket has a port of its own'
}
