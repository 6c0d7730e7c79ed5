import type { QoS } from '../mqtt/control-packet.ts'
import { lostWords, reconnectedWords } from './link-words.ts'
import type { ObservedClosing } from './observed.ts'
import { readConnack, readConnect, readFilters, readGranted, readPacketId } from './read.ts'
import { Connection, Session } from './session.ts'
import type { Sleepers } from './sleepers.ts'
import type { ConnectionRung } from './tracked-exchange.ts'

/** Sessions that no connection serves; what has one is as many as there are connections. */
const mostIdle = 10_000
const mostConnections = 20_000
/** Topic Filters of one Session, and packets that ask for some and are not answered. */
const mostFilters = 1000
const mostAsked = 64

/** Hears what happens to Sessions. */
export interface SessionListener {
  /** The connection that served it is gone. */
  lost(session: Session, rung: ConnectionRung): void
  reconnected(session: Session, rung: ConnectionRung): void
  /** The name of one is known now. */
  named(): void
  /** Somebody came, went or asked for topics: a broker tells of that in messages of its own. */
  happened(): void
}

/** Where something stands in a capture. */
interface Place {
  readonly number: number
  readonly time: number
}

/**
 * Who is who: connections, the Sessions that they serve, and what those have subscribed to, as far as a capture tells.
 * Bounded: of Sessions that no connection serves those are forgotten whose connection was lost longest ago, and of connections
 * those that came first.
 */
export class SessionTable {
  readonly #listener: SessionListener
  readonly #connections = new Map<number, Connection>()
  /** By broker and Client Identifier. */
  readonly #sessions = new Map<string, Session>()
  /** Those of them that no connection serves, the one that was served last at the end. */
  readonly #idle = new Set<Session>()
  readonly #sleepers: Sleepers
  /** Sessions whose will is due, by its topic. */
  readonly #wills = new Map<string, Set<Session>>()

  constructor(listener: SessionListener, sleepers: Sleepers) {
    this.#listener = listener
    this.#sleepers = sleepers
  }

  /** The connection with this number; one that was not heard of before has a Session without a name. */
  connection(number: number): Connection {
    const known = this.#connections.get(number)
    if (known !== undefined) return known
    const connection = new Connection(number, new Session(''))
    connection.session.connection = connection
    this.#connections.set(number, connection)
    if (this.#connections.size > mostConnections) {
      const [oldest] = this.#connections.values()
      if (oldest !== undefined) this.#forgetConnection(oldest)
    }
    return connection
  }

  /** The connection with this number, if it was heard of and is not gone. */
  open(number: number): Connection | undefined {
    return this.#connections.get(number)
  }

  /** The Session of a Client Identifier at the workbench's own broker. */
  session(clientId: string): Session | undefined {
    return this.#sessions.get(keyOf({ target: '', clientId }))
  }

  /** It is known now whose Session this is. */
  name(session: Session, clientId: string): void {
    session.clientId = clientId
    this.#listener.named()
    if (!this.#sessions.has(keyOf(session))) this.#keep(session)
  }

  /** Records are missing: what was held may have gone on. */
  letGoOfHeld(): void {
    for (const { held } of this.#connections.values()) held['to broker'] = held['to client'] = undefined
  }

  /** Whose will this may be: the connection was lost and nothing has said that the will was published or dropped. */
  ownersOfWill(topic: string): Iterable<Session> {
    return this.#wills.get(topic) ?? []
  }

  connect(connection: Connection, octets: Uint8Array): void {
    // A second CONNECT is an error and changes nothing [MQTT-3.1.0-2].
    if (connection.connect !== undefined) return
    const connect = readConnect(octets)
    if (connect === undefined) return
    connection.connect = connect
    connection.version = connect.version
    const known = connect.clientId === '' ? undefined : this.session(connect.clientId)
    const session = known ?? new Session(connect.clientId)
    connection.session = session
    if (connect.clientId === '') session.connection = connection
    else this.#keep(session)
    // Until CONNACK says otherwise.
    session.kept ??= connect.kept
  }

  /** The connection, of which CONNECT came before, leads to this broker, which has Sessions of its own. */
  reached(number: number, target: string): void {
    const connection = this.connection(number)
    const { connect, session } = connection
    if (session.target === target) return
    if (connect === undefined || connect.clientId === '') {
      session.target = target
      return
    }
    const { clientId } = connect
    // CONNECT alone has made one at the workbench's own broker.
    if (session.isUnused) this.#remove(session)
    const there = this.#sessions.get(keyOf({ target, clientId })) ?? new Session(clientId)
    there.target = target
    there.kept ??= connect.kept
    connection.session = there
    this.#keep(there)
    if (session.connection !== connection) return
    // Where a capture has CONNACK before.
    session.connection = undefined
    there.connection = connection
    this.#idle.delete(there)
    this.#rest(session)
  }

  /** CONNACK: from now on the connection serves its Session, unless the broker refuses. */
  connack(connection: Connection, octets: Uint8Array, place: Place): void {
    const connack = readConnack(octets)
    const { connect, session } = connection
    if (connack === undefined || connect === undefined) return
    this.#listener.happened()
    const before = session.connection
    if (before !== undefined && before !== connection) {
      // [MQTT-3.1.4-2]
      this.#lose(before, place, `${session.clientId} connects anew, which ends its connection`)
    }
    const present = connack.sessionPresent && !connect.clean
    this.#sleepers.wakes(session)
    if (!present) this.#forgets(session)
    session.connection = connection
    this.#idle.delete(session)
    if (session.clientId !== '' && !this.#sessions.has(keyOf(session))) this.#keep(session)
    session.kept = connect.kept
    this.settleWill(session)
    session.will = connect.will
    if (session.lost === undefined || session.clientId === '') return
    const text = reconnectedWords(session.clientId, place.time - session.lost.time, present)
    session.reconnected = {
      kind: 'connection',
      number: place.number,
      time: place.time,
      connection: connection.number,
      what: 'reconnected',
      text,
      sessionKept: present,
    }
    this.#listener.reconnected(session, session.reconnected)
  }

  asks(connection: Connection, octets: Uint8Array, subscribe: boolean, time: number): void {
    const { asked, session } = connection
    if (subscribe) session.subscribedAt ??= time
    asked.set(readPacketId(octets), readFilters(octets, connection.version, { subscribe, most: mostFilters }))
    const [oldest] = asked.keys()
    if (asked.size > mostAsked && oldest !== undefined) asked.delete(oldest)
    this.#listener.happened()
  }

  suback(connection: Connection, octets: Uint8Array): void {
    const { session } = connection
    const granted = readGranted(octets, connection.version)
    for (const [i, filter] of this.#answered(connection, octets).entries()) {
      const qos = granted[i]
      if (qos !== undefined && qos <= 2 && session.subscriptions.size < mostFilters) {
        session.subscriptions.set(filter, qos as QoS)
      }
    }
  }

  unsuback(connection: Connection, octets: Uint8Array): void {
    for (const filter of this.#answered(connection, octets)) connection.session.subscriptions.delete(filter)
  }

  /** Something was done to the link as a whole. */
  noteFault(number: number, fault: { readonly what: string; readonly by: string }): void {
    const connection = this.#connections.get(number)
    // Others do not end it, and the last of them may be that it works again.
    if (connection !== undefined && /^(cut|refused)/.test(fault.what)) connection.fault = fault
  }

  notePowerLoss(number: number): void {
    const connection = this.#connections.get(number)
    if (connection !== undefined) connection.powerLoss = true
  }

  /** The Network Connection is gone. */
  closed(number: number, closing: ObservedClosing, place: Place): void {
    const connection = this.#connections.get(number)
    if (connection === undefined) return
    const { session, disconnected, fault, powerLoss } = connection
    const link = { clientId: session.clientId, connection: number, disconnected, fault, powerLoss }
    this.#lose(connection, place, lostWords(link, closing))
    this.#connections.delete(number)
  }

  /** The will of a Session is no longer due. */
  settleWill(session: Session): void {
    const topic = session.will?.topic
    session.will = undefined
    if (topic === undefined) return
    const owners = this.#wills.get(topic)
    owners?.delete(session)
    if (owners?.size === 0) this.#wills.delete(topic)
  }

  #answered(connection: Connection, octets: Uint8Array): readonly string[] {
    const packetId = readPacketId(octets)
    const filters = connection.asked.get(packetId) ?? []
    connection.asked.delete(packetId)
    return filters
  }

  #keep(session: Session): void {
    this.#sessions.set(keyOf(session), session)
    this.#idle.delete(session)
    this.#rest(session)
  }

  /** Where no connection serves it, it is one of those that may be forgotten. */
  #rest(session: Session): void {
    if (session.connection !== undefined || this.#sessions.get(keyOf(session)) !== session) return
    this.#idle.add(session)
    if (this.#idle.size <= mostIdle) return
    const [oldest] = this.#idle
    if (oldest === undefined) return
    this.#sleepers.wakes(oldest)
    this.#forgets(oldest)
    this.settleWill(oldest)
    this.#remove(oldest)
  }

  #remove(session: Session): void {
    this.#sessions.delete(keyOf(session))
    this.#idle.delete(session)
  }

  #lose(connection: Connection, { number, time }: Place, text: string): void {
    const { session } = connection
    if (session.connection !== connection) return
    session.connection = undefined
    this.#listener.happened()
    // Where no CONNECT was seen, nobody knows: then nothing is claimed to be lost.
    const sessionKept = session.kept !== false
    session.lost = { kind: 'connection', number, time, connection: connection.number, what: 'lost', text, sessionKept }
    if (sessionKept) this.#sleeps(session)
    else this.#forgets(session)
    if (connection.disconnected) this.settleWill(session)
    else if (session.will !== undefined) this.#due(session, session.will.topic)
    this.#listener.lost(session, session.lost)
    this.#rest(session)
  }

  /** Nobody has said that it is gone: nothing is claimed of its Session, which may be forgotten from now on. */
  #forgetConnection(connection: Connection): void {
    const { session } = connection
    this.#connections.delete(connection.number)
    if (session.connection !== connection) return
    session.connection = undefined
    this.#rest(session)
  }

  #due(session: Session, topic: string): void {
    const owners = this.#wills.get(topic)
    if (owners) owners.add(session)
    else this.#wills.set(topic, new Set([session]))
  }

  #sleeps(session: Session): void {
    if (session.kept !== true) return
    const queued = [...session.subscriptions].filter(([filter, qos]) => isQueued(filter, qos))
    this.#sleepers.sleeps(
      session,
      queued.map(([filter]) => filter),
    )
  }

  /** The broker starts anew with this client [MQTT-3.1.2-6]. */
  #forgets(session: Session): void {
    session.subscriptions.clear()
    session.subscribedAt = undefined
    this.#sleepers.giveUp(session)
  }
}

function keyOf({ target, clientId }: Pick<Session, 'target' | 'clientId'>): string {
  return target === '' ? clientId : `${target}\0${clientId}`
}

/** QoS 0 need not be queued, and a shared subscription waits for nobody in particular [MQTT 5 §4.8.2]. */
function isQueued(filter: string, qos: QoS): boolean {
  return qos > 0 && !filter.startsWith('$share/')
}
