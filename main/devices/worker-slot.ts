import { Worker } from 'node:worker_threads'
import { messageOf } from '../../app/base/errors.ts'
import type { Command, Report, WorkerSetup } from './messages.ts'
import { threadTime } from './thread-time.ts'
import { createMarks, Watchdog } from './watchdog.ts'

/** A visit to a script that lasts longer than this is over: its thread is stopped. In milliseconds. */
export const patience = 1000
const lookEvery = 100
/** A worker that is to end in order gets this long, in milliseconds. */
const closeWithin = 800

/**
 * Why a worker had to be stopped, or stopped by itself.
 * - `hung`: the device keeps the thread for itself, in what of its script was visited
 * - `poisoned`: the device's sandbox failed in a way that leaves nothing to be trusted
 * - `crashed`: no device is to blame
 */
export type Loss =
  | { readonly type: 'hung'; readonly number: number; readonly visited: string }
  | { readonly type: 'poisoned'; readonly number: number; readonly message: string }
  | { readonly type: 'crashed'; readonly message: string }

/**
 * A place for a worker thread. The thread is started with the first command and again with the first one after it was
 * lost; whoever listens to `lost` decides what becomes of its devices.
 */
export class WorkerSlot {
  readonly #url: URL
  readonly #setup: Omit<WorkerSetup, 'marks'>
  readonly #report: (report: Report) => void
  readonly #lost: (loss: Loss) => void
  readonly #patience: number
  readonly #tickets = new Map<number, () => void>()
  /** How many devices have their place here; whoever gives them one counts. */
  devices = 0
  #lastTicket = 0
  #closed = false
  #worker: Worker | undefined
  #watching: NodeJS.Timeout | undefined
  /** The thread could not even be started; this tells so when the caller is done. */
  #failing: NodeJS.Immediate | undefined

  constructor(options: {
    url: URL
    setup: Omit<WorkerSetup, 'marks'>
    report: (report: Report) => void
    lost: (loss: Loss) => void
    /** See `patience`, which it is if it is not given. */
    patience?: number
  }) {
    this.#url = options.url
    this.#setup = options.setup
    this.#report = options.report
    this.#lost = options.lost
    this.#patience = options.patience ?? patience
  }

  /** Starts the thread before there is a command. */
  prepare(): void {
    if (!this.#closed) this.#running()
  }

  /** Resolves when the worker has carried the command out, or is gone and never will. */
  async request(command: (ticket: number) => Command): Promise<void> {
    if (this.#closed) return
    const ticket = ++this.#lastTicket
    const done = new Promise<void>((resolve) => this.#tickets.set(ticket, resolve))
    this.#running()?.postMessage(command(ticket))
    await done
  }

  /** Resolves when all that the worker has reported until now has been heard. */
  async sync(): Promise<void> {
    if (this.#worker !== undefined) await this.request((ticket) => ({ type: 'sync', ticket }))
  }

  /** Ends the worker for good: in order if it can, otherwise by force. */
  async close(): Promise<void> {
    this.#closed = true
    clearImmediate(this.#failing)
    const worker = this.#worker
    if (worker === undefined) {
      for (const settle of this.#takeTickets()) settle()
      return
    }
    this.#forget()
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
    worker.postMessage({ type: 'close' } satisfies Command)
    const force = setTimeout(() => void worker.terminate(), closeWithin)
    await ended
    clearTimeout(force)
    for (const settle of this.#takeTickets()) settle()
  }

  #running(): Worker | undefined {
    if (this.#worker !== undefined || this.#failing !== undefined) return this.#worker
    try {
      this.#worker = this.#start()
    } catch (error) {
      this.#failing = setImmediate(() => this.#failed(messageOf(error)))
    }
    return this.#worker
  }

  #failed(message: string): void {
    this.#failing = undefined
    const unanswered = this.#takeTickets()
    this.#lost({ type: 'crashed', message })
    for (const settle of unanswered) settle()
  }

  #start(): Worker {
    const marks = createMarks()
    const worker = new Worker(this.#url, {
      workerData: { ...this.#setup, marks } satisfies WorkerSetup,
      env: {},
      // A deep recursion in a script needs native stack before QuickJS's own limit stops it.
      resourceLimits: { stackSizeMb: 16, maxOldGenerationSizeMb: 512 },
    })
    worker.on('message', (report: Report) => {
      if (worker === this.#worker) this.#received(report)
    })
    // Its stack is deeper than ours: what it said last is lost, and with it what rests on that.
    worker.on('messageerror', ({ message }) => this.#end(worker, { type: 'crashed', message }))
    worker.on('error', (error: Error) => this.#end(worker, { type: 'crashed', message: error.message }))
    worker.on('exit', (code) => this.#end(worker, { type: 'crashed', message: `it ended with code ${code}` }))
    const watchdog = new Watchdog(marks, this.#patience, lookEvery, threadTime)
    this.#watching = setInterval(() => {
      const number = watchdog.look(performance.now())
      if (number !== undefined) this.#end(worker, { type: 'hung', number, visited: watchdog.visited })
    }, lookEvery)
    return worker
  }

  #received(report: Report): void {
    if (report.type === 'done') {
      this.#tickets.get(report.ticket)?.()
      this.#tickets.delete(report.ticket)
    } else if (report.type === 'poisoned') {
      const worker = this.#worker
      if (worker !== undefined) this.#end(worker, { type: 'poisoned', number: report.number, message: report.message })
    } else {
      this.#report(report)
    }
  }

  /** A worker ends once: `error` is followed by `exit`, and a terminated one exits too. */
  #end(worker: Worker, loss: Loss): void {
    if (worker !== this.#worker) return
    this.#forget()
    const unanswered = this.#takeTickets()
    // Before the sockets die with their thread: whoever listens may want to write down the cause first.
    this.#lost(loss)
    void worker.terminate()
    for (const settle of unanswered) settle()
  }

  #forget(): void {
    this.#worker = undefined
    clearInterval(this.#watching)
  }

  #takeTickets(): (() => void)[] {
    const unanswered = [...this.#tickets.values()]
    this.#tickets.clear()
    return unanswered
  }
}
