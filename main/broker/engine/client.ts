import type { Disposable } from '../../../app/base/disposable.ts'
import { messageOf } from '../../../app/base/errors.ts'
import { TopicReader } from '../../../app/mqtt/codec/topic-reader.ts'
import { writeDisconnect } from '../../../app/mqtt/codec/write.ts'
import { type PacketType, packetTypeOf } from '../../../app/mqtt/control-packet.ts'
import { Framer } from '../../../app/mqtt/framer.ts'
import type { NetworkConnection } from '../../../app/mqtt/network-connection.ts'
import { PacketError } from '../../../app/mqtt/packets.ts'
import type { Ending } from '../../../app/session/will.ts'
import type { Presence } from '../access/access.ts'
import type { ConnectionInfo } from '../connection-info.ts'
import { expirySeconds } from './expiry.ts'
import { HeldPackets, mostHeld } from './held-packets.ts'
import { watchSilence } from './keep-alive.ts'
import { mostConnectOctets } from './limits.ts'
import { longTimer } from './long-timer.ts'
import { otherProtocol } from './other-protocols.ts'
import { isBusy, whenThereIsRoom } from './outbox.ts'
import { codes, shortened } from './reason-codes.ts'
import { SendingClient, type SendingHost } from './sending-client.ts'
import type { Accepted, ServingClient } from './served.ts'
import type { ServedSession } from './served-session.ts'
import type { Strangers } from './strangers.ts'

/** How long a client may take to answer our FIN with its own before the connection is reset, in milliseconds. */
const graceMs = 500
/** Octets that may wait for a client that does not read before nothing more is read from it. */
const mostOwed = 1024 * 1024
const lost = 'connection lost'

/** What a client needs of the engine. */
export interface ClientHost<C> extends SendingHost {
  readonly strangers: Strangers
  /** Hears of what is no fault of a client. */
  readonly onProblem: (error: Error) => void
  /** CONNECT has come. @throws PacketError */
  connect(client: C, octets: Uint8Array): void
  /** Any other packet of a client that is served. @throws PacketError */
  handle(client: C, type: PacketType, octets: Uint8Array): void
  /** @param octets CONNECT, where that is what is wrong */
  refuseMalformed(client: C, octets: Uint8Array | undefined, code: number, message: string): void
  /** A client was not let in. */
  turnedAway(client: C, reason: string): void
  /** A client that was served has gone. */
  left(client: C, reason: string, ending: Ending): void
  /** Its Network Connection is gone, both ways. */
  gone(client: C): void
}

/** One Network Connection as the broker serves it. */
export class Client extends SendingClient implements ServingClient {
  readonly connection: number
  readonly info: ConnectionInfo | undefined
  readonly remote: string
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
  /** Nothing more will come: it ends when what waits is served. */
  #isLast = false
  #isPaused = false
  #isGone = false
  /** Octets that came before it was let in; undefined once it is, or is gone. */
  #asStranger: number | undefined = 0
  window: number

  constructor(
    engine: ClientHost<Client>,
    end: NetworkConnection,
    connection: number,
    info: ConnectionInfo | undefined,
  ) {
    super(engine, end)
    const { clock, limits } = engine
    this.#engine = engine
    this.#end = end
    this.connection = connection
    this.info = info
    this.remote = info?.remote ?? end.remote
    this.window = limits.maxInflight
    const mostOctets = () => this.#mostOctets
    this.#framer = new Framer((octets, malformed) => this.#framed(octets, malformed !== false), {
      get keeps() {
        return mostOctets()
      },
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
  protected get isStranger(): boolean {
    return this.#accepted === undefined
  }
  get isServing(): boolean {
    return this.#phase === 'serving'
  }

  /** Whether it still waits for what it asked for: `leaving` has sent all that it will. */
  get presence(): Presence {
    if (this.isOver) return 'gone'
    return this.#isLast ? 'leaving' : 'there'
  }

  /** When its last Control Packet came, in monotonic milliseconds. While nothing is read from it, it is not silent. */
  get lastPacket(): number {
    return this.#engine.outbox?.isFull ? this.#monotonic() : this.#lastPacket
  }

  /** Also for what is on its way to it: no answer overtakes that. */
  get #mustWait(): boolean {
    return isBusy(this.#engine) || this.#accepted?.session.isDue === true
  }

  /** Of one packet that comes: less while nobody knows who it is. */
  get #mostOctets(): number {
    const { maxPacketSize } = this.#engine.limits
    return this.#phase === 'new' ? Math.min(maxPacketSize, mostConnectOctets) : maxPacketSize
  }

  get reads(): boolean {
    return !this.isBlocked && this.#phase === 'serving'
  }

  /** Begins to listen. Called once. */
  start(): void {
    this.#end.listen({
      octets: (octets) => {
        this.#engine.counters.octetsReceived += octets.length
        if (this.#phase === 'over') return
        this.#hasHeard = false
        const other = this.#asStranger === 0 ? otherProtocol(octets) : undefined
        if (other !== undefined) this.fail(codes.protocolError, other)
        else this.#framer.push(octets)
        if (this.#asStranger !== undefined) this.#isFrom(octets.length)
        // Once for all that came in one piece: to ask for the time costs as much as much else that is done for a packet.
        if (this.#hasHeard) this.#lastPacket = this.#monotonic()
      },
      ended: () => this.#lost(),
      drained: () => this.#drained(),
      closed: () => this.#closed(),
    })
    const reason = this.#engine.strangers.came()
    if (reason === undefined) this.#end.resume()
    else this.close(reason, undefined, 'failed')
  }

  /** So many octets have come of one that was not let in yet. */
  #isFrom(octets: number): void {
    this.#asStranger = (this.#asStranger ?? 0) + octets
    const reason = this.#engine.strangers.sent(octets)
    if (reason !== undefined) this.close(reason, undefined, 'failed')
    else if (this.#phase === 'connecting' && this.#asStranger > mostHeld) this.#pause()
  }

  #isNoStranger(): void {
    if (this.#asStranger !== undefined) this.#engine.strangers.gone(this.#asStranger)
    this.#asStranger = undefined
  }

  // ── receiving

  #framed(octets: Uint8Array, isMalformed: boolean): void {
    if (this.#phase === 'over') return
    if (this.#phase === 'connecting') this.#held.add(octets, isMalformed)
    else if (this.#phase === 'serving' && (!this.#held.isEmpty || this.#mustWait)) {
      this.#defer(octets, isMalformed)
    } else this.#serve(octets, isMalformed)
  }

  #serve(octets: Uint8Array, isMalformed: boolean): void {
    const type = packetTypeOf(octets[0] as number)
    this.#engine.counters.packetsReceived++
    if (isMalformed || type === undefined) this.fail(codes.malformedPacket, 'octets that are no Control Packet')
    else if (octets.length > this.#mostOctets) this.#tooLarge()
    else this.#take(type, octets)
  }

  #tooLarge(): void {
    this.fail(codes.packetTooLarge, `a packet is larger than the ${this.#mostOctets} octets allowed`)
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
      if (error instanceof PacketError) this.fail(error.code, error.message)
      else this.broken(error)
    }
  }

  broken(error: unknown): void {
    this.#engine.onProblem(error instanceof Error ? error : new Error(String(error)))
    this.close(`the broker failed: ${messageOf(error)}`, codes.implementationSpecificError, 'failed')
  }

  /** The turn is over: what has come waits, and nothing more is read until it is served. */
  #defer(octets: Uint8Array, isMalformed: boolean): void {
    this.#hasHeard = true
    if (this.#held.isEmpty) whenThereIsRoom(this.#engine, () => this.takeHeld())
    this.#held.add(octets, isMalformed)
    this.#pause()
  }

  /** CONNECT is whole: from now on it is the broker that takes its time. @param late called when that is too long */
  decideInTime(late: (ms: number) => void): void {
    const { clock, limits } = this.#engine
    this.#timer?.dispose()
    this.#timer = clock.after(limits.connectTimeout, () => late(limits.connectTimeout))
  }

  /** CONNECT was accepted, and CONNACK is on its way: what came meanwhile is taken now. */
  serve(accepted: Accepted, validUntil: number | undefined): void {
    const { packet, keepAlive } = accepted
    this.#accepted = accepted
    this.version = packet.version
    this.window = Math.min(this.window, packet.receiveMaximum)
    this.wantsReasons = packet.version === 5 && packet.requestProblemInformation
    this.aliases.clientAllows(packet.topicAliasMaximum)
    this.#phase = 'serving'
    this.#isNoStranger()
    this.#connect = undefined
    this.#timer?.dispose()
    this.#lastPacket = this.#monotonic()
    const { clock } = this.#engine
    const ranOut = () => this.close('keep alive ran out', codes.keepAliveTimeout, 'failed')
    this.#timer = keepAlive > 0 ? watchSilence(clock, keepAlive, () => this.lastPacket, ranOut) : undefined
    if (validUntil !== undefined) {
      const ended = () => this.close('what it showed to get in is not valid any more', codes.notAuthorized, 'failed')
      this.#validity = longTimer(clock, Math.max(0, validUntil - clock.now()), ended)
    }
  }

  /** Serves what waits, as far as there is time. Until now nothing was read from it: it was not silent. */
  takeHeld(): void {
    this.#lastPacket = this.#monotonic()
    this.#held.serve(({ octets, isMalformed }) => {
      if (this.isOver || this.#mustWait) return false
      this.#serve(octets, isMalformed)
      return true
    })
    if (this.isOver) return
    if (!this.#held.isEmpty) whenThereIsRoom(this.#engine, () => this.takeHeld())
    else if (this.#isLast) this.#lost()
    else if (this.owed <= mostOwed) this.#resume()
  }

  #monotonic(): number {
    const { clock } = this.#engine
    return (clock.recent?.() ?? clock.monotonic()) / 1e6
  }

  // ── sending

  protected owes(): void {
    if (this.owed > mostOwed) this.#pause()
  }

  /** @param seconds the Session Expiry Interval of DISCONNECT */
  changeExpiry(seconds: number): void {
    const most = this.#engine.limits.maxSessionExpiry
    if (this.session !== undefined) this.session.expiry = Math.min(expirySeconds(seconds), most)
  }

  overflow(): void {
    this.close('its queue is full', codes.quotaExceeded, 'failed')
  }

  #drained(): void {
    this.isBlocked = false
    this.owed = 0
    if (this.#phase !== 'connecting' && this.#held.isEmpty) this.#resume()
    this.session?.goOn()
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
   * @param why in words, for the capture and the screen
   * @param code Reason Code of the DISCONNECT that a client of MQTT 5 is sent; undefined sends none
   */
  close(why: string, code: number | undefined, ending: Ending, reasonString?: string): void {
    if (this.isOver) return
    const reason = shortened(why)
    const wasServing = this.isServing
    if (wasServing && this.version === 5 && code !== undefined) {
      const words = this.wantsReasons && reasonString !== undefined ? shortened(reasonString) : undefined
      const said = writeDisconnect(code, { reasonString: words })
      const octets = said.length > this.maximumPacketSize ? writeDisconnect(code) : said
      if (octets.length <= this.maximumPacketSize) this.say(octets)
    }
    this.#over()
    // Before its FIN: whoever has gone in order, and hears so, has no will any more, also after a crash.
    if (wasServing) this.#engine.left(this, reason, ending)
    this.#hangUpInTurn(reason)
    if (!wasServing && reason !== lost) this.#engine.turnedAway(this, reason)
  }

  /** After what was written before. */
  #hangUpInTurn(reason: string): void {
    const { outbox } = this.#engine
    // What it still waits for may be long in coming, or is for nobody.
    if (outbox === undefined || outbox.isOpen || this.isStranger || outbox.isFailing) this.hangUp(reason)
    else outbox.end(this, reason)
  }

  /** Past the outbox: only for what it hands back. */
  hangUp(reason: string): void {
    if (this.isClosed) this.#gone()
    else this.#end.resume()
    if (this.#isGone) return
    this.hasHungUp = true
    this.#isPaused = false
    this.#end.end(reason)
    if (!this.#isGone) this.#timer = this.#engine.clock.after(graceMs, () => this.#end.reset(reason))
  }

  /** The client has gone: it sent FIN or RST, or the transport gave up. */
  #lost(): void {
    if (this.isOver) return
    this.#isLast = true
    if (this.isServing && !this.#held.isEmpty) return
    // What was sent before FIN is served, also where it takes longer to find out who it is.
    if (this.#phase === 'connecting' && !this.isClosed) return
    this.close(lost, undefined, 'failed')
  }

  #over(): void {
    this.#phase = 'over'
    this.#isNoStranger()
    this.#timer?.dispose()
    this.#timer = undefined
    this.#validity?.dispose()
    this.#held.clear()
  }

  #closed(): void {
    this.isClosed = true
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
