import type { Captured, CapturedPacket } from '../../app/capture/captured.ts'
import type { HandshakeTracker } from '../../app/handshake/tracker.ts'
import type { ProtocolVersion } from '../../app/mqtt/control-packet.ts'
import { summarize } from '../../app/mqtt/summary.ts'
import { countMetrics, type Measured, timeMetrics } from '../../app/scenario/thresholds.ts'
import type { BrokerLosses, SeenWills } from './bench.ts'
import { MessageMeter } from './message-meter.ts'
import { Times } from './times.ts'

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
  readonly #connectTimes = new Times()
  /** When each connection was accepted, in the capture's time. */
  readonly #acceptedAt = new Map<number, number>()
  /** Of every connection that there was, also of those that have ended. */
  readonly versions = new Map<number, ProtocolVersion>()
  /** Client Identifiers of every CONNECT. */
  readonly clientIds = new Set<string>()
  /** Clients that the broker has let in at some time. */
  readonly accepted = new Set<string>()
  readonly messages = new MessageMeter((connection) => this.#acceptedAt.get(connection) ?? 0)
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

  /**
   * @param losses what the broker has never sent; undefined where it does not tell
   * @param wills those that were seen to be published; undefined where the broker itself tells
   */
  measured(tracker: HandshakeTracker, losses?: BrokerLosses, wills?: SeenWills): Measured {
    const figures = this.messages.figures(tracker)
    const { deliveries, duplicated, handshakes, lost, undelivered } = figures
    const unsent = losses === undefined ? 0 : Object.values(losses).reduce((sum, count) => sum + count, 0)
    return {
      times: {
        'delivery.duration': deliveries.kept,
        'handshake.duration': handshakes.kept,
        'connect.duration': this.#connectTimes.kept,
      },
      others: {
        'delivery.duration': deliveries.others,
        'handshake.duration': handshakes.others,
        'connect.duration': this.#connectTimes.others,
      },
      counts: {
        'messages.published': this.#published,
        'messages.delivered': this.#delivered - undelivered,
        'delivery.lost': lost + unsent,
        'delivery.duplicated': duplicated,
        'connections.opened': this.connections,
        'connections.lost': this.#lost,
        'packets.dropped': this.#dropped,
        'wills.published': wills?.count ?? this.#wills,
      },
      atLeast: wills?.unsure === undefined ? {} : { 'wills.published': wills.unsure },
      notes: unsent === 0 ? {} : { 'delivery.lost': describeLosses(lost, losses) },
      untold: tracker.unseen > 0 ? allUntold(tracker.unseen) : this.messages.untold(tracker.strays),
    }
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
    this.#connectTimes.add((time - known.connectAt) / 1e6)
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

const lossWords: Readonly<Record<keyof BrokerLosses, string>> = {
  queueFull: 'a queue was full',
  expired: 'the Message Expiry Interval had passed',
  tooLarge: 'the client takes no packet so large',
  sessionEnded: 'the Session had ended',
}

function describeLosses(onTheWay: number, losses: BrokerLosses | undefined): string {
  const reasons = (Object.keys(lossWords) as (keyof BrokerLosses)[]).flatMap((why) => {
    const count = losses?.[why] ?? 0
    return count === 0 ? [] : [`${count} never sent because ${lossWords[why]}`]
  })
  return [...(onTheWay === 0 ? [] : [`${onTheWay} on the way`]), ...reasons].join(', ')
}

/** Where something of the capture is missing it may be anything. */
function allUntold(records: number): Measured['untold'] {
  const [what, were, they] = records === 1 ? ['record', 'was', 'it'] : ['records', 'were', 'they']
  const why = `${records} ${what} of the capture ${were} gone before ${they} could be read`
  return Object.fromEntries([...timeMetrics, ...countMetrics].map((metric) => [metric, why]))
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
