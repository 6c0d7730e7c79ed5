import type { Clock } from '../../../app/base/clock.ts'
import type { Disposable } from '../../../app/base/disposable.ts'
import { TopicReader } from '../../../app/mqtt/codec/topic-reader.ts'
import { pingresp, writeAck, writeDisconnect } from '../../../app/mqtt/codec/write.ts'
import { type PacketType, type ProtocolVersion, packetTypeOf } from '../../../app/mqtt/control-packet.ts'
import { Framer } from '../../../app/mqtt/framer.ts'
import type { NetworkConnection, Origin } from '../../../app/mqtt/network-connection.ts'
import type { AckType } from '../../../app/mqtt/packets.ts'
import { PacketError } from '../../../app/mqtt/packets.ts'
import type { Ending } from '../../../app/session/will.ts'
import type { ConnectionInfo } from '../connection-info.ts'
import { ClientAliases } from './client-aliases.ts'
import type { Counters } from './counters.ts'
import { expirySeconds } from './expiry.ts'
import { HeldPackets } from './held-packets.ts'
import { watchSilence } from './keep-alive.ts'
import type { Limits } from './limits.ts'
import { longTimer } from './long-timer.ts'
import type { Outbox } from './outbox.ts'
import { codes } from './reason-codes.ts'
import type { Copy, RoutedMessage } from './routed-message.ts'
import type { Accepted, ServingClient } from './served.ts'
import type { ServedSession } from './served-session.ts'
import type { Turn } from './turn.ts'

/** How long a client may take to answer our FIN with its own before the connection is reset, in milliseconds. */
const graceMs = 500
/** Octets that may wait for a client that does not read before nothing more is read from it. */
const mostOwed = 1024 * 1024

/** What a client needs of the engine. */
export interface ClientHost<C> {
  readonly clock: Clock
  readonly limits: Limits
  readonly counters: Counters
  readonly outbox: Outbox | undefined
  readonly turn: Turn
  /** CONNECT has come. @throws PacketError */
  connect(client: C, octets: Uint8Array): void
  /** Any other packet of a client that is served. @throws PacketError */
  handle(client: C, type: PacketType, octets: Uint8Array): void
  /** @param octets CONNECT, where that is what is wrong */
  refuseMalformed(client: C, octets: Uint8Array | undefined, code: number, message: string): void
  /** A client that was served has gone. */
  left(client: C, reason: string, ending: Ending): void
  /** Its Network Connection is gone, both ways. */
  gone(client: C): void
}

/** One Network Connection as the broker serves it. */
export class Client implements ServingClient {
  readonly connection: number
  readonly info: ConnectionInfo | undefined
  readonly remote: string
  readonly aliases: ClientAliases
  readonly topics = new TopicReader()
  /** Packet Identifiers of QoS 2 that came over this connection and are not released: its Receive Maximum counts them. */
  readonly unfinished = new Set<number>()
  readonly #engine: ClientHost<Client>
  readonly #end: NetworkConnection
  readonly #framer: Framer
  /** CONNECT as it came, until it was decided. */
  #connect: Uint8Array | undefined
  #phase: 'new' | 'connecting' | 'serving' | 'over' = 'new'
  #accepted: Accepted | undefined
  readonly #held = new HeldPackets()
  #timer: Disposable | undefined
  #validity: Disposable | undefined
  #lastPacket = 0
  /** A Control Packet was whole in what came last. */
  #hasHeard = false
  /** Nothing more will come: it ends when what waits is served. And it is closed both ways. */
  #isLast = false
  #isClosed = false
  /** It does not read what it is sent. */
  #isBlocked = false
  #owed = 0
  #isPaused = false
  #isGone = false

  version: ProtocolVersion = 4
  window: number
  /** In octets; what the client said in CONNECT. */
  maximumPacketSize = Number.POSITIVE_INFINITY
  /** Whether it wants to be told reasons in words [MQTT-3.1.2-29]. */
  wantsReasons = false

  constructor(
    engine: ClientHost<Client>,
    end: NetworkConnection,
    connection: number,
    info: ConnectionInfo | undefined,
  ) {
    const { clock, limits } = engine
    this.#engine = engine
    this.#end = end
    this.connection = connection
    this.info = info
    this.remote = info?.remote ?? end.remote
    this.window = limits.maxInflight
    this.aliases = new ClientAliases(limits.topicAliasMaximum)
    this.#framer = new Framer((octets, malformed) => this.#framed(octets, malformed !== false), {
      keeps: limits.maxPacketSize,
      allows: () => true,
      part: () => this.#tooLarge(),
    })
    this.#timer = clock.after(limits.connectTimeout, () => this.close('no CONNECT came in time', undefined, 'failed'))
  }

  get session(): ServedSession | undefined {
    return this.#accepted?.session
  }

  get accepted(): Accepted | undefined {
    return this.#accepted
  }

  get isOver(): boolean {
    return this.#phase === 'over'
  }
  get isServing(): boolean {
    return this.#phase === 'serving'
  }

  /** When its last Control Packet came, in monotonic milliseconds. */
  get lastPacket(): number {
    return this.#lastPacket
  }

  /** Also for what is on its way to it: no answer overtakes that. */
  get #mustWait(): boolean {
    return this.#engine.turn.isOver || this.#accepted?.session.isDue === true
  }

  get reads(): boolean {
    return !this.#isBlocked && this.#phase === 'serving'
  }

  /** Begins to listen. Called once. */
  start(): void {
    this.#end.listen({
      octets: (octets) => {
        this.#engine.counters.octetsReceived += octets.length
        if (this.#phase === 'over') return
        this.#hasHeard = false
        this.#framer.push(octets)
        // Once for all that came in one piece: to ask for the time costs as much as much else that is done for a packet.
        if (this.#hasHeard) this.#lastPacket = this.#monotonic()
      },
      ended: () => this.#lost(),
      drained: () => this.#drained(),
      closed: () => this.#closed(),
    })
    this.#end.resume()
  }

  // ── receiving

  #framed(octets: Uint8Array, isMalformed: boolean): void {
    if (this.#phase === 'over') return
    if (this.#phase === 'connecting') this.#hold(octets, isMalformed)
    else if (this.#phase === 'serving' && (!this.#held.isEmpty || this.#mustWait)) {
      this.#defer(octets, isMalformed)
    } else this.#serve(octets, isMalformed)
  }

  #serve(octets: Uint8Array, isMalformed: boolean): void {
    const type = packetTypeOf(octets[0] as number)
    this.#engine.counters.packetsReceived++
    if (isMalformed || type === undefined) this.fail(codes.malformedPacket, 'octets that are no Control Packet')
    else if (octets.length > this.#engine.limits.maxPacketSize) this.#tooLarge()
    else this.#take(type, octets)
  }

  #tooLarge(): void {
    this.fail(codes.packetTooLarge, `a packet is larger than the ${this.#engine.limits.maxPacketSize} octets allowed`)
  }

  #take(type: PacketType, octets: Uint8Array): void {
    try {
      if (this.#phase === 'serving') {
        this.#hasHeard = true
        this.#engine.handle(this, type, octets)
      } else if (type === 'CONNECT') {
        this.#phase = 'connecting'
        this.#connect = octets
        this.#engine.connect(this, octets)
      } else this.fail(codes.protocolError, `the first packet is ${type}, not CONNECT [MQTT-3.1.0-1]`)
    } catch (error) {
      if (!(error instanceof PacketError)) throw error
      this.fail(error.code, error.message)
    }
  }

  #hold(octets: Uint8Array, isMalformed: boolean): void {
    this.#held.add(octets, isMalformed)
    if (this.#held.isFull) this.#pause()
  }

  /** The turn is over: what has come waits, and nothing more is read until it is served. */
  #defer(octets: Uint8Array, isMalformed: boolean): void {
    this.#hasHeard = true
    if (this.#held.isEmpty) this.#engine.turn.next(() => this.takeHeld())
    this.#held.add(octets, isMalformed)
    this.#pause()
  }

  /** CONNECT was accepted, and CONNACK is on its way: what came meanwhile is taken now. */
  serve(accepted: Accepted, validUntil: number | undefined): void {
    const { packet, keepAlive } = accepted
    this.#accepted = accepted
    this.version = packet.version
    this.window = Math.min(this.window, packet.receiveMaximum)
    this.maximumPacketSize = packet.maximumPacketSize ?? Number.POSITIVE_INFINITY
    this.wantsReasons = packet.version === 5 && packet.requestProblemInformation
    this.aliases.clientAllows(packet.topicAliasMaximum)
    this.#phase = 'serving'
    this.#connect = undefined
    this.#timer?.dispose()
    this.#timer = undefined
    this.#lastPacket = this.#monotonic()
    if (keepAlive > 0) {
      const ranOut = () => this.close('keep alive ran out', codes.keepAliveTimeout, 'failed')
      this.#timer = watchSilence(this.#engine.clock, keepAlive, () => this.#lastPacket, ranOut)
    }
    if (validUntil !== undefined) {
      const ended = () => this.close('what it showed to get in is not valid any more', codes.notAuthorized, 'failed')
      this.#validity = longTimer(this.#engine.clock, Math.max(0, validUntil - this.#engine.clock.now()), ended)
    }
  }

  /** Serves what waits, as far as there is time. */
  takeHeld(): void {
    this.#held.serve(({ octets, isMalformed }) => {
      if (this.isOver || this.#mustWait) return false
      this.#serve(octets, isMalformed)
      return true
    })
    if (this.isOver) return
    if (!this.#held.isEmpty) this.#engine.turn.next(() => this.takeHeld())
    else if (this.#isLast) this.#lost()
    else if (this.#owed <= mostOwed) this.#resume()
  }

  #monotonic(): number {
    return this.#engine.clock.monotonic() / 1e6
  }

  // ── sending

  write(octets: Uint8Array, origin?: Origin): void {
    const { outbox } = this.#engine
    if (outbox === undefined || outbox.isOpen) this.writeNow(octets, origin)
    else outbox.write(this, octets, origin)
  }

  /** Past the outbox: only for what it hands back. */
  writeNow(octets: Uint8Array, origin?: Origin): void {
    if (this.#isClosed) return
    const { counters } = this.#engine
    counters.packetsSent++
    counters.octetsSent += octets.length
    const room = this.#end.write(octets, origin)
    if (room) return
    this.#isBlocked = true
    this.#owed += octets.length
    if (this.#owed > mostOwed) this.#pause()
  }

  sendMessage(message: RoutedMessage, copy: Copy, dup: boolean): boolean {
    const { version } = this
    const alias = version === 5 ? this.aliases.forTopic(message.topic) : 0
    const now = version === 5 && message.expiresAt !== undefined ? this.#engine.clock.now() : 0
    const octets = message.encode(copy, dup, version, alias, now)
    if (octets.length > this.maximumPacketSize) {
      if (alias > 0) this.aliases.forget(message.topic)
      return false
    }
    const { counters } = this.#engine
    counters.messagesSent++
    counters.payloadSent += message.payload.length
    this.write(octets, message.origin)
    return true
  }

  /** @param seconds the Session Expiry Interval of DISCONNECT */
  changeExpiry(seconds: number): void {
    const { session } = this
    if (session !== undefined) session.expiry = Math.min(expirySeconds(seconds), this.#engine.limits.maxSessionExpiry)
  }

  sendRelease(packetId: number, code = 0): void {
    this.write(writeAck('PUBREL', packetId, code, this.version))
  }

  sendAck(type: AckType, packetId: number, code: number, reason?: string): void {
    const octets = writeAck(type, packetId, code, this.version, this.wantsReasons ? reason : undefined)
    // What is said in words must not make it too large [MQTT-3.4.2-2].
    this.write(octets.length > this.maximumPacketSize ? writeAck(type, packetId, code, this.version) : octets)
  }

  sendPingresp(): void {
    this.write(pingresp)
  }

  overflow(): void {
    this.close('its queue is full', codes.quotaExceeded, 'failed')
  }

  #drained(): void {
    this.#isBlocked = false
    this.#owed = 0
    if (this.#phase !== 'connecting' && this.#held.isEmpty) this.#resume()
    this.session?.pump()
  }

  #pause(): void {
    if (this.#isPaused) return
    this.#isPaused = true
    this.#end.pause()
  }

  #resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#end.resume()
  }

  // ── ending

  /** The client has broken the protocol [MQTT-4.8.0-1, MQTT-4.13.1-1]. */
  fail(code: number, message: string): void {
    if (this.isServing) this.close(`protocol error: ${message}`, code, 'failed', message)
    else this.#engine.refuseMalformed(this, this.#connect, code, message)
  }

  /**
   * Ends the Network Connection from this side.
   *
   * @param reason in words, for the capture and the screen
   * @param code Reason Code of the DISCONNECT that a client of MQTT 5 is sent; undefined sends none
   */
  close(reason: string, code: number | undefined, ending: Ending, reasonString?: string): void {
    if (this.isOver) return
    const wasServing = this.isServing
    if (wasServing && this.version === 5 && code !== undefined) {
      const octets = writeDisconnect(code, this.wantsReasons ? { reasonString } : {})
      if (octets.length <= this.maximumPacketSize) this.write(octets)
    }
    this.#over()
    this.#hangUpInTurn(reason)
    if (wasServing) this.#engine.left(this, reason, ending)
  }

  /** After what was written before. */
  #hangUpInTurn(reason: string): void {
    const { outbox } = this.#engine
    if (outbox === undefined || outbox.isOpen) this.hangUp(reason)
    else outbox.end(this, reason)
  }

  /** Past the outbox: only for what it hands back. */
  hangUp(reason: string): void {
    if (this.#isClosed) this.#gone()
    else this.#end.resume()
    if (this.#isGone) return
    this.#isPaused = false
    this.#end.end(reason)
    if (!this.#isGone) this.#timer = this.#engine.clock.after(graceMs, () => this.#end.reset(reason))
  }

  /** The client has gone: it sent FIN or RST, or the transport gave up. */
  #lost(): void {
    if (this.isOver) return
    this.#isLast = true
    if (this.isServing && !this.#held.isEmpty) return
    this.close('connection lost', undefined, 'failed')
  }

  #over(): void {
    this.#phase = 'over'
    this.#timer?.dispose()
    this.#timer = undefined
    this.#validity?.dispose()
    this.#held.clear()
  }

  #closed(): void {
    this.#isClosed = true
    this.#lost()
    if (this.isOver) this.#gone()
  }

  #gone(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#timer?.dispose()
    this.#engine.gone(this)
  }
}
