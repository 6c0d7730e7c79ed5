import net from 'node:net'
import {
  type IClientOptions,
  type IConnackPacket,
  type IDisconnectPacket,
  type IPublishPacket,
  MqttClient,
  type Packet,
} from 'mqtt'
import type { Clock } from '../../../app/base/clock.ts'
import { messageOf } from '../../../app/base/errors.ts'
import type { BrokersReason, ClientSettings, Farewell, Outcome } from '../../../app/script-api/crossing.ts'
import type { DeviceClientEvents } from './client-events.ts'
import { ClientMemory } from './client-memory.ts'
import { connectFailure, dismissal, refusal, refusedBy, socketLoss } from './close-reasons.ts'
import { connectOptions, credentialsFor, keepsSession } from './connect-options.ts'
import { encodeDisconnect } from './encode-disconnect.ts'
import { forLibrary, fromLibrary } from './mqtt-properties.ts'
import { leaveOutUserName } from './password-alone.ts'
import { described, lostWords, mostPending, PendingCalls, type Request } from './pending-calls.ts'
import { Publisher } from './publisher.ts'
import { StillSocket } from './still-socket.ts'

/**
 * One device's MQTT client: MQTT.js on a socket that is ours. It outlives its connections, and with it what is in flight;
 * losing the power means throwing the whole object away, and all of its memory that was not given to it.
 */
export class DeviceClient {
  readonly #settings: ClientSettings
  #broker: { readonly host: string; readonly port: number }
  readonly #still: StillSocket
  readonly #events: DeviceClientEvents
  readonly #mqtt: MqttClient
  readonly #publisher: Publisher
  readonly #memory: ClientMemory
  readonly #pending = new PendingCalls()
  #socket: net.Socket | undefined
  /** CONNACK was accepted and the connection still stands. */
  #online = false
  /** Why the connection ends, where that is known before the socket closes. */
  #cause: string | undefined
  #said: BrokersReason | undefined
  /** The topics of this connection that the broker has given a Topic Alias. */
  readonly #aliased = new Map<number, string>()
  #connack: IConnackPacket | undefined
  /** The device is to be connected; an end of the connection is a loss. */
  #wanted = false
  /** The connection that is closing makes room for the next one. */
  #replaced = false
  /** A connection is to be opened as soon as the one before has closed. */
  #opensNext = false
  #overflowing = false
  /** One that goes without a user name. */
  #password: string | undefined

  constructor(
    settings: ClientSettings,
    broker: { readonly host: string; readonly port: number },
    events: DeviceClientEvents,
    clock: Clock,
    memory = new ClientMemory(),
  ) {
    this.#settings = settings
    this.#password = settings.username === undefined ? settings.password : undefined
    this.#broker = broker
    this.#events = events
    this.#memory = memory
    this.#still = new StillSocket(clock)
    this.#publisher = new Publisher({
      version: settings.protocolVersion,
      topicAliases: settings.topicAliases,
      memory,
      // Between the broker's end of the connection and ours nothing can be written: it is lost with the connection.
      write: (octets) => this.#socket?.writable === true && this.#socket.write(octets),
      sent: (call) => {
        this.#pending.markSent(call)
        this.#memory.waiting.delete(call)
        this.#events.written(call)
      },
      settled: (call, outcome) => this.#settle(call, outcome),
      connack: () => this.#connack,
    })
    this.#mqtt = new MqttClient(() => this.#openSocket(), this.#options())
    this.#publisher.attach(this.#mqtt)
    this.#remember()
    this.#mqtt.on('packetreceive', (packet) => this.#arrived(packet))
    this.#mqtt.on('disconnect', (packet) => this.#dismissed(packet))
    this.#mqtt.on('connect', ({ sessionPresent }) => this.#accepted(sessionPresent))
    this.#mqtt.on('message', (topic, payload, packet) => this.#received(topic, payload, packet))
    this.#mqtt.on('error', (error) => this.#failed(error))
    this.#mqtt.on('close', () => this.#closed())
  }

  get online(): boolean {
    return this.#online
  }

  /** By which the broker knows it; empty where only the broker knows [MQTT 3.1.1 §3.1.3.1, MQTT 5 §3.2.2.3.7]. */
  get clientId(): string {
    const { clientId } = this.#settings
    return clientId === '' && this.#online ? (this.#connack?.properties?.assignedClientIdentifier ?? '') : clientId
  }

  /** Opens a connection. One that is still closing is cut off first: MQTT.js takes its end for the end of the new one. */
  connect(): void {
    this.#wanted = true
    if (this.#opensNext) return
    const old = this.#socket
    if (old === undefined) {
      this.#cause = undefined
      this.#said = undefined
      this.#connack = undefined
      this.#aliased.clear()
      this.#mqtt.connect()
      return
    }
    old.once('close', () =>
      queueMicrotask(() => {
        this.#opensNext = false
        if (this.#wanted) this.connect()
      }),
    )
    this.#opensNext = true
    this.#replaced = true
    old.destroy()
  }

  /** The first connection that is let in begins its Session anew [MQTT 5 §3.1.2.4]; those after it are as the settings say. */
  beginAnew(): void {
    this.#mqtt.options.clean = true
  }

  /** The next connection goes to this address with these credentials; the one that stands has ended for the device. */
  use(broker: { readonly host: string; readonly port: number }, { username, password }: ClientSettings): void {
    this.#online = false
    this.#broker = broker
    Object.assign(this.#mqtt.options, { username: undefined, password: undefined }, credentialsFor(username, password))
    this.#password = username === undefined ? password : undefined
  }

  /** The program stands still: the connection stays as it is until `wake`. */
  hang(): void {
    this.#still.hang()
  }

  wake(): void {
    this.#still.wake()
  }

  /**
   * Ends the connection in order, with DISCONNECT: the broker drops the will [MQTT-3.14.4-3], unless the farewell says
   * otherwise.
   */
  disconnect(farewell?: Farewell): void {
    this.#online = false
    this.#wanted = false
    const socket = this.#socket
    if (socket === undefined) return
    if (!socket.writable || socket.connecting) {
      socket.destroy()
      return
    }
    // Written here, because MQTT.js waits with DISCONNECT until everything is acknowledged, for ever if need be.
    socket.end(encodeDisconnect(farewell, this.#settings.protocolVersion))
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

  /** @returns true when the call is complete already: nothing will be told of it */
  request(request: Request): boolean {
    if (!this.#pending.hasRoomFor(request, this.#publisher.kept)) {
      this.#overflow(request)
      return false
    }
    if (this.#online && request.type === 'publish' && request.qos === 0) return this.#publishNow(request)
    this.#pending.add(request)
    if (request.type === 'publish' && request.qos > 0) this.#memory.waiting.set(request.call, request)
    if (this.#online) this.#send(request)
    return false
  }

  /** QoS 0: nothing has to be remembered, but where the connection has no room for more. */
  #publishNow(request: Request & { type: 'publish' }): boolean {
    const { call } = request
    const published = this.#publisher.publish(call, request)
    if (published.type === 'written' && published.room) return true
    this.#pending.add(request, true)
    if (published.type === 'refused') this.#refuse(request, published.message)
    else this.#socket?.once('drain', () => this.#settle(call, { type: 'done' }))
    return false
  }

  #overflow(request: Request): void {
    const calls = this.#pending.size + this.#publisher.kept.size
    const message = `${described(request)}: too much is waiting to be sent or acknowledged (${calls} calls)`
    this.#events.settled(request.call, { type: 'lost', message })
    if (this.#overflowing) return
    this.#overflowing = true
    this.#events.note(`${message}; it and what follows is dropped until there is room`)
  }

  #options(): IClientOptions {
    return {
      ...connectOptions(this.#settings),
      manualConnect: true,
      reconnectPeriod: 0,
      resubscribe: false,
      timerVariant: this.#still.timers,
      // The longest that there is: the patience is that of StillSocket.
      connectTimeout: 2_147_483_647,
      outgoingStore: this.#publisher.outgoing,
      incomingStore: this.#publisher.incoming,
      messageIdProvider: this.#publisher.identifiers,
    }
  }

  /** Messages that an earlier life has not sent any more: nobody waits for their outcome, so their calls are below 0. */
  #remember(): void {
    const kept = [...this.#memory.waiting.values()]
    this.#memory.waiting.clear()
    kept.forEach((message, i) => {
      const call = i - kept.length
      this.#pending.add({ ...message, type: 'publish', call })
      this.#memory.waiting.set(call, message)
    })
  }

  #openSocket(): net.Socket {
    const socket = net.connect({ ...this.#broker, noDelay: true, allowHalfOpen: true })
    this.#socket = socket
    if (this.#password !== undefined) leaveOutUserName(socket, Buffer.byteLength(this.#password))
    this.#still.take(socket, () => {
      this.#cause ??= 'no CONNACK within 30 s'
      socket.destroy()
    })
    return socket
  }

  #accepted(sessionPresent: boolean): void {
    // CONNACK has crossed with our DISCONNECT.
    if (!this.#wanted) return
    this.#still.accepted()
    this.#online = true
    this.#mqtt.options.clean = this.#settings.cleanStart
    // Each write that has to wait listens for `drain`; how many there are is bounded here, not by a warning.
    this.#socket?.setMaxListeners(0)
    // The Publisher has forgotten what was sent in a session that is gone.
    if (this.#settings.protocolVersion === 5 && !sessionPresent) this.#loseCalls(false)
    for (const request of this.#pending.unsent) this.#send(request)
    this.#events.connected(sessionPresent, fromLibrary(this.#connack?.properties))
  }

  #received(topic: string, payload: Uint8Array, packet: IPublishPacket): void {
    // A client that has said DISCONNECT listens no more, and acknowledges nothing.
    if (!this.#wanted) return
    const { qos, retain, dup, messageId } = packet
    const packetId = qos === 0 ? undefined : messageId
    this.#events.message({ topic, payload, qos, retain, dup, packetId, properties: fromLibrary(packet.properties) })
  }

  /** Sees every packet before MQTT.js handles it. */
  #arrived(packet: Packet): void {
    if (packet.cmd === 'connack') this.#connack = packet
    if (packet.cmd !== 'publish') return
    const alias = packet.properties?.topicAlias
    if (alias === undefined) return
    // At QoS 2 MQTT.js forgets what an alias stood for: the message would come without a topic.
    if (packet.topic === '') packet.topic = this.#aliased.get(alias) ?? ''
    else this.#aliased.set(alias, packet.topic)
  }

  /** [MQTT 5 §3.14]: the broker says why, then closes. */
  #dismissed({ reasonCode = 0, properties }: IDisconnectPacket): void {
    this.#said = { reasonCode, properties: fromLibrary(properties) }
    this.#cause = dismissal(reasonCode, this.#said.properties)
  }

  #send(request: Request): void {
    const { call } = request
    if (request.type === 'publish') {
      const published = this.#publisher.publish(call, request)
      if (published.type === 'refused') this.#refuse(request, published.message)
      else if (published.type === 'written') this.#written(request, published.room)
      return
    }
    this.#pending.markSent(call)
    const properties = request.properties === undefined ? {} : { properties: forLibrary(request.properties) }
    if (request.type === 'subscribe') {
      const { filter, noLocal: nl = false, qos, retainAsPublished: rap = false, retainHandling: rh = 0 } = request
      this.#mqtt.subscribe(filter, { qos, nl, rap, rh, ...properties }, (_error, granted, suback) => {
        this.#answered(call, `subscribe to '${filter}'`, suback, granted?.[0]?.qos)
      })
    } else {
      const { filter } = request
      this.#mqtt.unsubscribe(filter, properties, (_error, unsuback) => {
        this.#answered(call, `unsubscribe from '${filter}'`, unsuback)
      })
    }
  }

  #written({ call, qos }: Request & { type: 'publish' }, room: boolean): void {
    if (qos > 0) return
    if (room) this.#settle(call, { type: 'done' })
    else this.#socket?.once('drain', () => this.#settle(call, { type: 'done' }))
  }

  #refuse(request: Request, why: string): void {
    this.#settle(request.call, { type: 'refused', message: `${described(request)}: ${why}` })
  }

  /** Without an answer it is the end of the connection; when it has ended, the call is settled with all others. */
  #answered(call: number, what: string, answer: Packet | undefined, qos?: number): void {
    if (answer === undefined) return
    const granted = qos === 0 || qos === 1 || qos === 2 ? qos : undefined
    this.#settle(call, refusedBy(what, answer) ?? { type: 'done', qos: granted })
  }

  #settle(call: number, outcome: Outcome): void {
    if (!this.#pending.remove(call)) return
    this.#memory.waiting.delete(call)
    if (this.#pending.size < mostPending.calls / 2) this.#overflowing = false
    if (call < 0) return
    this.#events.settled(call, outcome)
  }

  #failed(error: Error): void {
    const code: unknown = 'code' in error ? error.code : undefined
    if (typeof code === 'number' && error.message.startsWith('Connection refused')) this.#refused(code)
    else if (typeof code === 'string')
      this.#cause ??= this.#online ? socketLoss(code) : connectFailure(code, this.#broker)
    else if (error.message === 'Keepalive timeout') this.#cause = 'connection lost: the broker did not answer PINGREQ'
    else if (typeof code === 'number')
      this.#cause = `connection lost: the broker broke the rules of MQTT (${error.message})`
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
    this.#publisher.closed()
    // An acknowledgement that was to go out on this connection must not open the next one.
    this.#mqtt.queue.length = 0
    if (!this.#sessionIsKept) this.#publisher.forget()
    const lost = this.#wanted && !this.#replaced
    this.#replaced = false
    if (lost) {
      const unknown = wasOnline ? socketLoss(undefined) : 'the broker closed the connection before CONNACK'
      this.#events.lost(this.#cause ?? unknown, this.#said)
    }
    this.#loseCalls(this.#sessionIsKept)
  }

  #refused(code: number): void {
    const properties = fromLibrary(this.#connack?.properties)
    this.#said = { reasonCode: code, properties }
    this.#cause = refusal(code, this.#settings.protocolVersion, properties)
  }

  get #sessionIsKept(): boolean {
    return keepsSession(this.#settings, this.#connack?.properties?.sessionExpiryInterval)
  }

  /**
   * Tells the callers whose calls went down with the connection.
   *
   * @param keepMessages QoS 1 and 2 live on, because the Session does
   */
  #loseCalls(keepMessages: boolean): void {
    const lost = this.#pending.sent.filter(
      (request) => !keepMessages || request.type !== 'publish' || request.qos === 0,
    )
    for (const request of lost) {
      this.#settle(request.call, { type: 'lost', message: `${described(request)}: the connection was lost first` })
    }
    const [first, ...others] = lost
    if (first !== undefined) this.#events.note(lostWords([first, ...others]))
  }
}
