import { createRandom, type Random } from '../../../app/base/random.ts'
import { ownReasons } from '../../../app/device/fleet.ts'
import { fillName, type TemplateContext } from '../../../app/device/payload-template.ts'
import { packetTypeOf } from '../../../app/mqtt/control-packet.ts'
import type { ClientSettings } from '../../../app/script-api/crossing.ts'
import { checkTopicName } from '../../../app/script-api/topics.ts'
import { dismissal, refusal } from '../guest/close-reasons.ts'
import { encodePublish } from '../guest/encode-publish.ts'
import { reconnectDelay } from '../guest/reconnect.ts'
import { BrokerLimits } from './broker-limits.ts'
import { InFlight } from './in-flight.ts'
import { codeText, LoadConnection } from './load-connection.ts'
import type { LoadGround } from './load-ground.ts'
import type { LoadMember } from './load-messages.ts'
import { disconnect, encodeConnect, pingreq } from './load-packets.ts'
import { readAnswer, readConnack } from './load-read.ts'
import { LoadReceiver } from './load-receiver.ts'
import { share, streamOf } from './load-stream.ts'

/** Messages in flight at once, where a client publishes as fast as acknowledgements come. */
export const window = 20
/** And where it publishes at intervals: beyond it, messages are left out. MQTT 5 brokers may allow fewer. */
const mostInFlight = 100
/** How long a broker may take for CONNACK, in milliseconds: as long as MQTT.js waits. */
const connackWithin = 30_000
/** After a message that could not be sent, where a client publishes as fast as it can, in milliseconds. */
const pauseAfterUnsent = 100
const largerThanTaken = 'larger than the broker takes'

type State = 'offline' | 'connecting' | 'online' | 'leaving' | 'gone'

/** One client of a load fleet: connects, publishes, keeps its handshakes right, connects again. */
export class LoadClient {
  readonly #ground: LoadGround
  readonly #settings: ClientSettings
  readonly #inFlight: InFlight
  readonly #receiver: LoadReceiver
  readonly #context: TemplateContext
  #topic: string
  #state: State = 'offline'
  #connection: LoadConnection | undefined
  #jitter: Random | undefined
  #retries = 0
  #left: (() => void) | undefined
  /** Every time at which something is to be done; Infinity for none. */
  #publishAt = Number.POSITIVE_INFINITY
  #pingAt = Number.POSITIVE_INFINITY
  #pongBy = Number.POSITIVE_INFINITY
  #connackBy = Number.POSITIVE_INFINITY
  #retryAt = Number.POSITIVE_INFINITY
  /** The earliest time for which `wakeAt` was asked. */
  #wakeAt = Number.POSITIVE_INFINITY
  #sentAt = 0
  #keepAlive = 0
  /** The next turn of the event loop goes on publishing. */
  #filling = false
  readonly #limits: BrokerLimits

  /** @throws FaultlineError `invalid-argument` where its topic is no Topic Name */
  constructor(ground: LoadGround, settings: ClientSettings, { id, n }: LoadMember) {
    this.#ground = ground
    this.#settings = settings
    this.#inFlight = new InFlight(settings.protocolVersion, ground.backlog)
    this.#receiver = new LoadReceiver(settings.protocolVersion)
    this.#limits = new BrokerLimits(ground.meter)
    this.#topic = checkTopicName(fillName(ground.topic, id, n), 'topic')
    this.#context = {
      id,
      n,
      count: 0,
      now: () => ground.clock.now(),
      random: streamOf(ground.seed, id),
      walks: [],
    }
  }

  get online(): boolean {
    return this.#state === 'online'
  }

  get inFlight(): number {
    return this.#inFlight.size
  }

  connect(): void {
    this.#guarded(() => this.#connect())
  }

  #connect(): void {
    this.#state = 'connecting'
    this.#retryAt = Number.POSITIVE_INFINITY
    this.#connackBy = this.#ground.now() + connackWithin
    const { address, backlog } = this.#ground
    this.#connection = new LoadConnection(address, backlog, {
      opened: () => this.#guarded(() => this.#send(encodeConnect(this.#settings))),
      packet: (octets) => this.#guarded(() => this.#received(octets)),
      drained: () => this.#guarded(() => this.#fill()),
      closed: (reason) => this.#guarded(() => this.#closed(reason)),
    })
    this.#plan()
  }

  /** Whoever is on the way to the broker tells why there is none. */
  explain(reason: string): void {
    if (this.#state === 'connecting') this.#connection?.explain(reason)
  }

  /** Disconnects in order, for good; resolves when the socket is closed. */
  leave(): Promise<void> {
    const connection = this.#connection
    const wasOnline = this.#state === 'online'
    this.#stopTimes()
    if (connection === undefined) {
      this.#end()
      return Promise.resolve()
    }
    this.#state = 'leaving'
    const gone = new Promise<void>((resolve) => {
      this.#left = resolve
    })
    if (wasOnline) this.#ground.wentOffline()
    // Also where CONNACK has not come yet: without DISCONNECT the will would be published.
    this.#guarded(() => {
      if (connection.isOpen) connection.send(disconnect)
      connection.end()
    })
    return gone
  }

  /** The fleet's settings are others now. */
  changed(): void {
    this.#guarded(() => {
      this.#topic = checkTopicName(fillName(this.#ground.topic, this.#context.id, this.#context.n), 'topic')
      this.#context.walks.length = 0
      if (this.#state === 'online') this.#startPublishing()
      this.#connection?.flush()
      this.#plan()
    })
  }

  /** Does what is due. */
  wake(due: number): void {
    if (due !== this.#wakeAt) return
    this.#wakeAt = Number.POSITIVE_INFINITY
    this.#guarded(() => this.#doDue())
  }

  #doDue(): void {
    const now = this.#ground.now()
    if (now >= this.#retryAt) this.#connect()
    else if (now >= this.#connackBy) this.#fail('no CONNACK within 30 s')
    else if (now >= this.#pongBy) this.#fail('connection lost: the broker did not answer PINGREQ')
    else {
      if (now >= this.#publishAt) this.#publishInTurn(now)
      if (now >= this.#pingAt) this.#ping(now)
      this.#connection?.flush()
    }
    this.#plan()
  }

  /** What goes wrong in one client ends it, and not the thousands that share its process. */
  #guarded(work: () => void): void {
    if (this.#state === 'gone') return
    try {
      work()
    } catch (error) {
      if (this.#state === 'online') this.#ground.wentOffline()
      this.#ground.meter.failed(`${ownReasons.ended}${error instanceof Error ? error.message : String(error)}`)
      this.#connection?.abandon()
      this.#connection = undefined
      this.#end()
    }
  }

  #end(): void {
    this.#state = 'gone'
    this.#stopTimes()
    this.#inFlight.clear()
    this.#left?.()
  }

  #plan(): void {
    const due = Math.min(this.#publishAt, this.#pingAt, this.#pongBy, this.#connackBy, this.#retryAt)
    if (due >= this.#wakeAt) return
    this.#wakeAt = due
    this.#ground.wakeAt(due, this)
  }

  /** Nothing is due any more until the socket has closed. */
  #fail(reason: string): void {
    this.#stopTimes()
    this.#connection?.fail(reason)
  }

  #stopTimes(): void {
    this.#publishAt = this.#pingAt = this.#pongBy = this.#connackBy = this.#retryAt = Number.POSITIVE_INFINITY
  }

  #send(packet: Buffer | undefined): void {
    if (packet === undefined) return
    this.#sentAt = this.#ground.now()
    this.#connection?.send(packet)
  }

  #received(octets: Uint8Array): void {
    if (this.#state === 'leaving' || this.#state === 'gone') return
    const type = packetTypeOf(octets[0] as number)
    switch (type) {
      case 'CONNACK':
        this.#accepted(octets)
        break
      case 'PUBACK':
      case 'PUBREC':
      case 'PUBCOMP':
        this.#acknowledged(type, octets)
        break
      case 'PUBLISH':
      case 'PUBREL':
        this.#send(this.#receiver.answer(octets))
        break
      case 'PINGRESP':
        this.#pongBy = Number.POSITIVE_INFINITY
        break
      case 'DISCONNECT':
        this.#fail(dismissal(octets[2] ?? 0, undefined))
    }
    this.#plan()
  }

  #accepted(octets: Uint8Array): void {
    if (this.#state !== 'connecting') return
    const { cleanStart, keepAlive, protocolVersion } = this.#settings
    const { code, sessionPresent, properties } = readConnack(octets, protocolVersion)
    if (code !== 0) {
      this.#fail(refusal(code, protocolVersion))
      return
    }
    this.#state = 'online'
    this.#retries = 0
    this.#connackBy = Number.POSITIVE_INFINITY
    this.#limits.read(properties)
    // [MQTT-3.2.2-21]
    this.#keepAlive = properties?.serverKeepAlive ?? keepAlive
    if (this.#keepAlive > 0) this.#pingAt = this.#ground.now() + this.#pingAfter
    this.#ground.wentOnline()
    // MQTT 3.1 has no Session Present: the Session is there unless the client asked for a new one.
    this.#sendAgain(sessionPresent || (protocolVersion === 3 && !cleanStart))
    this.#startPublishing()
  }

  #sendAgain(sessionPresent: boolean): void {
    if (!sessionPresent) this.#receiver.forget()
    const { discarded, releases, tooLarge } = this.#inFlight.reconnected(sessionPresent, this.#limits)
    const { meter } = this.#ground
    if (discarded > 0) meter.failed('given up: the broker had no session after a reconnect', discarded)
    if (tooLarge > 0) meter.failed(largerThanTaken, tooLarge)
    for (const packet of releases) this.#send(packet)
    this.#sendWaiting()
  }

  /** Goes on sending again, as far as the broker has room. */
  #sendWaiting(): void {
    for (let packet = this.#inFlight.next(); packet !== undefined; packet = this.#inFlight.next()) this.#send(packet)
  }

  /** Early enough that PINGREQ arrives before the Keep Alive is over, in milliseconds. */
  get #pingAfter(): number {
    return this.#keepAlive * 800
  }

  #ping(now: number): void {
    const silent = now - this.#sentAt
    if (silent >= this.#pingAfter) {
      this.#send(pingreq)
      this.#pongBy = Math.min(this.#pongBy, now + this.#keepAlive * 1000)
    }
    this.#pingAt = this.#sentAt + this.#pingAfter
  }

  #acknowledged(type: 'PUBACK' | 'PUBREC' | 'PUBCOMP', octets: Uint8Array): void {
    const { packetId, code } = readAnswer(octets)
    const { step, send, at } = this.#inFlight.answered(type, packetId, code)
    this.#send(send)
    if (step.violation !== undefined) this.#ground.meter.failed(`the broker broke a rule: ${step.violation}`)
    if (step.end === 'done') this.#ground.meter.acknowledged(this.#ground.now() - at)
    else if (step.end === 'refused') this.#ground.meter.failed(`a message was refused: ${codeText(code)}`)
    if (step.end === undefined) return
    this.#sendWaiting()
    if (this.#ground.settings.everyMs === 0) this.#fill()
  }

  /** The first message comes within an interval, at a point of the client's own, so that not all publish at once. */
  #startPublishing(): void {
    const { everyMs } = this.#ground.settings
    if (everyMs === 0) {
      this.#publishAt = Number.POSITIVE_INFINITY
      this.#fill()
    } else {
      this.#publishAt = this.#ground.now() + everyMs * share(this.#context.n)
    }
  }

  #publishInTurn(now: number): void {
    const { everyMs } = this.#ground.settings
    if (everyMs === 0 || this.#state !== 'online') {
      this.#publishAt = Number.POSITIVE_INFINITY
      this.#fill()
      return
    }
    // A process that was held up goes on from now, instead of sending all at once what it has missed.
    this.#publishAt = Math.max(this.#publishAt + everyMs, now)
    if (this.#ground.paused) return
    const most = Math.min(mostInFlight, this.#limits.receiveMaximum)
    const stuck = this.#qos > 0 ? this.#inFlight.size >= most : this.#connection?.full === true
    if (stuck || this.#ground.backlog.isFull)
      this.#ground.meter.failed('left out: too many messages wait for the broker')
    else this.#publish(now)
  }

  /** As many as may be in flight. At QoS 0, which has no acknowledgement, as many as the socket takes. */
  #fill(): void {
    const { settings, paused } = this.#ground
    if (settings.everyMs !== 0 || paused || this.#state !== 'online') return
    const now = this.#ground.now()
    const most = Math.min(window, this.#limits.receiveMaximum)
    const qos = this.#qos
    if (qos === 0 && this.#connection?.full !== false) return
    let sent = true
    for (let n = qos === 0 ? 0 : this.#inFlight.size; sent && n < most; n++) sent = this.#publish(now)
    if (!sent) this.#fillLater(now)
    if (!sent || qos > 0) return
    // In a later turn, so that the other clients have theirs.
    this.#publishAt = Number.POSITIVE_INFINITY
    if (this.#filling) return
    this.#filling = true
    setImmediate(() => {
      this.#filling = false
      this.#guarded(() => {
        this.#connection?.flush()
        this.#fill()
      })
    })
  }

  /** A message could not be sent; the next one may be smaller. */
  #fillLater(now: number): void {
    this.#publishAt = now + pauseAfterUnsent
    this.#plan()
  }

  get #qos(): 0 | 1 | 2 {
    return this.#limits.qos(this.#ground.settings)
  }

  /** @returns whether the message was sent */
  #publish(now: number): boolean {
    if (this.#connection?.isWritable !== true || this.#ground.backlog.isFull) return false
    const { meter, payload, settings } = this.#ground
    const qos = this.#qos
    const packetId = qos === 0 ? 0 : this.#inFlight.nextId()
    this.#context.count++
    const message = {
      topic: this.#topic,
      payload: payload.fill(this.#context),
      qos,
      retain: this.#limits.retain(settings),
    }
    const packet = encodePublish(message, packetId, false, this.#settings.protocolVersion)
    if (packet.length > this.#limits.maximumPacketSize) {
      meter.failed(largerThanTaken)
      return false
    }
    this.#limits.countLowered(settings)
    this.#sentAt = now
    this.#connection.send(packet)
    meter.published()
    if (qos !== 0) this.#inFlight.add(packetId, qos, packet, now)
    return true
  }

  #closed(reason: string | undefined): void {
    const before = this.#state
    this.#connection = undefined
    this.#stopTimes()
    if (before === 'leaving') {
      this.#end()
      return
    }
    this.#state = 'offline'
    if (before === 'online') this.#ground.wentOffline()
    const unknown =
      before === 'online' ? 'connection lost: the broker closed it' : 'the broker closed the connection before CONNACK'
    this.#ground.meter.failed(reason ?? unknown)
    const policy = this.#settings.reconnect
    if (policy === undefined || ++this.#retries > (policy.attempts ?? Number.POSITIVE_INFINITY)) return
    this.#jitter ??= createRandom(this.#ground.seed, this.#context.id, 'jitter')
    this.#retryAt = this.#ground.now() + reconnectDelay(policy, this.#retries, this.#jitter)
    this.#plan()
  }
}
