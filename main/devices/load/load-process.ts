import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../../../app/base/clock.ts'
import type { FromLoadProcess, LoadCommand } from './load-messages.ts'

/**
 * MiB of JavaScript's heap, so that a fleet that asks for too much loses this process and not the machine. Thousands of
 * clients need a few hundred.
 */
export const heapLimit = 1024

/** A process that is to end in order gets this long, in milliseconds. */
const endWithin = 1500

/** What it tells of a fleet. */
export type FleetNews = Exclude<FromLoadProcess, { readonly type: 'answered' }>

/** One process of load clients. It is started with the first command; one that was lost is not started again. */
export class LoadProcess {
  /** How many clients have their place here; whoever gives them one counts. */
  clients = 0
  readonly #clock: Clock
  readonly #url: URL
  readonly #report: (report: FleetNews) => void
  readonly #lost: (why: string) => void
  #child: ChildProcess | undefined
  /** Who waits for an answer, by ticket. */
  readonly #asking = new Map<number, () => void>()
  #lastTicket = 0
  #ending = false
  #gone = false

  /**
   * @param options.url the bundle of `main/devices/load/worker.ts`
   * @param options.lost hears why the process is gone, unless it was told to end
   */
  constructor(options: {
    clock: Clock
    url: URL
    report: (report: FleetNews) => void
    lost: (why: string) => void
  }) {
    this.#clock = options.clock
    this.#url = options.url
    this.#report = options.report
    this.#lost = options.lost
  }

  send(command: LoadCommand): void {
    if (this.#gone || this.#ending) return
    this.#child ??= this.#start()
    // A process that is gone tells so by itself.
    this.#child.send(command, () => {})
  }

  /** See `LoadCommand`. Settles when its client knows, or the process is gone. */
  explain(clientId: string, reason: string): Promise<void> {
    return this.#ask((ticket) => ({ type: 'explain', ticket, clientId, reason }))
  }

  /** Settles when all that it has counted until now is told, or the process is gone. */
  tell(): Promise<void> {
    return this.#ask((ticket) => ({ type: 'tell', ticket }))
  }

  #ask(command: (ticket: number) => LoadCommand): Promise<void> {
    if (this.#child === undefined || this.#gone || this.#ending) return Promise.resolve()
    const ticket = ++this.#lastTicket
    return new Promise((resolve) => {
      this.#asking.set(ticket, resolve)
      this.send(command(ticket))
    })
  }

  /** Its clients disconnect in order; by force where that takes too long. */
  async end(): Promise<void> {
    const child = this.#child
    if (child === undefined || this.#gone) return
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.send({ type: 'end' } satisfies LoadCommand, () => {})
    this.#ending = true
    const force = this.#clock.after(endWithin, () => child.kill('SIGKILL'))
    await gone
    force.dispose()
  }

  #start(): ChildProcess {
    // Without the flags of this one: a debugger's port can be had once.
    const child = fork(fileURLToPath(this.#url), [], {
      execArgv: [`--max-old-space-size=${heapLimit}`],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    child.on('message', (report: FromLoadProcess) => {
      if (report.type === 'answered') this.#answered(report.ticket)
      else this.#report(report)
    })
    child.on('error', (error) => this.#end(error.message))
    child.on('exit', (code, signal) => this.#end(`it ended with ${signal ?? `code ${code}`}`))
    return child
  }

  #answered(ticket: number): void {
    this.#asking.get(ticket)?.()
    this.#asking.delete(ticket)
  }

  #end(why: string): void {
    if (this.#gone) return
    this.#gone = true
    for (const ticket of [...this.#asking.keys()]) this.#answered(ticket)
    if (!this.#ending) this.#lost(why)
  }
}
