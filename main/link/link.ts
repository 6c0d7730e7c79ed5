import type { Disposable } from '../../app/base/disposable.ts'
import { Emitter, type Event } from '../../app/base/emitter.ts'
import type { ConnectionEvent } from '../../app/capture/captured.ts'
import type {
  CloseCause,
  Direction,
  NetworkConnection,
  NetworkConnectionHandler,
  TransportName,
} from '../../app/mqtt/network-connection.ts'
import type { ActiveRule } from './active-rule.ts'
import type { Controls } from './controls.ts'
import { Identity } from './identity.ts'
import { LinkDirection, type LinkDirectionHost } from './link-direction.ts'
import type { Ending } from './passage.ts'

export interface LinkEnds {
  /** The number of the Network Connection, from 1. */
  readonly connection: number
  /** The end that leads to the client, and the one that leads to the broker. */
  readonly client: NetworkConnection
  readonly broker: NetworkConnection
  /** How the client's octets come, and what is known of its TLS. @default TCP */
  readonly opening?: { readonly transport: TransportName; readonly security?: string | undefined } | undefined
}

/** What stands between a client and the broker, for as long as their Network Connection lives. */
export interface Link {
  readonly connection: number
  /** False once both ends are gone. */
  readonly open: boolean
  /** Fires once, after the capture was told. */
  readonly onClosed: Event<void>
  /** Resets both ends at once; the capture shows `reason`. */
  reset(reason: string): void
}

type Closing = Omit<Extract<ConnectionEvent, { type: 'closed' }>, 'type'>
type How = 'rst' | 'fin'

/** Something in this process destroyed an end without a word. */
const silently: Closing = { by: 'link', cause: 'rst' }

/** What waits for an end that is gone is dropped by this. */
const connectionClosed = 'connection closed'

/** How long an end may take to answer the FIN of a cut before it is reset, in milliseconds. */
const graceMs = 500

/** The broker closes a client that is silent for one and a half times its keep alive [MQTT-3.1.2-24]. */
const keepAliveFactor = 1.5

/** One end, and how far its closing has come. */
interface End {
  readonly name: 'client' | 'broker'
  readonly connection: NetworkConnection
  /** Its FIN or RST has come. */
  gone: boolean
  /** It is gone both ways: there is nobody to be told anything. */
  closed: boolean
  /** The capture was told that it is gone and the other end does not know it. */
  announced: boolean
}

/**
 * Joins a client and the broker. Where no breakpoint and no rule concerns it, octets pass unchanged, in order and in the
 * same tick; so do FIN, RST and back-pressure. FIN and RST have their place behind the packets that were sent before.
 */
export class ControlledLink implements Link {
  readonly connection: number
  readonly identity: Identity
  readonly #controls: Controls
  readonly #client: End
  readonly #broker: End
  readonly #opening: LinkEnds['opening']
  readonly #toBroker: LinkDirection
  readonly #toClient: LinkDirection
  readonly #closed = new Emitter<void>()
  readonly onClosed: Event<void> = this.#closed.event
  /** Who closed first, and how. */
  #closing: Closing | undefined
  #openEnds = 2
  #finished = false
  /** Whose ending has reached the other end. */
  readonly #told = new Set<Direction>()
  /** An end is gone that the other does not hear of, because the link is half-open. */
  #untold = false
  /** A rule has swallowed a packet of which a part had gone on. */
  #tornBy: string | undefined
  #halfOpen: { readonly what: string; readonly by: string } | undefined
  /** Nothing goes on any more: it was cut, refused or reset. */
  #severed = false
  /** What comes of its end, and is told after it. */
  #consequences: (() => void)[] = []
  /** The capture was told that it is closed, while one end has not answered yet. */
  #concluded = false
  #grace: Disposable | undefined

  constructor(controls: Controls, { connection, client, broker, opening }: LinkEnds) {
    this.connection = connection
    this.#opening = opening
    this.identity = new Identity(connection)
    this.#controls = controls
    this.#client = { name: 'client', connection: client, gone: false, closed: false, announced: false }
    this.#broker = { name: 'broker', connection: broker, gone: false, closed: false, announced: false }
    const host: LinkDirectionHost = {
      connecting: (octets) => this.#connecting(octets),
      pushed: () => {
        this.#finishWhenGone()
        this.#conclude()
      },
      tell: (direction, ending) => this.#tell(direction, ending),
      torn: (by) => {
        this.#tornBy ??= by
      },
      keepAliveEndsAt: (direction) => this.#keepAliveEndsAt(direction),
    }
    const common = { controls, identity: this.identity, host }
    this.#toBroker = new LinkDirection({ ...common, direction: 'to broker', from: client, to: broker })
    this.#toClient = new LinkDirection({ ...common, direction: 'to client', from: broker, to: client })
  }

  /** Lets octets flow. Called once. */
  start(): void {
    const client = this.#client.connection
    const broker = this.#broker.connection
    const { transport, security } = this.#opening ?? { transport: 'tcp' }
    this.#event({ type: 'opened', transport, remote: client.remote, ...(security === undefined ? {} : { security }) })
    client.listen(this.#handler(this.#client, this.#toBroker, this.#toClient))
    broker.listen(this.#handler(this.#broker, this.#toClient, this.#toBroker))
    const refusal = this.#controls.refusal(this.identity, 'opened')
    if (refusal) this.#refuse(refusal)
    else this.plansChanged()
    client.resume()
    broker.resume()
  }

  get open(): boolean {
    return this.#openEnds > 0
  }

  reset(reason: string): void {
    this.#sever('rst', reason)
  }

  /** Ends the Network Connection at both ends. False where it has ended already. */
  cut(how: How, by: string): boolean {
    if (!this.open || this.#severed || this.#concluded) return false
    this.#event({ type: 'fault', what: how === 'rst' ? 'cut with RST' : 'cut with FIN', by })
    this.#sever(how, by)
    return true
  }

  /**
   * Calls back when the capture says that the connection, or an end of it, is closed; where its end has begun and the
   * capture does not say so yet, it is told now. For what somebody else tells of that end: causes come before effects.
   */
  whenClosed(then: () => void): void {
    this.#consequences.push(then)
    this.#conclude()
  }

  /** The broker has named a client that came without a Client Identifier. */
  identify(clientId: string): void {
    if (this.identity.name(clientId)) this.plansChanged()
  }

  /** Other breakpoints and rules are in force than before. */
  plansChanged(): void {
    if (!this.open || this.#severed) return
    const toBroker = this.#controls.plan(this.identity, 'to broker')
    const toClient = this.#controls.plan(this.identity, 'to client')
    if (!this.#concluded) this.#setHalfOpen(toBroker.halfOpen, toClient.halfOpen)
    this.#toBroker.setPlan(toBroker)
    this.#toClient.setPlan(toClient)
  }

  #handler(end: End, incoming: LinkDirection, outgoing: LinkDirection): NetworkConnectionHandler {
    return {
      octets: (octets, origin) => incoming.octets(octets, origin),
      drained: () => outgoing.drained(),
      ended: (reason) => {
        this.#closing ??= { by: end.name, cause: 'fin', reason }
        this.#gone(end, incoming, { kind: 'fin', reason })
        this.#closeWhenBothGone()
        this.#conclude()
      },
      closed: (cause, reason) => {
        end.closed = true
        if (cause === 'rst' || cause === 'timeout') this.#closing ??= { by: end.name, cause, reason }
        // This side has refused what was at the other end, before anything was under way.
        else if (cause === 'local' && reason !== undefined) this.#closing ??= { by: 'link', cause, reason }
        if (cause !== 'fin') this.#gone(end, incoming, { kind: 'rst', reason }, cause)
        outgoing.close(connectionClosed)
        this.#openEnds -= 1
        this.#closeWhenBothGone()
        this.#finishWhenGone()
        this.#conclude()
      },
    }
  }

  /** What this end sent before goes on, and then the other end hears of it. */
  #gone(end: End, incoming: LinkDirection, ending: Exclude<Ending, { kind: 'cut' }>, cause: CloseCause = 'fin'): void {
    end.gone = true
    const other = end === this.#client ? this.#broker : this.#client
    // An ending lets go what was to be overtaken; where nobody is left to receive it, it was not sent.
    if (other.closed) incoming.close(connectionClosed)
    incoming.end(ending)
    if (end.announced || other.closed || incoming.closed || this.#told.has(incoming.direction)) return
    end.announced = true
    this.#event({ type: 'one end closed', by: end.name, cause, reason: ending.reason })
  }

  #tell(direction: Direction, ending: Ending): void {
    if (ending.kind === 'cut') {
      this.cut(ending.how, ending.by)
      return
    }
    const [incoming, other] =
      direction === 'to broker' ? [this.#toBroker, this.#broker] : [this.#toClient, this.#client]
    if (incoming.plan.halfOpen) {
      this.#untold = true
      return
    }
    this.#told.add(direction)
    if (ending.kind === 'fin') other.connection.end(ending.reason)
    else other.connection.reset(ending.reason)
  }

  /** Half-open, nobody tells one end of the other; when both are gone there is nobody left to be told. */
  #closeWhenBothGone(): void {
    if (!this.#untold || !this.#client.gone || !this.#broker.gone) return
    this.#untold = false
    this.#severed = true
    this.#toBroker.close(connectionClosed)
    this.#toClient.close(connectionClosed)
    this.#client.connection.end()
    this.#broker.connection.end()
  }

  #finishWhenGone(): void {
    // What came in one piece with a packet that made an end is still captured.
    if (this.#openEnds > 0 || this.#finished || this.#toBroker.pushing || this.#toClient.pushing) return
    this.#finished = true
    this.#grace?.dispose()
    this.#toBroker.close(connectionClosed)
    this.#toClient.close(connectionClosed)
    this.#toBroker.dispose()
    this.#toClient.dispose()
    this.#controls.rules.forget(this.connection)
    if (!this.#concluded) this.#event({ type: 'closed', ...(this.#closing ?? silently) })
    this.#closed.fire()
  }

  #conclude(): void {
    if (this.#consequences.length === 0 || this.#toBroker.pushing || this.#toClient.pushing) return
    if (!this.#finished && !this.#client.announced && !this.#broker.announced && !this.#announce()) return
    for (const consequence of this.#consequences.splice(0)) consequence()
  }

  /** Tells the capture of the end that has begun. False where there is none, or the other end does not know it. */
  #announce(): boolean {
    const closing = this.#closing
    if (closing === undefined || !(this.#severed || this.#told.size > 0)) return false
    const { by, cause, reason } = closing
    if (by === 'broker' && cause === 'fin' && !this.#severed) {
      // The client may still be sending, and may take its time to answer.
      this.#broker.announced = true
      this.#event({ type: 'one end closed', by, cause, reason, told: true })
    } else {
      this.#concluded = true
      this.#event({ type: 'closed', ...closing })
    }
    return true
  }

  #connecting(octets: Uint8Array): void {
    this.identity.introduce(octets)
    if (this.#severed) return
    const refusal = this.#controls.refusal(this.identity, 'connect')
    if (refusal) this.#refuse(refusal)
    else this.plansChanged()
  }

  /** The broker is never asked: it does not hear more than that somebody was there. */
  #refuse(rule: ActiveRule): void {
    this.#event({ type: 'fault', what: 'refused', by: rule.name })
    this.#sever(rule.settings['how'] === 'fin' ? 'fin' : 'rst', rule.name, 'rst')
  }

  #setHalfOpen(toBroker: ActiveRule | undefined, toClient: ActiveRule | undefined): void {
    const before = this.#halfOpen
    const by = (toBroker ?? toClient)?.name
    const what = toBroker && toClient ? 'half-open' : `half-open to the ${toBroker ? 'broker' : 'client'}`
    if (by === before?.by && (by === undefined || what === before?.what)) return
    this.#halfOpen = by === undefined ? undefined : { what, by }
    this.#event(
      by === undefined ? { type: 'fault', what: 'healed', by: before?.by ?? '' } : { type: 'fault', what, by },
    )
    if (by !== undefined) return
    // Who lives on learns it now, as from a peer that does not know the connection any more.
    if (this.#untold) this.#sever('rst', connectionClosed)
    else if (this.#tornBy !== undefined) this.#sever('rst', `${this.#tornBy}: a packet was cut off`)
  }

  /** Nothing goes on any more, and both ends are told so. */
  #sever(how: How, by: string, howToBroker = how): void {
    if (!this.open || this.#severed) return
    this.#severed = true
    this.#closing ??= { by: 'link', cause: how, reason: by }
    this.#toBroker.close(by)
    this.#toClient.close(by)
    for (const [end, way] of [
      [this.#client, how],
      [this.#broker, howToBroker],
    ] as const) {
      if (way === 'rst') end.connection.reset(by)
      else end.connection.end(by)
    }
    if (this.open && how === 'fin') this.#grace = this.#controls.clock.after(graceMs, () => this.#resetBoth(by))
  }

  #resetBoth(reason: string): void {
    this.#client.connection.reset(reason)
    this.#broker.connection.reset(reason)
  }

  /**
   * When the broker gives up on a client whose packets are held. When a client gives up that waits for PINGRESP nobody
   * but itself knows; but where its PINGREQ is held as well, the broker's patience ends it.
   */
  #keepAliveEndsAt(direction: Direction): number | undefined {
    const last = this.#toBroker.lastWriteAt
    if (last === undefined || (direction === 'to client' && !this.#toBroker.holds)) return undefined
    return last + this.identity.keepAlive * 1000 * keepAliveFactor
  }

  #event(event: ConnectionEvent): void {
    this.#controls.tap.event(this.connection, event)
  }
}
