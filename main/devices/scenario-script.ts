import { Worker } from 'node:worker_threads'
import type { Disposable } from '../../app/base/disposable.ts'
import { FaultlineError } from '../../app/base/errors.ts'
import type { Answer, Ask, Place, ScenarioDraft } from '../../app/script-api/scenario-crossing.ts'
import type { ScenarioOrder, ScenarioSetup, ScenarioWord } from './scenario-messages.ts'
import { threadTime } from './thread-time.ts'
import { createMarks, Watchdog } from './watchdog.ts'
import { patience } from './worker-slot.ts'

const lookEvery = 100

export interface ScenarioAssets {
  /** The bundle of `main/devices/guest/worker.ts`, beside which the scenarios' own lies. */
  readonly worker: URL
  /** The bundle of `app/script-api/guest.ts`, beside which that of `scenario-guest.ts` lies. */
  readonly guest: URL
}

export interface ScenarioSource {
  /** The workspace's folder, absolute. */
  readonly workspace: string
  /** Relative to the workspace, with `/`. */
  readonly file: string
  readonly source: string
  readonly seed: string | number
}

type Asked = (ask: Ask, place: Place | undefined, octets: Uint8Array | undefined) => Promise<Answer>
type Groups = Readonly<Record<string, readonly string[]>>

/** The file of a scenario in a sandbox of its own, in a thread of its own. */
export interface ScenarioFileScript extends Disposable {
  /**
   * The static part, as the user wrote it.
   *
   * @throws FaultlineError `script-syntax`, `script-threw`, `script-timeout`; see `scenarioScriptError`
   */
  plan(): Promise<ScenarioDraft>
  /**
   * Runs the body; resolves when it has ended and nothing that it began is unfinished. To be called once, after `plan`.
   *
   * @param ask called for everything that it asks for, in its order; what it rejects with ends the run
   * @throws FaultlineError as `plan`; `connection-closed` when it was disposed of; whatever `ask` rejects with
   */
  run(groups: Groups, ask: Asked): Promise<'returned' | 'failed'>
}

/** Opens scenarios' files; the thread is started with each. */
export function createOpenScript(assets: ScenarioAssets): (source: ScenarioSource) => ScenarioFileScript {
  return (source) => new ScenarioThread(assets, source)
}

class ScenarioThread implements ScenarioFileScript {
  readonly #worker: Worker
  readonly #watching: NodeJS.Timeout
  readonly #planned = new Settled<ScenarioDraft>()
  readonly #ended = new Settled<'returned' | 'failed'>()
  readonly #file: string
  /** What it asked for before its body ran: lines of `log`. */
  readonly #early: Extract<ScenarioWord, { type: 'asks' }>[] = []
  #asked: Asked | undefined
  /** Why nothing more comes. */
  #over: Error | undefined
  #planning = false

  constructor(assets: ScenarioAssets, { file, seed, source, workspace }: ScenarioSource) {
    this.#file = file
    const marks = createMarks()
    const setup: ScenarioSetup = {
      workspace,
      file,
      source,
      seed,
      guest: new URL('guest-scenario.js', assets.guest).href,
      fabricator: new URL('fabricator.js', assets.worker).href,
      marks,
    }
    this.#worker = new Worker(new URL('scenario-worker.js', assets.worker), {
      workerData: setup,
      env: {},
      // As for devices: a deep recursion needs native stack before QuickJS's own limit stops it.
      resourceLimits: { stackSizeMb: 16, maxOldGenerationSizeMb: 512 },
    })
    this.#worker.on('message', (word: ScenarioWord) => this.#heard(word))
    // Of a message that is lost nobody would ever hear.
    this.#worker.on('messageerror', ({ message }) => this.#end(broken(message)))
    this.#worker.on('error', (error) => this.#end(broken(error.message)))
    this.#worker.on('exit', (code) => this.#end(broken(`its thread ended with code ${code}`)))
    const watchdog = new Watchdog(marks, patience, lookEvery, threadTime)
    this.#watching = setInterval(() => {
      if (watchdog.look(performance.now()) !== undefined) this.#end(this.#hung(watchdog.visited))
    }, lookEvery)
  }

  plan(): Promise<ScenarioDraft> {
    if (!this.#planning) this.#order({ type: 'plan' })
    this.#planning = true
    return this.#planned.promise
  }

  run(groups: Groups, ask: Asked): Promise<'returned' | 'failed'> {
    this.#asked = ask
    for (const word of this.#early.splice(0)) this.#ask(word, ask)
    this.#order({ type: 'run', groups })
    return this.#ended.promise
  }

  dispose(): void {
    this.#end(new FaultlineError({ code: 'connection-closed', message: 'the scenario was stopped' }))
  }

  #order(order: ScenarioOrder): void {
    if (this.#over === undefined) this.#worker.postMessage(order)
  }

  #heard(word: ScenarioWord): void {
    if (this.#over !== undefined) return
    switch (word.type) {
      case 'planned':
        this.#planned.resolve(word.draft)
        break
      case 'asks':
        if (this.#asked === undefined) this.#early.push(word)
        else this.#ask(word, this.#asked)
        break
      case 'ended':
        this.#ended.resolve(word.how)
        this.#end(broken('it has ended'))
        break
      case 'failed':
        this.#end(scenarioScriptError(word))
        break
      case 'broken':
        this.#end(broken(word.message))
    }
  }

  #ask({ ask, call, octets, place }: Extract<ScenarioWord, { type: 'asks' }>, asked: Asked): void {
    asked(ask, place, octets).then(
      (answer) => this.#order({ type: 'settled', call, answer }),
      (error: unknown) => this.#end(error instanceof Error ? error : broken(String(error))),
    )
  }

  /** Ends the thread, wherever its script is. */
  #end(reason: Error): void {
    if (this.#over !== undefined) return
    this.#over = reason
    clearInterval(this.#watching)
    this.#planned.reject(reason)
    this.#ended.reject(reason)
    void this.#worker.terminate()
  }

  #hung(visited: string): FaultlineError {
    const message = `${visited} did not come back within ${patience / 1000} s`
    const error = { message, file: this.#file, line: undefined, column: undefined, stack: undefined }
    return scenarioScriptError({ code: 'script-timeout', error })
  }
}

/** What the script did wrong; `details` has `file`, `line`, `column` and `stack`, undefined where nothing is known. */
function scenarioScriptError({
  code,
  error: { column, file, line, message, stack },
}: Pick<Extract<ScenarioWord, { type: 'failed' }>, 'code' | 'error'>): FaultlineError {
  return new FaultlineError({ code, message, details: { file, line, column, stack } })
}

function broken(message: string): FaultlineError {
  return new FaultlineError({ code: 'internal', message: `the sandbox of a scenario failed: ${message}` })
}

/** A promise that is settled from outside; that nobody waits for it is no error. */
class Settled<Value> {
  readonly promise: Promise<Value>
  #resolve: (value: Value) => void = () => {}
  #reject: (error: Error) => void = () => {}

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.promise.catch(() => {})
  }

  resolve(value: Value): void {
    this.#resolve(value)
  }

  reject(error: Error): void {
    this.#reject(error)
  }
}
