import type { ProtocolVersion, QoS } from '../mqtt/control-packet.ts'
import type { Direction } from '../mqtt/network-connection.ts'
import { Sleeper } from './awaited.ts'
import type { ConnectFields, Will } from './read.ts'
import type { ConnectionRung, PacketRung, Peer, TrackedExchange } from './tracked-exchange.ts'

/** A Session as a capture shows it, or a client of which no CONNECT was seen. */
export class Session extends Sleeper implements Peer {
  /** Empty where it is not known. */
  clientId: string
  /** The broker that it is at; empty for the workbench's own. */
  target = ''
  /** Whether it outlives its Network Connection; undefined where no CONNECT was seen. */
  kept: boolean | undefined
  /** The one that serves it now. */
  connection: Connection | undefined
  /** How its connection was lost the last time, and got back. */
  lost: ConnectionRung | undefined
  reconnected: ConnectionRung | undefined
  /** When it subscribed for the first time; 0 where nobody knows, undefined where it has not yet. */
  subscribedAt: number | undefined = 0
  /** Topic Filters and the QoS that was granted. */
  readonly subscriptions = new Map<string, QoS>()
  /** The newest exchange for each Packet Identifier, of what the client publishes and of what it is sent. */
  readonly fromClient = new Map<number, TrackedExchange>()
  readonly toClient = new Map<number, TrackedExchange>()
  /** What the broker publishes when the connection is lost. */
  will: Will | undefined

  /** No connection has ever served it. */
  get isUnused(): boolean {
    return this.connection === undefined && this.lost === undefined
  }

  constructor(clientId: string) {
    super()
    this.clientId = clientId
  }
}

/** A Network Connection, for as long as it lives. */
export class Connection {
  readonly number: number
  version: ProtocolVersion = 4
  session: Session
  /** Its CONNECT. */
  connect: ConnectFields | undefined
  /** DISCONNECT was sent, by which a will is dropped [MQTT-3.1.2-10]. */
  disconnected = false
  fault: { readonly what: string; readonly by: string } | undefined
  powerLoss = false
  /** The packet that is held, for each direction: it keeps back all that come behind it. */
  readonly held: { [direction in Direction]: PacketRung | undefined } = {
    'to broker': undefined,
    'to client': undefined,
  }
  /** Topic Aliases of MQTT 5, for each direction [MQTT 5 §3.3.2.3.4]. */
  readonly aliasesToBroker = new Map<number, string>()
  readonly aliasesToClient = new Map<number, string>()
  /** The Topic Filters of SUBSCRIBE and UNSUBSCRIBE packets that are not answered yet. */
  readonly asked = new Map<number, readonly string[]>()

  constructor(number: number, session: Session) {
    this.number = number
    this.session = session
  }
}
