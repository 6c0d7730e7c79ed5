import type { IncomingHttpHeaders } from 'node:http'
import { isLoopback } from './addresses.ts'

/** Why a request for a WebSocket is refused. */
export interface RequestMistake {
  /** Of HTTP. */
  readonly status: 400 | 403 | 404
  readonly reason: string
}

/** What a client asks for that speaks MQTT; the second is what clients of MQTT 3.1 said. */
export const subprotocols: readonly string[] = ['mqtt', 'mqttv3.1']

/**
 * What is wrong with a request for a WebSocket, before the handshake; undefined when nothing is.
 *
 * @param options.path where it is served; undefined is everywhere
 * @param options.origins those that may connect, besides pages of this machine
 */
export function requestMistake(
  { url = '/', headers }: { readonly url?: string | undefined; readonly headers: IncomingHttpHeaders },
  { path, origins }: { readonly path: string | undefined; readonly origins: readonly string[] },
): RequestMistake | undefined {
  const asked = url.split('?')[0]
  if (path !== undefined && asked !== path) {
    return { status: 404, reason: `the client asked for ${asked}, and MQTT is served at ${path}` }
  }
  const { origin } = headers
  if (origin !== undefined && !mayConnect(origin, headers.host, origins)) {
    return {
      status: 403,
      reason: `a web page of ${origin} wanted to connect, which "origins" of the listener does not name`,
    }
  }
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  // [MQTT-6.0.0-3]
  if (offered.some((name) => subprotocols.includes(name))) return undefined
  const what = offered.join('') === '' ? 'no subprotocol' : `the subprotocol ${offered.join(', ')}`
  return { status: 400, reason: `the client asked for ${what}, and MQTT over WebSocket needs "mqtt"` }
}

/** Any page on the web can have its reader's browser connect to this machine, and says here where it is from. */
function mayConnect(origin: string, host: string | undefined, origins: readonly string[]): boolean {
  if (origins.includes('*') || origins.includes(origin)) return true
  // Of a file, or of a page that hides where it is from.
  if (!URL.canParse(origin)) return false
  const { hostname, host: its } = new URL(origin)
  if (isLoopback(hostname.replace(/^\[(.*)\]$/, '$1'))) return true
  // A page of the broker's own host; one that lets its name lead to this machine has that name, not the machine's.
  return its === host && !isName(hostname)
}

function isName(hostname: string): boolean {
  return /[a-z]/i.test(hostname) && !hostname.startsWith('[')
}
