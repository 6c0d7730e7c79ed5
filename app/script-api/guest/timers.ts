import type { Duration, Timer } from 'faultline'
import type { FromGuest } from '../crossing.ts'
import { longestWait, milliseconds } from '../duration.ts'
import { mistake, shown } from '../mistake.ts'
import type { Scope, Scopes } from './scopes.ts'

/** A script that starts more of them than this has most likely forgotten to stop them. */
const most = 1000

interface Running {
  readonly scope: Scope
  readonly repeat: boolean
  readonly run: () => unknown
}

/** The guest's half of `every` and `after`: the host waits, the guest knows what to run and what it belongs to. */
export class Timers {
  readonly #send: (message: FromGuest) => void
  readonly #scopes: Scopes
  readonly #running = new Map<number, Running>()
  #last = 0

  constructor(send: (message: FromGuest) => void, scopes: Scopes) {
    this.#send = send
    this.#scopes = scopes
  }

  readonly every = (interval: Duration, run: () => unknown): Timer => {
    const ms = milliseconds(interval, 'the interval of every')
    if (ms < 1) throw mistake(`the interval of every must be at least 1 ms, not ${shown(interval)}`)
    return this.#start('every', ms, true, run)
  }

  readonly after = (delay: Duration, run: () => unknown): Timer =>
    this.#start('after', milliseconds(delay, 'the delay of after'), false, run)

  #start(name: string, ms: number, repeat: boolean, run: unknown): Timer {
    if (typeof run !== 'function') throw mistake(`${name} needs a function to run, not ${shown(run)}`)
    if (ms > longestWait) throw mistake(`${name} can wait 24 days at most`)
    const scope = this.#scopes.current
    if (scope.ended) return { stop() {} }
    if (this.#running.size >= most) throw mistake(`${most} timers run at once, more cannot be started; stop some`)
    const timer = ++this.#last
    this.#running.set(timer, { scope, repeat, run: run as () => unknown })
    scope.timers.add(timer)
    this.#send({ type: 'start timer', timer, ms, repeat })
    return { stop: () => this.#stop([timer]) }
  }

  /** Runs what a timer is for. One that was stopped in the meantime is ignored. */
  fire(timer: number): void {
    const running = this.#running.get(timer)
    if (running === undefined) return
    if (!running.repeat) this.#forget(timer)
    this.#scopes.enter(running.scope)
    running.run()
  }

  stopAll(scope: Scope): void {
    this.#stop([...scope.timers])
  }

  #stop(timers: readonly number[]): void {
    const stopped = timers.filter((timer) => this.#forget(timer))
    if (stopped.length > 0) this.#send({ type: 'stop timers', timers: stopped })
  }

  #forget(timer: number): boolean {
    this.#running.get(timer)?.scope.timers.delete(timer)
    return this.#running.delete(timer)
  }
}
