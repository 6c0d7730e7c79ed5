import net from 'node:net'
import { type IClientOptions, type IPublishPacket, MqttClient } from 'mqtt'
import { messageOf } from '../../../app/base/errors.ts'
import type { ClientSettings, Outcome } from '../../../app/script-api/crossing.ts'
import { connectFailure, refusal, socketLoss } from './close-reasons.ts'
import { encodeAgain } from './encode-again.ts'
import { OutgoingMessages, type Unacknowledged } from './outgoing-messages.ts'
import { PacketIdentifiers } from './packet-identifiers.ts'

type QoS = 0 | 1 | 2

/** What a script asks of its client; the `call` comes back with the outcome. */
export type Request =
  | {
      readonly type: 'publish'
      readonly call: number
      readonly topic: string
      readonly payload: Uint8Array
      readonly qos: QoS
      readonly retain: boolean
    }
  | { readonly type: 'subscribe'; readonly call: number; readonly filter: string; readonly qos: QoS }
  | { readonly type: 'unsubscribe'; readonly call: number; readonly filter: string }

export interface ReceivedMessage {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: QoS
  readonly retain: boolean
  readonly dup: boolean
  readonly packetId: number | undefined
}

export interface DeviceClientEvents {
  connected(sessionPresent: boolean): void
  message(message: ReceivedMessage): void
  /** A connection, or the attempt at one, has come to an end that nobody here asked for. */
  lost(reason: string): void
  settled(call: number, outcome: Outcome): void
  /** Something that a user should know and that no call can tell. */
  note(text: string): void
}

/** What waits for a connection or for an acknowledgement is bounded: a device has little memory. */
export const mostPending = { calls: 10_000, octets: 16 * 1024 * 1024 }

/**
 * One device's MQTT client: MQTT.js on a socket that is ours. It outlives its connections, and with it what is in flight;
 * losing the power means throwing the whole object away.
 */
export class DeviceClient {
  readonly #settings: ClientSettings
  readonly #broker: { readonly host: string; readonly port: number }
  readonly #events: DeviceClientEvents
  readonly #mqtt: MqttClient
  readonly #outgoing: OutgoingMessages
  /** Calls without an outcome, and where each is. */
  readonly #pending = new Map<number, { readonly request: Request; sent: boolean }>()
  #pendingOctets = 0
  #socket: net.Socket | undefined
  /** CONNACK was accepted and the connection still stands. */
  #online = false
  /** Why the connection ends, where that is known before the socket closes. */
  #cause: string | undefined
  /** The device is to be connected; an end of the connection is a loss. */
  #wanted = false
  /** The connection that is closing makes room for the next one. */
  #replaced = false
  #overflowing = false

  constructor(
    settings: ClientSettings,
    broker: { readonly host: string; readonly port: number },
    events: DeviceClientEvents,
  ) {
    this.#settings = settings
    this.#broker = broker
    this.#events = events
    this.#outgoing = new OutgoingMessages((packet) => this.#sendAgain(packet))
    this.#mqtt = new MqttClient(() => this.#openSocket(), this.#options())
    this.#mqtt.on('connect', ({ sessionPresent }) => this.#accepted(sessionPresent))
    this.#mqtt.on('message', (topic, payload, packet) => this.#received(topic, payload, packet))
    this.#mqtt.on('error', (error) => this.#failed(error))
    this.#mqtt.on('close', () => this.#closed())
  }

  get online(): boolean {
    return this.#online
  }

  /** Opens a connection. One that is still closing is cut off first: MQTT.js takes its end for the end of the new one. */
  connect(): void {
    this.#wanted = true
    const old = this.#socket
    if (old === undefined) {
      this.#cause = undefined
      this.#mqtt.connect()
      return
    }
    old.once('close', () =>
      queueMicrotask(() => {
        if (this.#wanted) this.connect()
      }),
    )
    this.#replaced = true
    old.destroy()
  }

  /** Ends the connection in order, with DISCONNECT: the broker drops the will [MQTT-3.14.4-3]. */
  disconnect(): void {
    this.#online = false
    this.#wanted = false
    const socket = this.#socket
    if (socket === undefined) return
    if (!socket.writable || socket.connecting) {
      socket.destroy()
      return
    }
    // Written here, because MQTT.js waits with DISCONNECT until everything is acknowledged, for ever if need be.
    socket.end(Buffer.from([0xe0, 0x00]))
    // [MQTT-3.14.4-1]: the client closes, whether the broker does or not.
    socket.setTimeout(1000, () => socket.destroy())
  }

  /** Ends the connection without DISCONNECT: as a reset when the power goes, as the system does it when a program dies. */
  cut(how: 'reset' | 'close'): void {
    this.#online = false
    this.#wanted = false
    const socket = this.#socket
    if (socket === undefined) return
    // One that is not open yet, or is already closing, cannot be reset: Node would never report its end.
    if (how === 'reset' && !socket.connecting && !socket.writableEnded) socket.resetAndDestroy()
    else socket.destroy()
  }

  /** Resolves when the connection is gone, at once if there is none. */
  gone(): Promise<void> {
    const socket = this.#socket
    return socket === undefined ? Promise.resolve() : new Promise((resolve) => socket.once('close', () => resolve()))
  }

  request(request: Request): void {
    const octets = request.type === 'publish' ? request.payload.length : 0
    if (this.#pending.size >= mostPending.calls || this.#pendingOctets + octets > mostPending.octets) {
      this.#overflow(request)
      return
    }
    this.#pendingOctets += octets
    this.#pending.set(request.call, { request, sent: false })
    if (this.#online) this.#send(request)
  }

  #overflow(request: Request): void {
    const message = `${described(request)}: too much is waiting to be sent or acknowledged (${this.#pending.size} calls)`
    this.#events.settled(request.call, { type: 'lost', message })
    if (this.#overflowing) return
    this.#overflowing = true
    this.#events.note(`${message}; it and what follows is dropped until there is room`)
  }

  #options(): IClientOptions {
    const { protocolVersion, clientId, cleanStart, keepAlive, username, password, will } = this.#settings
    return {
      manualConnect: true,
      reconnectPeriod: 0,
      resubscribe: false,
      protocolVersion,
      protocolId: protocolVersion === 3 ? 'MQIsdp' : 'MQTT',
      clientId,
      clean: cleanStart,
      keepalive: keepAlive,
      outgoingStore: this.#outgoing,
      messageIdProvider: new PacketIdentifiers(),
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(will === undefined ? {} : { will: { ...will, payload: octetsOf(will.payload) } }),
    }
  }

  #openSocket(): net.Socket {
    const socket = net.connect({ ...this.#broker, noDelay: true })
    this.#socket = socket
    return socket
  }

  #accepted(sessionPresent: boolean): void {
    // CONNACK has crossed with our DISCONNECT.
    if (!this.#wanted) return
    this.#online = true
    // Each write that has to wait listens for `drain`; how many there are is bounded here, not by a warning.
    this.#socket?.setMaxListeners(0)
    for (const { request, sent } of [...this.#pending.values()]) if (!sent) this.#send(request)
    this.#events.connected(sessionPresent)
  }

  #received(topic: string, payload: Uint8Array, packet: IPublishPacket): void {
    // A client that has said DISCONNECT listens no more, and acknowledges nothing.
    if (!this.#wanted) return
    const { qos, retain, dup, messageId } = packet
    this.#events.message({ topic, payload, qos, retain, dup, packetId: qos === 0 ? undefined : messageId })
  }

  #send(request: Request): void {
    const pending = this.#pending.get(request.call)
    if (pending !== undefined) pending.sent = true
    const { call } = request
    switch (request.type) {
      case 'publish': {
        const { topic, payload, qos, retain } = request
        this.#mqtt.publish(topic, Buffer.from(payload), { qos, retain }, (error) => this.#answered(call, error))
        break
      }
      case 'subscribe':
        this.#mqtt.subscribe(request.filter, { qos: request.qos }, (error, granted, suback) => {
          const qos = granted?.[0]?.qos
          // An error with a SUBACK is the broker's 0x80 [MQTT-3.9.3-2], one without it is the connection's end.
          if (error && suback !== undefined) {
            this.#settle(call, { type: 'refused', message: `the broker refused to subscribe to '${request.filter}'` })
          } else if (!error && qos !== 128) this.#settle(call, { type: 'done', qos })
        })
        break
      case 'unsubscribe':
        this.#mqtt.unsubscribe(request.filter, (error) => this.#answered(call, error))
    }
  }

  /** An error here means that the connection is about to end; when it has, the call is settled with all others. */
  #answered(call: number, error: Error | null | undefined): void {
    if (!error) this.#settle(call, { type: 'done' })
  }

  #settle(call: number, outcome: Outcome): void {
    const pending = this.#pending.get(call)
    if (pending === undefined) return
    this.#pending.delete(call)
    if (pending.request.type === 'publish') this.#pendingOctets -= pending.request.payload.length
    if (this.#pending.size < mostPending.calls / 2) this.#overflowing = false
    this.#events.settled(call, outcome)
  }

  #sendAgain(packet: Unacknowledged): void {
    this.#mqtt.messageIdProvider.register(packet.packetId)
    this.#socket?.write(encodeAgain(packet))
  }

  #failed(error: Error): void {
    const code: unknown = 'code' in error ? error.code : undefined
    if (typeof code === 'number' && error.message.startsWith('Connection refused')) this.#cause = refusal(code)
    else if (typeof code === 'string')
      this.#cause ??= this.#online ? socketLoss(code) : connectFailure(code, this.#broker)
    else if (error.message === 'Keepalive timeout') this.#cause = 'connection lost: the broker did not answer PINGREQ'
    else if (error.message === 'connack timeout') this.#cause = 'no CONNACK within 30 s'
    else if (!/does not answer/.test(error.message)) {
      // Octets that are not MQTT. What an acknowledgement out of place is, MQTT.js ignores, and so does the device.
      this.#cause = `connection lost: the broker sent what is not MQTT (${messageOf(error)})`
      this.#socket?.destroy()
    }
  }

  #closed(): void {
    const wasOnline = this.#online
    this.#online = false
    this.#socket = undefined
    // An acknowledgement that was to go out on this connection must not open the next one.
    this.#mqtt.queue.length = 0
    if (this.#settings.cleanStart) this.#forgetSent()
    const lost = this.#wanted && !this.#replaced
    this.#replaced = false
    if (lost) {
      const unknown = wasOnline ? socketLoss(undefined) : 'the broker closed the connection before CONNACK'
      this.#events.lost(this.#cause ?? unknown)
    }
    this.#loseCalls()
  }

  /** [MQTT-3.1.2-6]: what was sent in this Session is not sent again in another. */
  #forgetSent(): void {
    for (const id of Object.keys(this.#mqtt.outgoing)) this.#mqtt.removeOutgoingMessage(Number(id))
    this.#outgoing.clear()
  }

  /** Tells the callers whose calls went down with the connection; QoS 1 and 2 live on where the Session does. */
  #loseCalls(): void {
    const lost = [...this.#pending.values()].filter(
      ({ request, sent }) => sent && (this.#settings.cleanStart || request.type !== 'publish' || request.qos === 0),
    )
    for (const { request } of lost) {
      this.#settle(request.call, { type: 'lost', message: `${described(request)}: the connection was lost first` })
    }
    const [first] = lost
    if (first === undefined) return
    const what = lost.length === 1 ? 'this was' : `${lost.length} calls were`
    const more = lost.length === 1 ? '' : ', …'
    this.#events.note(`the connection was lost before ${what} complete: ${described(first.request)}${more}`)
  }
}

function octetsOf(payload: string | readonly number[]): Buffer {
  return typeof payload === 'string' ? Buffer.from(payload) : Buffer.from(payload)
}

function described(request: Request): string {
  return request.type === 'publish'
    ? `publish to '${request.topic}' at QoS ${request.qos}`
    : `${request.type} '${request.filter}'`
}
