import type { Clock } from '../../app/base/clock.ts'
import { type Disposable, DisposableStore } from '../../app/base/disposable.ts'
import { Emitter } from '../../app/base/emitter.ts'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import { CaptureBatch } from '../../app/capture/batch.ts'
import type { EventValue, Result } from '../../app/contract/contract.ts'
import type { ExchangeSnapshot, MessageSnapshot } from '../../app/contract/messages.ts'
import type { Exchange, Message } from '../../app/handshake/message.ts'
import { sidesOf } from '../../app/handshake/sides.ts'
import { summarizeMessage } from '../../app/handshake/summary.ts'
import { HandshakeTracker } from '../../app/handshake/tracker.ts'
import type { CaptureSource } from './capture-source.ts'

/** How many records are read at once, and for how many milliseconds they are taken in before others get their turn. */
const recordsAtOnce = 256
const turn = 8
/** How often screens are told, in milliseconds, and of how many messages. */
const tellEvery = 100
const mostTold = 400
/** So many a screen reads, checks and shows in a few milliseconds: more at once, and its page would stand still. */
const mostAtOnce = 100

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
  /** Records that left the ring before they could be read. */
  #missed = 0
  #problemText: string | undefined
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
    return { messages: this.#tracker.summaries(mostAtOnce), ...this.#counts() }
  }

  /** The newest of those with a lower number. */
  older(before: number): Result<'messages.older'>['messages'] {
    return this.#tracker.summaries(mostAtOnce, before)
  }

  /** @throws FaultlineError `not-found` */
  get(id: number): MessageSnapshot {
    const message = this.#tracker.get(id)
    if (message !== undefined) return toSnapshot(message)
    throw new FaultlineError({
      code: 'not-found',
      message: `message ${id} is not here any more`,
      hint: 'the oldest finished messages are forgotten to bound memory; its packets may still be in the capture',
    })
  }

  /** The newest message that this packet is a step of. Waits until the packet has been taken in. */
  async ofPacket(packet: number): Promise<number | undefined> {
    while (this.#reading && !this.#disposed && this.#next <= packet) await this.#pause()
    return this.#tracker.ofPacket(packet)
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
      this.#reading = false
      this.#disposables.dispose()
      this.#problemText = messageOf(error)
      this.#tellSoon()
      this.#problem(error)
    })
  }

  /** Reads to the end of what there is, a piece in each turn of the event loop. */
  async #readOn(): Promise<void> {
    let since = this.#clock.monotonic()
    while (!this.#disposed && this.#next < this.#source.next) {
      this.#takeInBlock(new CaptureBatch(this.#source.read(this.#next, recordsAtOnce)))
      this.#tellSoon()
      if (this.#clock.monotonic() - since < turn * 1e6) continue
      await this.#pause()
      since = this.#clock.monotonic()
    }
    this.#reading = false
  }

  #takeInBlock(batch: CaptureBatch): void {
    const gone = batch.first - this.#next
    if (gone > 0) {
      this.#missed += gone
      this.#tracker.missed(gone)
    }
    for (let i = 0; i < batch.count; i++) {
      const record = batch.at(i)
      if (record !== undefined) this.#tracker.add(record)
    }
    this.#next = batch.first + batch.count
  }

  #counts() {
    const { total, forgotten } = this.#tracker
    const problem = this.#problemText
    return { total, forgotten, missed: this.#missed, ...(problem !== undefined && { problem }) }
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
    const { changed, forgotten: removed } = this.#tracker.takeChanges(mostTold)
    for (let from = 0; from < Math.max(1, changed.length); from += mostAtOnce) {
      this.#changes.fire({
        capture: this.#capture,
        changed: changed.slice(from, from + mostAtOnce).flatMap((id) => this.#tracker.summary(id) ?? []),
        removed: from === 0 ? removed : [],
        ...this.#counts(),
      })
    }
    if (changed.length === mostTold) this.#tellSoon()
  }
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
