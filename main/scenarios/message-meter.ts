import type { MeasurableExchange, MeasurableMessage } from '../../app/handshake/message.ts'
import type { HandshakeTracker } from '../../app/handshake/tracker.ts'
import type { Measured } from '../../app/scenario/thresholds.ts'
import { Times } from './times.ts'

/** What thresholds are told of Messages. */
interface Figures {
  readonly deliveries: Times
  readonly handshakes: Times
  /** Copies of QoS 1 and 2 that were sent, and have not come to their subscribers. */
  lost: number
  /** How often a subscriber took what it had taken already. */
  duplicated: number
  /** Copies of any QoS that were sent, and have not come. */
  undelivered: number
}

/** Measures what becomes of Messages: of those that are kept still when it is asked for, and of the others when they are let go of. */
export class MessageMeter {
  readonly #acceptedAt: (connection: number) => number
  readonly #gone: Figures = { deliveries: new Times(), handshakes: new Times(), lost: 0, duplicated: 0, undelivered: 0 }
  /** Messages that were let go of while they were under way, and while they waited for somebody who was away. */
  #unfinished = 0
  #awaited = 0

  /** @param acceptedAt when a connection was accepted, in the capture's time; 0 where that is not known */
  constructor(acceptedAt: (connection: number) => number) {
    this.#acceptedAt = acceptedAt
  }

  /** A Message is kept no more: what there was of it counts on. */
  forget(message: MeasurableMessage, isAwaited: boolean): void {
    this.#add(message, this.#gone)
    const { publisher, subscribers } = message
    const isUnfinished = [publisher, ...subscribers].some((each) => each?.state === 'waiting' || each?.state === 'held')
    if (isUnfinished) this.#unfinished += 1
    else if (isAwaited) this.#awaited += 1
  }

  /** Of all Messages that there were. */
  figures(tracker: HandshakeTracker): Figures {
    const { deliveries, handshakes, ...counts } = this.#gone
    const all = { ...counts, deliveries: deliveries.copy(), handshakes: handshakes.copy() }
    tracker.measure((message) => this.#add(message, all))
    return all
  }

  /**
   * What cannot be judged because too much was under way to keep it all, and why.
   *
   * @param strays packets that came again when their Message may have been forgotten, see `HandshakeTracker`
   */
  untold(strays: number): Measured['untold'] {
    if (this.#unfinished > 0) {
      const its = this.#unfinished === 1 ? 'its' : 'their'
      const why = `${forgotten(this.#unfinished)} before all ${its} handshakes had ended`
      return {
        'delivery.duration': why,
        'handshake.duration': why,
        'delivery.lost': why,
        'delivery.duplicated': why,
        'messages.delivered': why,
      }
    }
    const waited = this.#awaited === 1 ? 'it waited' : 'they waited'
    const away =
      this.#awaited === 0
        ? {}
        : { 'delivery.duration': `${forgotten(this.#awaited)} while ${waited} for a client that was away` }
    if (strays === 0) return away
    const why = `${strays} ${strays === 1 ? 'PUBLISH' : 'PUBLISH packets'} came again, of messages that were forgotten for want of room`
    return {
      'delivery.duration': why,
      'handshake.duration': why,
      'delivery.duplicated': why,
      'messages.delivered': why,
    }
  }

  #add(message: MeasurableMessage, figures: Figures): void {
    const { publisher, subscribers } = message
    for (const { endedAt, qos, startedAt } of publisher === undefined ? subscribers : [publisher, ...subscribers]) {
      if (endedAt !== undefined && qos > 0) figures.handshakes.add((endedAt - startedAt) / 1e6)
    }
    for (const exchange of subscribers) {
      if (exchange.deliveries > 1) figures.duplicated += exchange.deliveries - 1
      if (exchange.deliveries === 0) figures.undelivered += 1
      if (isLost(exchange)) figures.lost += 1
    }
    for (const ms of this.#deliveryTimes(message)) figures.deliveries.add(ms)
  }

  /**
   * From the publisher's first PUBLISH until the message has come to each subscriber, in milliseconds. Who was away had it in
   * its Session: its time begins when the broker lets it in. How long a message was retained is no time on the way.
   */
  #deliveryTimes({ publisher, subscribers }: MeasurableMessage): number[] {
    if (publisher === undefined) return []
    return subscribers.flatMap((exchange) => {
      const came = exchange.deliveries === 0 || exchange.retain ? undefined : arrival(exchange)
      if (came === undefined) return []
      return [(came.at - Math.max(publisher.startedAt, this.#acceptedAt(came.connection))) / 1e6]
    })
  }
}

function forgotten(count: number): string {
  return `${count} ${count === 1 ? 'message was' : 'messages were'} forgotten, for want of room,`
}

/** When a PUBLISH first reached the subscriber, and over which connection. */
function arrival({ steps }: MeasurableExchange): { readonly at: number; readonly connection: number } | undefined {
  for (const step of steps) {
    if (step.kind !== 'packet' || step.type !== 'PUBLISH' || step.fate === 'dropped' || step.fate === 'held') continue
    return { at: step.time + step.delay, connection: step.connection }
  }
  return undefined
}

/** Of QoS 1 or 2, and not come to its subscriber: nothing will repair it, or nothing has by now. */
function isLost({ deliveries, qos, state, steps }: MeasurableExchange): boolean {
  if (qos === 0 || deliveries > 0) return false
  if (state === 'lost') return true
  // What is under way only is not lost; what a fault has dropped is, until it is sent again.
  return state === 'waiting' && steps.every((step) => step.kind !== 'packet' || step.fate === 'dropped')
}
