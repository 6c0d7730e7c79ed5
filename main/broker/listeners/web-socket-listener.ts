import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Clock } from '../../../app/base/clock.ts'
import { Emitter } from '../../../app/base/emitter.ts'
import type { ConnectionInfo } from '../connection-info.ts'
import { urlOf } from './addresses.ts'
import { Gate, handshakeTimeout } from './gate.ts'
import type { Listener, SecureListener, TlsOptions, WebSocketOptions } from './listener.ts'
import { openPort, type PortOptions } from './port.ts'
import { TlsFront } from './tls-front.ts'
import { requestMistake, subprotocols } from './web-socket-request.ts'

export interface WebSocketListenerOptions extends PortOptions {
  readonly webSocket?: WebSocketOptions | undefined
  readonly clock: Clock
  /** For the handshakes of TLS and WebSocket together, in milliseconds. @default 10,000 */
  readonly timeout?: number | undefined
}

/** The longest Control Packet there can be [MQTT 3.1.1 §2.2.3]. */
const mostOctets = 268_435_460

/**
 * Listens for MQTT over WebSocket [MQTT 3.1.1 §6].
 *
 * @throws FaultlineError as `openPort`
 */
export function listenWebSocket(options: WebSocketListenerOptions): Promise<Listener> {
  return openListener(options, undefined)
}

/**
 * Listens for MQTT over WebSocket over TLS.
 *
 * @throws FaultlineError as `openPort` and `TlsFront`
 */
export async function listenSecureWebSocket(
  options: WebSocketListenerOptions & { readonly tls: TlsOptions },
): Promise<SecureListener> {
  let front: TlsFront | undefined
  const listener = await openListener(options, (gate, enter) => {
    front = new TlsFront({ ...options.tls, transport: 'wss', gate, protocols: ['http/1.1'], onSecure: enter })
    return front
  })
  return { ...listener, present: (material) => front?.present(material) }
}

type Enter = (socket: Socket, carrier: Socket, info: ConnectionInfo) => void

async function openListener(
  options: WebSocketListenerOptions,
  secure: ((gate: Gate, enter: Enter) => TlsFront) | undefined,
): Promise<Listener> {
  const { clock, host, timeout = handshakeTimeout, webSocket = {} } = options
  const transport = secure === undefined ? 'ws' : 'wss'
  const gate = new Gate({ transport, clock, timeout })
  const problems = new Emitter<Error>()
  const front = new WebSocketFront(gate, webSocket)
  const tls = secure?.(gate, (socket, carrier, info) => front.take(socket, carrier, info))
  const { port, close } = await openPort(options, {
    paused: false,
    // TLS closes both ways at once; for what is above it the socket is changed when it is handed over.
    allowHalfOpen: tls === undefined,
    onSocket(carrier) {
      const remote = gate.enter(carrier)
      if (remote === undefined) return
      if (tls === undefined) {
        front.take(carrier, carrier, { transport, remote, certificate: undefined, tls: undefined })
      } else tls.take(carrier)
    },
    onProblem: (error) => problems.fire(error),
  })
  return {
    transport,
    host,
    port,
    url: urlOf(transport, host, port, webSocket.path),
    onArrival: gate.onArrival,
    onRefused: gate.onRefused,
    onProblem: problems.event,
    async close() {
      close()
      gate.close()
    },
  }
}

/** Makes WebSockets of connections, TCP or TLS, that wait at the gate. */
class WebSocketFront {
  readonly #gate: Gate
  readonly #options: WebSocketOptions
  /** Listens nowhere: it is given its connections. */
  readonly #http: Server
  readonly #upgrade: WebSocketServer
  readonly #taken = new WeakMap<Duplex, { readonly carrier: Socket; readonly info: ConnectionInfo }>()

  constructor(gate: Gate, options: WebSocketOptions) {
    this.#gate = gate
    this.#options = options
    this.#upgrade = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.mostOctets ?? mostOctets,
      handleProtocols: (offered) => subprotocols.find((name) => offered.has(name)) ?? false,
    })
    this.#upgrade.on('wsClientError', (error, socket) => this.#refuse(socket, 400, `not a WebSocket: ${error.message}`))
    this.#http = createServer((request, response) => this.#plain(request, response))
    this.#http.on('upgrade', (request, socket, head) => this.#asked(request, socket, head))
    this.#http.on('clientError', (error, socket) => this.#broken(error, socket))
  }

  take(socket: Socket, carrier: Socket, info: ConnectionInfo): void {
    this.#taken.set(socket, { carrier, info })
    this.#http.emit('connection', socket)
  }

  #asked(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { path, origins = [] } = this.#options
    const mistake = requestMistake(request, { path, origins })
    if (mistake === undefined) {
      this.#upgrade.handleUpgrade(request, socket, head, (webSocket) => this.#open(webSocket, socket))
    } else this.#refuse(socket, mistake.status, mistake.reason)
  }

  #open(webSocket: WebSocket, socket: Duplex): void {
    const taken = this.#taken.get(socket)
    if (taken === undefined) return
    webSocket.pause()
    this.#gate.admit({ kind: 'web socket', info: taken.info, webSocket, carrier: taken.carrier })
  }

  /** Somebody has put the address into a browser, or asks for something else. */
  #plain(request: IncomingMessage, response: ServerResponse): void {
    const { info } = this.#taken.get(request.socket) ?? {}
    if (info !== undefined) {
      this.#gate.refuse(info.remote, 'the client spoke HTTP, and did not ask for a WebSocket', true)
    }
    const words = 'This is MQTT over WebSocket: connect with an MQTT client, subprotocol mqtt.\n'
    response.writeHead(426, { Connection: 'close', Upgrade: 'websocket', 'Content-Type': 'text/plain' }).end(words)
  }

  #broken(error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket: Duplex): void {
    const first = error.rawPacket?.[0]
    // What HTTP begins with is a letter. These are CONNECT [MQTT 3.1.1 §3.1] and a ClientHello [RFC 8446 §5.1].
    const words =
      first === 0x10
        ? 'the client speaks MQTT without WebSocket'
        : first === 0x16
          ? 'the client speaks TLS, which this port does not'
          : `what the client speaks is not HTTP (${error.message})`
    this.#refuse(socket, 400, words)
  }

  #refuse(socket: Duplex, status: 400 | 403 | 404, reason: string): void {
    const { info } = this.#taken.get(socket) ?? {}
    if (info !== undefined) this.#gate.refuse(info.remote, reason, true)
    const phrase = { 400: 'Bad Request', 403: 'Forbidden', 404: 'Not Found' }[status]
    const body = `${reason}\n`
    const head = `HTTP/1.1 ${status} ${phrase}\r\nConnection: close\r\nContent-Type: text/plain\r\n`
    if (!socket.writable) socket.destroy()
    else {
      socket.on('error', () => socket.destroy())
      socket.end(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, () => socket.destroy())
    }
  }
}
