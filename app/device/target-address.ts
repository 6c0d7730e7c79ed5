import { FaultlineError } from '../base/errors.ts'

/** Where a broker is that is not the workbench's own. */
export interface TargetAddress {
  /** As it is shown: without what is usual anyway. */
  readonly url: string
  /** A name or an address, an IPv6 address without brackets. */
  readonly host: string
  readonly port: number
  readonly tls: boolean
  /** Path and query of a WebSocket; undefined means MQTT over TCP. */
  readonly webSocketPath: string | undefined
}

const schemes = {
  mqtt: { port: 1883, tls: false, webSocket: false },
  mqtts: { port: 8883, tls: true, webSocket: false },
  ws: { port: 80, tls: false, webSocket: true },
  wss: { port: 443, tls: true, webSocket: true },
} as const

const form = /^(mqtts?|wss?):\/\/([^/?#]*@)?(\[[\da-f:.]+\]|[^:/?#@[\]\s]+)(?::(\d{1,5}))?(\/[^#\s]*)?$/i

/**
 * Reads `mqtt://`, `mqtts://`, `ws://` and `wss://`, with 1883, 8883, 80 and 443 as the ports where none is named, and
 * `/mqtt` as the path of a WebSocket.
 *
 * @throws FaultlineError `invalid-argument`
 */
export function parseTarget(url: string): TargetAddress {
  const [, scheme = '', user, host = '', portText, path = ''] = form.exec(url.trim()) ?? []
  const known = schemes[scheme.toLowerCase() as keyof typeof schemes]
  // What is refused is not repeated: it may hold a password.
  if (known === undefined) throw refused('a target is a URL such as mqtt://broker.example:1883', possible)
  if (user !== undefined) {
    const hint = "name user and password in the script of the device: client: { username: '…', password: '…' }"
    throw refused('a target has no user and password: each device says its own in CONNECT', hint)
  }
  const port = portText === undefined ? known.port : Number(portText)
  if (port < 1 || port > 65535)
    throw refused(`${portText} is not the port of a target`, 'a port is a number from 1 to 65535')
  if (!known.webSocket && path !== '' && path !== '/') {
    throw refused(`MQTT over TCP has no path: ${path}`, 'leave it out, or use ws:// or wss:// for a WebSocket')
  }
  const shownPort = port === known.port ? '' : `:${port}`
  const webSocketPath = known.webSocket ? (path === '' ? '/mqtt' : path) : undefined
  return {
    url: `${scheme.toLowerCase()}://${host}${shownPort}${webSocketPath ?? ''}`,
    host: host.startsWith('[') ? host.slice(1, -1) : host,
    port,
    tls: known.tls,
    webSocketPath,
  }
}

const possible = 'it begins with mqtt://, mqtts:// (TLS), ws:// or wss:// (WebSocket)'

function refused(message: string, hint: string): FaultlineError {
  return new FaultlineError({ code: 'invalid-argument', message, hint })
}
