import type { Clock } from '../../../app/base/clock.ts'
import { createRandom, type Random } from '../../../app/base/random.ts'
import type { LoadSettings } from '../../../app/device/fleet.ts'
import { fillName, type Template, type TemplateContext } from '../../../app/device/payload-template.ts'
import { packetTypeOf } from '../../../app/mqtt/control-packet.ts'
import { stepReceiver } from '../../../app/qos/receiver.ts'
import type { ClientSettings } from '../../../app/script-api/crossing.ts'
import { dismissal, refusal } from '../guest/close-reasons.ts'
import { reconnectDelay } from '../guest/reconnect.ts'
import type { Meter } from '../meter.ts'
import { InFlight } from './in-flight.ts'
import { codeText, LoadConnection } from './load-connection.ts'
import type { LoadMember } from './load-messages.ts'
import { disconnect, encodeAnswer, encodeConnect, encodePublish, pingreq } from './load-packets.ts'
import { readAnswer, readConnack, readPublishId } from './load-read.ts'

/** What the clients of a fleet share. Times are milliseconds of a monotonic clock. */
export interface LoadGround {
  readonly seed: string | number
  readonly clock: Clock
  readonly address: { readonly host: string; readonly port: number }
  readonly meter: Meter
  readonly settings: LoadSettings
  readonly topic: Template
  readonly payload: Template
  /** No new messages. */
  readonly paused: boolean
  now(): number
  /** `wake` of the client is to be called with this time when it has come. */
  wakeAt(due: number, client: LoadClient): void
  wentOnline(): void
  wentOffline(): void
}

/** Messages in flight at once, where a client publishes as fast as acknowledgements come. */
export const window = 20
/** And where it publishes at intervals: beyond it, messages are left out. MQTT 5 brokers may allow fewer. */
export const mostInFlight = 100
/** How long a broker may take for CONNACK, in milliseconds: as long as MQTT.js waits. */
const connackWithin = 30_000

type State = 'offline' | 'connecting' | 'online' | 'leaving' | 'gone'

/** One client of a load fleet: connects, publishes, keeps its handshakes right, connects again. */
export class LoadClient {
  readonly #ground: LoadGround
  readonly #settings: ClientSettings
  readonly #inFlight: InFlight
  readonly #context: TemplateContext
  #topic: string
  #state: State = 'offline'
  #connection: LoadConnection | undefined
  #jitter: Random | undefined
  #retries = 0
  #left: (() => void) | undefined
  /** Packet Identifiers of messages of QoS 2 that wait for PUBREL; few load clients ever receive one. */
  #stored: Set<number> | undefined
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
  #limits = { inFlight: mostInFlight, qos: 2, retain: true }

  constructor(ground: LoadGround, settings: ClientSettings, { id, n }: LoadMember) {
    this.#ground = ground
    this.#settings = settings
    this.#inFlight = new InFlight(settings.protocolVersion)
    this.#topic = fillName(ground.topic, id, n)
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
    this.#state = 'connecting'
    this.#retryAt = Number.POSITIVE_INFINITY
    this.#connackBy = this.#ground.now() + connackWithin
    this.#connection = new LoadConnection(this.#ground.address, {
      opened: () => this.#send(encodeConnect(this.#settings)),
      packet: (octets) => this.#received(octets),
      drained: () => this.#fill(),
      closed: (reason) => this.#closed(reason),
    })
    this.#plan()
  }

  /** Disconnects in order, for good; resolves when the socket is closed. */
  leave(): Promise<void> {
    const connection = this.#connection
    const wasOnline = this.#state === 'online'
    this.#stopTimes()
    if (connection === undefined) {
      this.#state = 'gone'
      return Promise.resolve()
    }
    this.#state = 'leaving'
    const gone = new Promise<void>((resolve) => {
      this.#left = resolve
    })
    if (wasOnline) this.#ground.wentOffline()
    // Also where CONNACK has not come yet: without DISCONNECT the will would be published.
    if (connection.isOpen) connection.send(disconnect)
    connection.end()
    return gone
  }

  /** The fleet's settings are others now. */
  changed(): void {
    this.#topic = fillName(this.#ground.topic, this.#context.id, this.#context.n)
    this.#context.walks.length = 0
    if (this.#state === 'online') this.#startPublishing()
    this.#connection?.flush()
    this.#plan()
  }

  /** Does what is due. */
  wake(due: number): void {
    if (due !== this.#wakeAt) return
    this.#wakeAt = Number.POSITIVE_INFINITY
    const now = this.#ground.now()
    if (now >= this.#retryAt) this.connect()
    else if (now >= this.#connackBy) this.#fail('no CONNACK within 30 s')
    else if (now >= this.#pongBy) this.#fail('connection lost: the broker did not answer PINGREQ')
    else {
      if (now >= this.#publishAt) this.#publishInTurn(now)
      if (now >= this.#pingAt) this.#ping(now)
      this.#connection?.flush()
    }
    this.#plan()
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

  #send(packet: Buffer): void {
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
        this.#answer(octets)
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
    const { protocolVersion, keepAlive } = this.#settings
    const { code, sessionPresent, properties } = readConnack(octets, protocolVersion)
    if (code !== 0) {
      this.#fail(refusal(code, protocolVersion))
      return
    }
    this.#state = 'online'
    this.#retries = 0
    this.#connackBy = Number.POSITIVE_INFINITY
    this.#limits = {
      inFlight: Math.min(mostInFlight, properties?.receiveMaximum ?? mostInFlight),
      qos: properties?.maximumQoS ?? 2,
      retain: properties?.retainAvailable ?? true,
    }
    // [MQTT-3.2.2-21]
    this.#keepAlive = properties?.serverKeepAlive ?? keepAlive
    if (this.#keepAlive > 0) this.#pingAt = this.#ground.now() + this.#pingAfter
    this.#ground.wentOnline()
    if (!sessionPresent) this.#stored = undefined
    const { again, discarded } = this.#inFlight.reconnected(sessionPresent)
    if (discarded > 0) this.#ground.meter.failed('given up: the broker had no session after a reconnect', discarded)
    for (const packet of again) this.#send(packet)
    this.#startPublishing()
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
    if (send !== undefined) this.#send(send)
    if (step.violation !== undefined) this.#ground.meter.failed(`the broker broke a rule: ${step.violation}`)
    if (step.end === 'done') this.#ground.meter.acknowledged(this.#ground.now() - at)
    else if (step.end === 'refused') this.#ground.meter.failed(`a message was refused: ${codeText(code)}`)
    if (step.end !== undefined && this.#ground.settings.everyMs === 0) this.#fill()
  }

  /** Nothing is subscribed to, but a kept Session may have subscriptions of somebody else's making. */
  #answer(octets: Uint8Array): void {
    const { protocolVersion } = this.#settings
    const first = octets[0] as number
    const isPublish = packetTypeOf(first) === 'PUBLISH'
    const qos = (first >>> 1) & 3
    if (isPublish && qos !== 1 && qos !== 2) return
    const packetId = isPublish ? readPublishId(octets) : readAnswer(octets).packetId
    const state = this.#stored?.has(packetId) ? 'stored' : 'idle'
    const input = isPublish ? ({ type: 'PUBLISH', qos: qos === 2 ? 2 : 1 } as const) : ({ type: 'PUBREL' } as const)
    const step = stepReceiver(state, input, protocolVersion)
    if (step.state === 'stored') {
      this.#stored ??= new Set()
      this.#stored.add(packetId)
    } else this.#stored?.delete(packetId)
    if (step.send !== undefined) this.#send(encodeAnswer(step.send, packetId, step.code))
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
    const { everyMs, qos } = this.#ground.settings
    if (everyMs === 0 || this.#state !== 'online') {
      this.#publishAt = Number.POSITIVE_INFINITY
      return
    }
    // A process that was held up goes on from now, instead of sending all at once what it has missed.
    this.#publishAt = Math.max(this.#publishAt + everyMs, now)
    if (this.#ground.paused) return
    const stuck = qos > 0 ? this.#inFlight.size >= this.#limits.inFlight : this.#connection?.full === true
    if (stuck) this.#ground.meter.failed('left out: too many messages wait for the broker')
    else this.#publish(now)
  }

  /** As many as may be in flight. At QoS 0, which has no acknowledgement, as many as the socket takes. */
  #fill(): void {
    const { settings, paused } = this.#ground
    if (settings.everyMs !== 0 || paused || this.#state !== 'online') return
    const now = this.#ground.now()
    const most = Math.min(window, this.#limits.inFlight)
    if (this.#qos > 0) {
      while (this.#inFlight.size < most) this.#publish(now)
      return
    }
    if (this.#connection?.full !== false) return
    for (let i = 0; i < most; i++) this.#publish(now)
    // In a later turn, so that the other clients have theirs.
    this.#publishAt = Number.POSITIVE_INFINITY
    if (this.#filling) return
    this.#filling = true
    setImmediate(() => {
      this.#filling = false
      this.#connection?.flush()
      this.#fill()
    })
  }

  get #qos(): 0 | 1 | 2 {
    return Math.min(this.#ground.settings.qos, this.#limits.qos) as 0 | 1 | 2
  }

  #publish(now: number): void {
    const { meter, payload, settings } = this.#ground
    const qos = this.#qos
    const packetId = qos === 0 ? 0 : this.#inFlight.nextId()
    this.#context.count++
    const packet = encodePublish({
      topic: this.#topic,
      payload: payload.fill(this.#context),
      qos,
      retain: settings.retain && this.#limits.retain,
      packetId,
      version: this.#settings.protocolVersion,
    })
    this.#sentAt = now
    this.#connection?.send(packet)
    meter.published()
    if (qos === 0) meter.acknowledged(undefined)
    else this.#inFlight.add(packetId, qos, packet, now)
  }

  #closed(reason: string | undefined): void {
    const before = this.#state
    this.#connection = undefined
    this.#stopTimes()
    if (before === 'leaving') {
      this.#state = 'gone'
      this.#left?.()
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

/** Numbers one after the other are far apart in [0, 1): multiples of the golden ratio. */
function share(n: number): number {
  return (n * 0.618_033_988_749_895) % 1
}

/** The client's stream of payloads. Made when the first number is drawn: most fleets of ten thousand draw none. */
function streamOf(seed: string | number, id: string): Random {
  let made: Random | undefined
  const stream = () => {
    made ??= createRandom(seed, id, 'payload')
    return made
  }
  return {
    next: () => stream().next(),
    integer: (min, max) => stream().integer(min, max),
    normal: () => stream().normal(),
  }
}
