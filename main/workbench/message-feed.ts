import type { Clock } from '../../app/base/clock.ts'
import { type Disposable, DisposableStore } from '../../app/base/disposable.ts'
import { Emitter } from '../../app/base/emitter.ts'
import { FaultlineError } from '../../app/base/errors.ts'
import { CaptureBatch } from '../../app/capture/batch.ts'
import type { EventValue, Result } from '../../app/contract/contract.ts'
import type { ExchangeSnapshot, MessageSnapshot, MessageSummary } from '../../app/contract/messages.ts'
import type { Exchange, Message } from '../../app/handshake/message.ts'
import { sidesOf } from '../../app/handshake/sides.ts'
import { summarizeMessage } from '../../app/handshake/summary.ts'
import { HandshakeTracker } from '../../app/handshake/tracker.ts'
import type { CaptureSource } from './capture-source.ts'

/** Records that are taken in before others get their turn: about 10 ms of work. */
const recordsInOneTurn = 2048
/** How often screens are told, in milliseconds, and of how many messages at once. */
const tellEvery = 100
const mostTold = 200
/** How many messages a screen gets when it begins to follow. */
const mostListed = 5000

/** Rebuilds the Messages of one capture as its records come, and tells what changes. */
export class MessageFeed implements Disposable {
  readonly #capture: string
  readonly #source: CaptureSource
  readonly #clock: Clock
  readonly #problem: (error: unknown) => void
  readonly #tracker = new HandshakeTracker()
  readonly #changes = new Emitter<EventValue<'messages.changed'>>()
  readonly #disposables = new DisposableStore()
  #next = 1
  #reading = false
  #disposed = false
  #told: Disposable | undefined

  readonly onChanged = this.#changes.event

  /** @param problem hears of a record that cannot be read, once: nothing is taken in after it. */
  constructor(capture: string, source: CaptureSource, clock: Clock, problem: (error: unknown) => void) {
    this.#capture = capture
    this.#source = source
    this.#clock = clock
    this.#problem = problem
    const more = source.onRecorded?.(() => this.#takeIn())
    if (more) this.#disposables.add(more)
    this.#takeIn()
  }

  list(): Result<'messages.follow'> {
    const { total, forgotten } = this.#tracker
    return { messages: this.#tracker.list(mostListed).map(toSummary), total, forgotten }
  }

  /** @throws FaultlineError `not-found` */
  get(id: number): MessageSnapshot {
    const message = this.#tracker.get(id)
    if (message !== undefined) return toSnapshot(message)
    throw new FaultlineError({
      code: 'not-found',
      message: `message ${id} is not here any more`,
      hint: `the newest ${mostListed} messages are kept`,
    })
  }

  /** The newest message that this packet is a step of. Waits until the packet has been taken in. */
  async ofPacket(packet: number): Promise<number | undefined> {
    while (this.#reading && this.#next <= packet) await this.#pause()
    const isStep = ({ publisher, subscribers }: Message) =>
      [publisher, ...subscribers].some((exchange) => exchange?.steps.some(({ number }) => number === packet))
    return this.#tracker.list(mostListed).find(isStep)?.id
  }

  dispose(): void {
    this.#disposed = true
    this.#told?.dispose()
    this.#disposables.dispose()
    this.#changes.dispose()
  }

  #takeIn(): void {
    if (this.#reading) return
    this.#reading = true
    this.#readOn().catch((error) => {
      this.#disposables.dispose()
      this.#problem(error)
    })
  }

  /** Reads to the end of what there is, a piece in each turn of the event loop. */
  async #readOn(): Promise<void> {
    while (!this.#disposed && this.#next < this.#source.next) {
      const batch = new CaptureBatch(this.#source.read(this.#next, recordsInOneTurn))
      for (let i = 0; i < batch.count; i++) {
        const record = batch.at(i)
        if (record !== undefined) this.#tracker.add(record)
      }
      this.#next = batch.first + batch.count
      this.#tellSoon()
      await this.#pause()
    }
    this.#reading = false
  }

  /** Lets others have their turn. */
  #pause(): Promise<void> {
    return new Promise((resolve) => this.#clock.after(0, resolve))
  }

  #tellSoon(): void {
    this.#told ??= this.#clock.after(tellEvery, () => {
      this.#told = undefined
      this.#tell()
    })
  }

  #tell(): void {
    const { changed } = this.#tracker.takeChanges()
    if (changed.length === 0) return
    // The newest are what a list shows first; the others are counted and asked for when somebody looks.
    const told = changed.sort((a, b) => b - a).slice(0, mostTold)
    const { total, forgotten } = this.#tracker
    this.#changes.fire({
      capture: this.#capture,
      changed: told.flatMap((id) => {
        const message = this.#tracker.get(id)
        return message === undefined ? [] : [toSummary(message)]
      }),
      skipped: changed.length - told.length,
      total,
      forgotten,
    })
  }
}

function toSummary(message: Message): MessageSummary {
  return summarizeMessage(message)
}

function toSnapshot(message: Message): MessageSnapshot {
  const { payload, publisher, subscribers } = message
  return {
    ...summarizeMessage(message),
    payload,
    publisher: publisher && toExchange(publisher),
    exchanges: subscribers.map(toExchange),
  }
}

function toExchange(exchange: Exchange): ExchangeSnapshot {
  return { ...exchange, steps: [...exchange.steps], sides: sidesOf(exchange) }
}
