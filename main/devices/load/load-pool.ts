import { availableParallelism } from 'node:os'
import type { Clock } from '../../../app/base/clock.ts'
import type { LoadReport } from './load-messages.ts'
import { LoadProcess } from './load-process.ts'

/** The workbench needs a core for itself. */
function usualProcesses(): number {
  return Math.min(4, Math.max(1, availableParallelism() - 1))
}

/** Who hears of what a process tells of one fleet. */
export interface LoadListener {
  report(process: LoadProcess, report: LoadReport): void
  /** It will tell nothing more of the fleet, which was closed there. */
  closed(process: LoadProcess): void
  lost(process: LoadProcess, why: string): void
}

/** The processes that all load fleets share. Each starts when it gets its first client. */
export class LoadPool {
  readonly #clock: Clock
  readonly #url: URL
  readonly #most: number
  readonly #processes: LoadProcess[] = []
  readonly #fleets = new Map<number, LoadListener>()
  #lastFleet = 0

  /** @param most how many processes there are at most; one for each core but one, up to 4, if not given */
  constructor(clock: Clock, url: URL, most = usualProcesses()) {
    this.#clock = clock
    this.#url = url
    this.#most = most
  }

  /** Gives a fleet its number. It hears until `forget`: the last counts come after its clients have left. */
  open(listener: LoadListener): number {
    this.#fleets.set(++this.#lastFleet, listener)
    return this.#lastFleet
  }

  /** A fleet is closed everywhere. */
  forget(fleet: number): void {
    this.#fleets.delete(fleet)
  }

  /** How many fleets there are that are not forgotten. */
  get fleets(): number {
    return this.#fleets.size
  }

  /** The least busy process: the one with the fewest clients. */
  pick(): LoadProcess {
    if (this.#processes.length < this.#most) this.#processes.push(this.#create())
    return this.#processes.reduce((least, process) => (process.clients < least.clients ? process : least))
  }

  /** Tells the client of this Client Identifier, wherever it lives, why the connection that it asks for will be closed. */
  async explain(clientId: string, reason: string): Promise<void> {
    const inUse = this.#processes.filter(({ clients }) => clients > 0)
    await Promise.all(inUse.map((process) => process.explain(clientId, reason)))
  }

  /** Resolves when all that was counted until now has been heard. */
  async sync(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.tell()))
  }

  async close(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.end()))
  }

  #create(): LoadProcess {
    const created: LoadProcess = new LoadProcess({
      clock: this.#clock,
      url: this.#url,
      report: (told) => {
        const listener = this.#fleets.get(told.fleet)
        if (told.type === 'report') listener?.report(created, told)
        else listener?.closed(created)
      },
      lost: (why) => {
        this.#processes.splice(this.#processes.indexOf(created), 1)
        for (const listener of [...this.#fleets.values()]) listener.lost(created, why)
      },
    })
    return created
  }
}
