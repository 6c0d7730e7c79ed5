import type { EventEmitter } from 'node:events'
import type { Client, ConnectPacket, PublishPacket } from 'aedes'
import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'
import { Emitter } from '../../app/base/emitter.ts'
import type { ConnectionEvent } from '../../app/capture/captured.ts'
import type { QoS } from '../../app/mqtt/control-packet.ts'
import type { NetworkConnection } from '../../app/mqtt/network-connection.ts'
import { type AedesClient, NumberingAedes, publishRefusal, reasonOf, toConnect } from './aedes-edge.ts'
import type { Broker } from './broker.ts'
import { ConnectionStream } from './connection-stream.ts'
import { OutgoingQueues } from './outgoing-queues.ts'
import { SessionTable } from './session-table.ts'

/** How long aedes may take to finish with a client that is gone. */
const sweepMs = 100

/** One Network Connection that aedes serves. */
interface Served {
  readonly connection: number
  readonly stream: ConnectionStream
  readonly client: AedesClient
  packet: ConnectPacket | undefined
  /** Whether it has a Session: not yet, or not any more. */
  phase: 'before' | 'serving' | 'over'
  /** Why aedes has given up on it. */
  trouble: string | undefined
  willPublished: boolean
  willRefused: string | undefined
}

/**
 * Starts a broker that is stock aedes: MQTT 3.1 and 3.1.1, everything in memory.
 *
 * @param options.onProblem hears of errors that belong to no client; they go on record as warnings of the process
 * otherwise.
 */
export async function createAedesBroker(options: {
  readonly clock: Clock
  readonly onProblem?: (error: Error) => void
}): Promise<Broker> {
  const broker = new AedesBroker(options.clock, options.onProblem ?? ((error) => process.emitWarning(error)))
  await broker.start()
  return broker
}

class AedesBroker implements Broker {
  readonly engine = 'aedes 1.2.0'
  readonly #clock: Clock
  readonly #aedes: NumberingAedes
  readonly #table: SessionTable
  readonly onSessions: Broker['onSessions']
  readonly #events = new Emitter<{ connection: number; event: ConnectionEvent }>()
  readonly onEvent = this.#events.event
  /** Those whose Network Connection is not gone yet. aedes speaks of a client for a while longer. */
  readonly #open = new Set<Served>()
  readonly #served = new WeakMap<Client, Served>()
  /** Those whose Network Connection is gone, and aedes has not finished with them. */
  readonly #lingering = new Set<Served>()
  #sweep: Disposable | undefined
  #queues: OutgoingQueues | undefined
  #closing: Promise<void> | undefined
  #allGone: (() => void) | undefined

  constructor(clock: Clock, onProblem: (error: Error) => void) {
    this.#clock = clock
    this.#table = new SessionTable(clock, (clientId) => this.#queues?.count(clientId) ?? 0)
    this.onSessions = this.#table.onChanged
    this.#aedes = new NumberingAedes(
      {
        id: 'faultline',
        preConnect: (client, packet, done) => {
          this.#with(client, (served) => {
            // A client may leave it to the broker to name it [MQTT-3.1.3-6].
            if (packet.clientId === '') packet.clientId = this.#table.freeClientId(served.connection)
            served.packet = packet
          })
          done(null, true)
        },
        authorizePublish: (client, packet, done) => done(this.#refuse(client as AedesClient | null, packet)),
      },
      (packet, client) => this.#publishing(packet, client),
    )
    const emitter: EventEmitter = this.#aedes
    emitter.on('error', onProblem)
  }

  async start(): Promise<void> {
    await this.#aedes.listen()
    this.#queues = new OutgoingQueues(this.#aedes.outgoing, (clientId) => this.#table.queueChanged(clientId))
    this.#hearOfSessions()
    this.#hearOfTrouble()
  }

  accept(end: NetworkConnection, connection: number): void {
    const stream = new ConnectionStream({
      connection: end,
      clock: this.#clock,
      originOf: (payload) => this.#aedes.originOf(payload),
      explain: () => this.#explain(served),
      onGone: () => this.#gone(served),
    })
    const client = this.#aedes.handle(stream) as AedesClient
    const served: Served = {
      connection,
      stream,
      client,
      packet: undefined,
      phase: 'before',
      trouble: undefined,
      willPublished: false,
      willRefused: undefined,
    }
    this.#open.add(served)
    this.#served.set(client, served)
    if (this.#closing) stream.destroy()
  }

  sessions() {
    return this.#table.list()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    if (this.#open.size > 0) {
      const gone = new Promise<void>((resolve) => {
        this.#allGone = resolve
      })
      // From here on `#closing` is set, so that no will is published because the broker itself goes.
      queueMicrotask(() => {
        for (const { stream } of this.#open) stream.destroy()
      })
      await gone
    }
    await new Promise<void>((resolve) => this.#aedes.close(resolve))
    this.#sweep?.dispose()
    this.#table.dispose()
    this.#events.dispose()
  }

  #hearOfSessions(): void {
    const table = this.#table
    this.#aedes.on('client', (client) =>
      this.#with(client, (served) => {
        served.phase = 'serving'
        if (served.packet) table.connected(served.connection, toConnect(client, served.packet))
      }),
    )
    this.#aedes.on('connackSent', (packet, client) =>
      this.#with(client, ({ connection }) => {
        if (packet.returnCode === 0) table.acknowledged(connection, client.id, packet.sessionPresent)
      }),
    )
    this.#aedes.on('subscribe', (subscriptions, client) =>
      this.#with(client, ({ connection }) => {
        // Where SUBACK says 128, failure, so does `qos` here.
        const granted = subscriptions.filter(({ qos }) => qos <= 2)
        const filters = granted.map(({ topic, qos }) => ({ filter: topic, qos: qos as QoS }))
        table.subscribed(connection, client.id, filters)
      }),
    )
    this.#aedes.on('unsubscribe', (filters, client) =>
      this.#with(client, ({ connection }) => table.unsubscribed(connection, client.id, filters)),
    )
    this.#aedes.on('clientDisconnect', (client) => this.#with(client, (served) => this.#disconnected(served)))
  }

  #hearOfTrouble(): void {
    const troubled = (client: Client, error: Error) =>
      this.#with(client, (served) => {
        served.trouble ??= reasonOf(error)
      })
    this.#aedes.on('clientError', troubled)
    this.#aedes.on('connectionError', troubled)
  }

  #with(client: Client, act: (served: Served) => void): void {
    const served = this.#served.get(client)
    if (served) act(served)
  }

  /** Why this must not be published; null when it may be. */
  #refuse(client: AedesClient | null, packet: PublishPacket): Error | null {
    const will = client !== null && client.will === packet
    const reason = will && this.#closing ? 'the broker is stopping' : publishRefusal(packet.topic)
    if (reason === undefined) return null
    if (will) {
      this.#with(client, (served) => {
        served.willRefused = reason
      })
    }
    return new Error(reason)
  }

  #publishing(packet: PublishPacket, client: AedesClient | undefined): void {
    if (client === undefined || client.will !== packet) return
    this.#with(client, (served) => {
      const reason = this.#whyOver(served)
      served.willPublished = true
      this.#table.willSettled(served.connection, client.id, 'published', reason)
      const event = { type: 'will published' as const, clientId: client.id, topic: packet.topic, reason }
      this.#events.fire({ connection: served.connection, event })
    })
  }

  #disconnected(served: Served): void {
    this.#lingering.delete(served)
    if (served.phase !== 'serving') return
    served.phase = 'over'
    const { connection, client, packet, willPublished, willRefused } = served
    if (packet?.will && !willPublished && !this.#closing) {
      const reason = willRefused ?? sentDisconnect
      this.#table.willSettled(connection, client.id, 'dropped', reason)
      this.#events.fire({ connection, event: { type: 'will dropped', clientId: client.id, reason } })
    }
    this.#table.disconnected(connection, client.id)
  }

  /** Why a Network Connection came to its end, as the broker sees it. */
  #whyOver({ trouble, stream, client }: Served): string {
    if (trouble !== undefined) return trouble
    if (stream.lost) return 'connection lost'
    if (client._disconnected) return sentDisconnect
    // aedes destroys the stream without a word when it is sent what only a broker sends, and closes the client first
    // when another connection takes over.
    return stream.destroyed ? 'protocol error: a packet that only a broker sends' : takenOver
  }

  #explain(served: Served): () => string | undefined {
    const { stream, client } = served
    const over = client.closed && !stream.lost && !client._disconnected
    return () => {
      if (stream.lost) return undefined
      if (served.trouble === undefined && this.#closing) return 'the broker was stopped'
      return served.trouble === undefined && over ? takenOver : this.#whyOver(served)
    }
  }

  #gone(served: Served): void {
    this.#open.delete(served)
    if (this.#open.size === 0) this.#allGone?.()
    if (served.phase !== 'serving') return
    this.#lingering.add(served)
    this.#sweepLater()
  }

  /** After two takeovers at the same time aedes forgets to say that a client has disconnected: then this does. */
  #sweepLater(): void {
    if (this.#closing) return
    this.#sweep ??= this.#clock.after(sweepMs, () => {
      this.#sweep = undefined
      for (const served of this.#lingering) if (!served.client.connected) this.#disconnected(served)
      if (this.#lingering.size > 0) this.#sweepLater()
    })
  }
}

const sentDisconnect = 'the client sent DISCONNECT'
const takenOver = 'taken over by another connection'
