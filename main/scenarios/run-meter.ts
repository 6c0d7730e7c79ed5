import type { Captured, CapturedPacket } from '../../app/capture/captured.ts'
import type { Exchange, Message } from '../../app/handshake/message.ts'
import type { HandshakeTracker } from '../../app/handshake/tracker.ts'
import type { ProtocolVersion } from '../../app/mqtt/control-packet.ts'
import { summarize } from '../../app/mqtt/summary.ts'
import type { CountMetric, TimeMetric } from '../../app/scenario/thresholds.ts'

/** Of so many times of each kind the run keeps every one: 8 MiB. */
const mostTimes = 1_000_000

interface Connection {
  version: ProtocolVersion
  connectAt: number | undefined
  accepted: boolean
  /** The client has sent DISCONNECT. */
  ended: boolean
}

/** Counts what passes, for thresholds and for the counts of a report. */
export class RunMeter {
  readonly #clientId: (connection: number) => string | undefined
  readonly #connections = new Map<number, Connection>()
  readonly #connectTimes: number[] = []
  /** When each connection was accepted, in the capture's time. */
  readonly #acceptedAt = new Map<number, number>()
  /** Of every connection that there was, also of those that have ended. */
  readonly versions = new Map<number, ProtocolVersion>()
  /** Client Identifiers of every CONNECT. */
  readonly clientIds = new Set<string>()
  /** Clients that the broker has let in at some time. */
  readonly accepted = new Set<string>()
  packets = 0
  connections = 0
  #open = 0
  #lost = 0
  #dropped = 0
  #wills = 0
  #published = 0
  #delivered = 0
  /** PUBLISH packets by the second of the capture's time in which they came: to the broker, and from it. */
  readonly #taken = new SecondCounter()
  readonly #sent = new SecondCounter()

  constructor(clientId: (connection: number) => string | undefined) {
    this.#clientId = clientId
  }

  /** Connections whose client was let in, and that are open. */
  get open(): number {
    return this.#open
  }

  get dropped(): number {
    return this.#dropped
  }

  get published(): number {
    return this.#published
  }

  get delivered(): number {
    return this.#delivered
  }

  /** PUBLISH packets in the second before this moment of the capture's time, in nanoseconds. */
  rates(now: number): { readonly taken: number; readonly sent: number } {
    return { taken: this.#taken.before(now), sent: this.#sent.before(now) }
  }

  add(record: Captured): void {
    if (record.kind === 'packet') {
      if (record.malformed === false) this.#packet(record)
      return
    }
    switch (record.event.type) {
      case 'closed':
        this.#closed(record.connection)
        break
      case 'packet dropped':
        this.#dropped += 1
        break
      case 'will published':
        this.#wills += 1
        break
      default:
    }
  }

  /** The code with which the broker has refused or ended a connection; undefined where the packet does not. */
  refusalOf(packet: CapturedPacket): { readonly clientId: string; readonly code: number } | undefined {
    if (packet.direction !== 'to client' || packet.malformed !== false) return undefined
    const type = (packet.octets[0] ?? 0) >>> 4
    // CONNACK and DISCONNECT.
    if (type !== 2 && type !== 14) return undefined
    const { code } = summarize(packet.octets, this.#connections.get(packet.connection)?.version ?? 4)
    if (code === undefined || code === 0) return undefined
    return { clientId: this.#clientId(packet.connection) ?? '', code }
  }

  measured(tracker: HandshakeTracker): { times: Record<TimeMetric, number[]>; counts: Record<CountMetric, number> } {
    const times: Record<TimeMetric, number[]> = {
      'delivery.duration': [],
      'handshake.duration': [],
      'connect.duration': this.#connectTimes,
    }
    let lost = 0
    let again = 0
    let undelivered = 0
    for (const message of tracker.list(Number.POSITIVE_INFINITY)) {
      for (const exchange of message.publisher === undefined
        ? message.subscribers
        : [message.publisher, ...message.subscribers]) {
        const { endedAt, qos, startedAt } = exchange
        if (endedAt === undefined) continue
        if (qos > 0) keep(times['handshake.duration'], (endedAt - startedAt) / 1e6)
      }
      for (const exchange of message.subscribers) {
        if (exchange.deliveries > 1) again += exchange.deliveries - 1
        if (exchange.deliveries === 0) undelivered += 1
        if (isLost(exchange)) lost += 1
      }
      for (const ms of this.#deliveryTimes(message)) keep(times['delivery.duration'], ms)
    }
    const counts: Record<CountMetric, number> = {
      'messages.published': this.#published,
      'messages.delivered': this.#delivered - undelivered,
      'delivery.lost': lost,
      'delivery.duplicated': again,
      'connections.opened': this.connections,
      'connections.lost': this.#lost,
      'packets.dropped': this.#dropped,
      'wills.published': this.#wills,
    }
    return { times, counts }
  }

  /**
   * From the publisher's first PUBLISH until the message has come to each subscriber, in milliseconds. Who was away had it in
   * its Session: its time begins when the broker lets it in. How long a message was retained is no time on the way.
   */
  #deliveryTimes({ publisher, subscribers }: Message): number[] {
    if (publisher === undefined) return []
    return subscribers.flatMap((exchange) => {
      const came = exchange.deliveries === 0 || exchange.retain ? undefined : arrival(exchange)
      if (came === undefined) return []
      const since = this.#acceptedAt.get(came.connection) ?? 0
      return [(came.at - Math.max(publisher.startedAt, since)) / 1e6]
    })
  }

  #packet({ connection, direction, octets, time }: CapturedPacket): void {
    this.packets += 1
    const type = (octets[0] ?? 0) >>> 4
    if (type === 3) {
      const toBroker = direction === 'to broker'
      // What is sent again is the same message still; of QoS 0 the flag says nothing [MQTT-3.3.1-2].
      const isAgain = ((octets[0] ?? 0) & 0x0e) > 0x08
      if (toBroker && !isAgain) this.#published += 1
      else if (!isAgain) this.#delivered += 1
      const counter = toBroker ? this.#taken : this.#sent
      counter.add(time)
    } else if (type === 1) {
      const { clientId, protocolVersion } = summarize(octets, 4)
      const version = protocolVersion === 5 ? 5 : protocolVersion === 3 ? 3 : 4
      this.versions.set(connection, version)
      if (clientId) this.clientIds.add(clientId)
      this.#connections.set(connection, { version, connectAt: time, accepted: false, ended: false })
      this.connections += 1
    } else if (type === 2) this.#connack(connection, octets, time)
    else if (type === 14 && direction === 'to broker') {
      const known = this.#connections.get(connection)
      if (known !== undefined) known.ended = true
    }
  }

  #connack(connection: number, octets: Uint8Array, time: number): void {
    const known = this.#connections.get(connection)
    if (known?.connectAt === undefined) return
    if ((summarize(octets, known.version).code ?? 0) !== 0) return
    known.accepted = true
    this.#open += 1
    const clientId = this.#clientId(connection)
    if (clientId !== undefined) this.accepted.add(clientId)
    this.#acceptedAt.set(connection, time)
    keep(this.#connectTimes, (time - known.connectAt) / 1e6)
    known.connectAt = undefined
  }

  /** One that ends without DISCONNECT of its client is lost, whoever ended it. */
  #closed(connection: number): void {
    const known = this.#connections.get(connection)
    this.#connections.delete(connection)
    if (known?.accepted !== true) return
    this.#open -= 1
    if (!known.ended) this.#lost += 1
  }
}

/** When a PUBLISH first reached the subscriber, and over which connection. */
function arrival({ steps }: Exchange): { readonly at: number; readonly connection: number } | undefined {
  for (const step of steps) {
    if (step.kind !== 'packet' || step.type !== 'PUBLISH' || step.fate === 'dropped' || step.fate === 'held') continue
    return { at: step.time + step.delay, connection: step.connection }
  }
  return undefined
}

/** Of QoS 1 or 2, and not come to its subscriber: nothing will repair it, or nothing has by now. */
function isLost({ deliveries, qos, state, steps }: Exchange): boolean {
  if (qos === 0 || deliveries > 0) return false
  if (state === 'lost') return true
  // What is under way only is not lost; what a fault has dropped is, until it is sent again.
  return state === 'waiting' && steps.every((step) => step.kind !== 'packet' || step.fate === 'dropped')
}

function keep(times: number[], ms: number): void {
  if (times.length < mostTimes) times.push(ms)
}

/** How many things there were in a second that ended less than a tenth of one ago. */
class SecondCounter {
  readonly #tenths = new Float64Array(11)
  #newest = 0

  add(time: number): void {
    this.#moveTo(Math.floor(time / 1e8))
    const at = this.#newest % this.#tenths.length
    this.#tenths[at] = (this.#tenths[at] ?? 0) + 1
  }

  before(time: number): number {
    this.#moveTo(Math.floor(time / 1e8))
    const current = this.#tenths[this.#newest % this.#tenths.length] ?? 0
    return this.#tenths.reduce((sum, count) => sum + count, 0) - current
  }

  #moveTo(tenth: number): void {
    for (let at = Math.max(this.#newest + 1, tenth - this.#tenths.length + 1); at <= tenth; at++) {
      this.#tenths[at % this.#tenths.length] = 0
    }
    this.#newest = Math.max(this.#newest, tenth)
  }
}
