import type { Socket } from 'node:net'
import type { RawData, WebSocket } from 'ws'
import type { NetworkConnection, NetworkConnectionHandler, Origin } from '../../app/mqtt/network-connection.ts'
import { remoteOf } from '../../app/mqtt/remote-of.ts'

/** The longest Control Packet there can be: fixed header and 268,435,455 octets [MQTT 3.1.1 §2.2.3]. */
export const mostWebSocketOctets = 268_435_460

/** So much may wait to be sent before the writer is asked to wait, in octets. */
const highWaterMark = 64 * 1024

/** [RFC 6455 §7.4.1] */
const normalClosure = 1000
const unsupportedData = 1003
const noStatus = 1005
const abnormalClosure = 1006

/**
 * An open WebSocket as a Network Connection [MQTT 3.1.1 §6]: what is written in one call is one binary frame. A WebSocket
 * does not close one way only: `end` closes it, and the peer's Close is its FIN and its answer.
 *
 * @param carrier the TCP socket beneath, for a reset.
 */
export function webSocketConnection(webSocket: WebSocket, carrier: Socket): NetworkConnection {
  return new WebSocketConnection(webSocket, carrier)
}

class WebSocketConnection implements NetworkConnection {
  readonly remote: string
  readonly #webSocket: WebSocket
  readonly #carrier: Socket
  #handler: NetworkConnectionHandler | undefined
  #failure: Error | undefined
  #reset = false
  /** The writer was asked to wait. */
  #full = false

  constructor(webSocket: WebSocket, carrier: Socket) {
    this.remote = remoteOf(carrier) ?? 'unknown'
    this.#webSocket = webSocket
    this.#carrier = carrier
    webSocket.pause()
    webSocket.on('error', (error) => {
      this.#failure = error
    })
  }

  listen(handler: NetworkConnectionHandler): void {
    this.#handler = handler
    this.#webSocket.on('message', (data, isBinary) => this.#arrived(data, isBinary))
    this.#webSocket.on('close', (code, reason) => this.#closed(code, reason.toString()))
  }

  write(octets: Uint8Array, _origin?: Origin): boolean {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN || octets.length === 0) return true
    this.#webSocket.send(octets, { binary: true }, () => this.#sent())
    this.#full ||= this.#webSocket.bufferedAmount > highWaterMark
    return !this.#full
  }

  end(): void {
    this.#webSocket.close(normalClosure)
  }

  reset(): void {
    if (this.#webSocket.readyState === this.#webSocket.CLOSED) return
    this.#reset = true
    if (!this.#carrier.destroyed) this.#carrier.resetAndDestroy()
    this.#webSocket.terminate()
    // One that is paused would not hear of its end.
    this.#webSocket.resume()
  }

  pause(): void {
    this.#webSocket.pause()
  }

  resume(): void {
    this.#webSocket.resume()
  }

  #arrived(data: RawData, isBinary: boolean): void {
    // [MQTT-6.0.0-1]: the receiver of anything but a binary frame closes the connection.
    if (isBinary) this.#handler?.octets(octetsOf(data), undefined)
    else this.#webSocket.close(unsupportedData)
  }

  #sent(): void {
    if (!this.#full || this.#webSocket.bufferedAmount > highWaterMark / 2) return
    this.#full = false
    this.#handler?.drained()
  }

  #closed(code: number, reason: string): void {
    if (this.#reset) this.#handler?.closed('local', undefined)
    else if (code === abnormalClosure) {
      this.#handler?.closed('rst', this.#failure?.message ?? 'the WebSocket ended without a Close frame')
    } else {
      const silent = code === normalClosure || code === noStatus
      this.#handler?.ended(silent ? undefined : `the WebSocket was closed with ${[code, reason].join(' ').trim()}`)
      this.#handler?.closed('fin', undefined)
    }
  }
}

function octetsOf(data: RawData): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data)
  const octets = Array.isArray(data) ? Buffer.concat(data) : data
  return new Uint8Array(octets.buffer, octets.byteOffset, octets.length)
}
