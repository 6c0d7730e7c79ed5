import type { QuickJSContext, QuickJSHandle, QuickJSRuntime } from 'quickjs-emscripten'
import * as v from 'valibot'
import { messageOf } from '../../../app/base/errors.ts'
import {
  type ClientSettings,
  clientSettings,
  type FromGuest,
  type LoadPlan,
  loadPlan,
  type Thrown,
  type ToGuest,
  thrown,
} from '../../../app/script-api/crossing.ts'
import {
  type Place,
  type ScenarioDraft,
  scenarioDraft,
  type ToScenario,
} from '../../../app/script-api/scenario-crossing.ts'
import { RunBudget } from './budget.ts'
import type { Engine } from './engine.ts'
import { HostFunctions, parseJson, type SandboxHost } from './host-functions.ts'
import { faultOf, type Limits, megabytes, outOfMemory, overtime } from './limits.ts'
import type { Rejections } from './rejections.ts'
import { type Answer, ScriptModules } from './script-modules.ts'
import { fault, ScriptFault, type ScriptSource, unitColumn } from './script-source.ts'

export interface SandboxOptions<Message = FromGuest> {
  readonly engine: Engine
  readonly host: SandboxHost<Message>
  /** What the guest may send to the host. */
  readonly speech: v.GenericSchema<unknown, Message>
  /** The bundle of `app/script-api/guest.ts`, or of `scenario-guest.ts`. */
  readonly guest: string
  readonly source: ScriptSource
  readonly limits: Limits
  /** Called before and after the guest runs: the watchdog's mark. */
  readonly enter: () => void
  readonly leave: () => void
}

/** In octets, beyond the device's own: enough to say what went wrong in a runtime that is full. */
const describeMemory = 256 * 1024

/**
 * Something failed that is not the script's: an exception of the host inside of the sandbox. QuickJS may be left in any
 * state, so the worker must not run another script.
 */
export class SandboxBroken extends Error {
  override readonly name = 'SandboxBroken'
}

const library = 'faultline'

/**
 * The script of one device, or of one scenario, in a QuickJS runtime of its own: no Node, no network, no file, no clock but ours, bounded in
 * memory, stack and run time. Everything that is thrown inside comes out as a ScriptFault, everything else as
 * SandboxBroken.
 */
export class Sandbox<Message = FromGuest> {
  readonly #options: SandboxOptions<Message>
  readonly #budget: RunBudget
  readonly #runtime: QuickJSRuntime
  readonly #context: QuickJSContext
  readonly #rejections: Rejections
  #guest: { start: QuickJSHandle; plan: QuickJSHandle; enter: QuickJSHandle; describe: QuickJSHandle } | undefined
  /** The interrupt was given: however the script takes it, it ends here. */
  #interrupted = false
  /** An exception in a function that the guest called. It cannot be thrown through QuickJS. */
  #hostFailure: unknown
  /** What came out of the guest is not what our library sends: the script has reached into it. */
  #tampered = false
  readonly #modules: ScriptModules

  constructor(options: SandboxOptions<Message>) {
    const { engine, limits } = options
    this.#options = options
    this.#budget = new RunBudget(limits.run)
    this.#runtime = engine.newRuntime()
    this.#runtime.setMaxStackSize(limits.stack)
    this.#runtime.setInterruptHandler(() => {
      if (this.#budget.poll()) this.#interrupted = true
      return this.#interrupted
    })
    this.#modules = new ScriptModules(options.source, library, (path, from) => options.host.read(path, from), limits.of)
    this.#runtime.setModuleLoader(
      (name) => this.#load(name),
      (base, name) => this.#modules.resolve(base, name),
    )
    this.#context = this.#runtime.newContext()
    this.#rejections = engine.rejections.watch(this.#runtime, this.#context)
  }

  /**
   * Evaluates the script and runs its factory.
   *
   * @param code the script without its types
   * @throws ScriptFault, SandboxBroken
   */
  start(code: string): ClientSettings {
    return this.#read(clientSettings, this.#evaluate(code, 'start'))
  }

  /**
   * Evaluates the script, instead of `start`.
   *
   * @param evaluated hears that its text is without mistakes: what is thrown from then on, a fleet's options are to blame for
   * @returns what it says of a load fleet; undefined when its default export is none
   * @throws ScriptFault, SandboxBroken
   */
  plan(code: string, evaluated: () => void): LoadPlan | undefined {
    return this.#read(v.nullable(loadPlan), this.#evaluate(code, 'plan', evaluated)) ?? undefined
  }

  /**
   * Evaluates the script of a scenario, instead of `start`.
   *
   * @returns its static part, as it was written
   * @throws ScriptFault, SandboxBroken
   */
  draft(code: string): ScenarioDraft {
    return this.#read(scenarioDraft, this.#evaluate(code, 'plan'))
  }

  /** Where a frame of a stack that QuickJS has made lies in a file of the script's author; undefined for any other file. */
  placeOf(frame: Place): Place | undefined {
    const text = this.#modules.textOf(frame.file)
    return text === undefined ? undefined : { ...frame, column: unitColumn(text, frame.line, frame.column) }
  }

  /** Gives the JSON with which the guest answers to the script's default export. */
  #evaluate(code: string, ask: 'start' | 'plan', evaluated?: () => void): string {
    this.#run(() => this.#installHost())
    this.#runtime.setMemoryLimit(this.#options.limits.memory)
    const script = this.#run(() =>
      this.#unwrap(this.#context.evalCode(code, this.#options.source.file, { type: 'module' })),
    )
    return this.#run(() => {
      const candidate = this.#defaultExport(script)
      evaluated?.()
      const result = this.#context.callFunction(this.#entries[ask], this.#context.undefined, candidate)
      candidate.dispose()
      return this.#unwrap(result).consume((handle) => this.#context.getString(handle))
    })
  }

  /**
   * Tells the script of an event and lets all that follows from it run.
   *
   * @throws ScriptFault, SandboxBroken
   */
  enter(event: ToGuest | ToScenario, octets?: Uint8Array): void {
    const { limits, source } = this.#options
    if (octets !== undefined && octets.length > limits.memory / 4) {
      throw fault(
        source,
        `a message of ${octets.length} octets is too big for the ${megabytes(limits.memory)} of ${limits.of}`,
      )
    }
    this.#run(() => {
      const args = this.#withMemory(-1, () => {
        const json = this.#context.newString(JSON.stringify(event))
        if (octets === undefined) return [json]
        // A copy of exactly these octets: a Buffer's own `buffer` holds its neighbours too, and its `slice` does not copy.
        return [json, this.#context.newArrayBuffer(new Uint8Array(octets).buffer)]
      })
      const result = this.#context.callFunction(this.#entries.enter, this.#context.undefined, ...args)
      for (const arg of args) arg.dispose()
      this.#unwrap(result).dispose()
    })
  }

  /** Frees everything. Must not be called while the guest runs, nor after SandboxBroken. */
  dispose(): void {
    this.#rejections.dispose()
    if (this.#guest !== undefined) for (const entry of Object.values(this.#guest)) entry.dispose()
    this.#context.dispose()
    this.#runtime.dispose()
  }

  get #entries() {
    if (this.#guest === undefined) throw new SandboxBroken('the guest has not handed over its ways in')
    return this.#guest
  }

  /** One visit to the guest: from here until all of its jobs have run. */
  #run<T>(visit: () => T): T {
    const { engine, limits, source } = this.#options
    this.#budget.start()
    this.#options.enter()
    try {
      const result = visit()
      this.#runJobs()
      this.#refuseUnhandled()
      if (this.#interrupted) throw fault(source, overtime(limits.run))
      if (this.#tampered) throw this.#brokenLibrary()
      // Caught or not: QuickJS loses a promise's job where there is no memory for it, and nobody would ever hear of that.
      if (engine.ranOutOfMemory(this.#runtime)) throw fault(source, outOfMemory(limits))
      if (this.#hostFailure !== undefined) throw this.#hostFailure
      return result
    } catch (error) {
      // What the host failed at goes before what the script made of it.
      if (this.#hostFailure === undefined && error instanceof ScriptFault) throw error
      throw new SandboxBroken(messageOf(this.#hostFailure ?? error), { cause: error })
    } finally {
      this.#options.leave()
    }
  }

  #runJobs(): void {
    // In portions, so that a chain of promises that never ends is seen between them even if no job polls.
    while (!this.#interrupted && this.#runtime.hasPendingJob()) {
      const result = this.#runtime.executePendingJobs(500)
      if (result.error) {
        const { error } = result
        throw this.#faultOf(error)
      }
      if (this.#budget.poll()) this.#interrupted = true
    }
  }

  /** Nobody awaits or catches these: they are errors of the script, unless it was a connection that ended. */
  #refuseUnhandled(): void {
    let first: ScriptFault | undefined
    for (const promise of this.#rejections.take()) {
      const state = this.#context.getPromiseState(promise)
      promise.dispose()
      if (state.type !== 'rejected') continue
      if (first === undefined) first = this.#faultOf(state.error, true)
      else state.error.dispose()
    }
    if (first !== undefined) throw first
  }

  #unwrap(result: ReturnType<QuickJSContext['callFunction']>): QuickJSHandle {
    if (result.error) throw this.#faultOf(result.error)
    return result.value
  }

  #faultOf(reason: QuickJSHandle): ScriptFault
  #faultOf(reason: QuickJSHandle, forgiving: true): ScriptFault | undefined
  /** Puts what was thrown into words and disposes of it. With `forgiving`, a lost connection is no fault. */
  #faultOf(reason: QuickJSHandle, forgiving = false): ScriptFault | undefined {
    const { limits, source } = this.#options
    // Taken before describing, which has a budget and memory of its own.
    const overtime = this.#interrupted
    const full = this.#options.engine.ranOutOfMemory(this.#runtime)
    const description = this.#describe(reason)
    this.#interrupted = overtime
    if (forgiving && description.lost) return undefined
    // Whatever the script has made of the interrupt, or of a call that was not carried out any more.
    if (overtime)
      return faultOf({ ...description, name: 'InternalError', message: 'interrupted' }, this.#modules, limits)
    // With no memory left, QuickJS has no error to throw and throws null.
    if (full && description.message === 'threw null') return fault(source, outOfMemory(limits))
    return faultOf(description, this.#modules, limits)
  }

  /** Asks the guest what was thrown, with a little memory and time of its own: the script may have used up its share. */
  #describe(reason: QuickJSHandle): Thrown {
    this.#interrupted = false
    this.#budget.start()
    const description = this.#withMemory(this.#options.limits.memory + describeMemory, () => {
      if (this.#guest === undefined) return undefined
      const result = this.#context.callFunction(this.#guest.describe, this.#context.undefined, reason)
      if (result.error) {
        result.error.dispose()
        return undefined
      }
      return result.value.consume((handle) => this.#context.getString(handle))
    })
    reason.dispose()
    const unknown: Thrown = { message: 'threw something that cannot be shown', name: '', lost: false }
    return description === undefined ? unknown : this.#read(thrown, description)
  }

  /** Under another limit, in octets; -1 is none, and only for what no script can influence. */
  #withMemory<T>(limit: number, work: () => T): T {
    this.#runtime.setMemoryLimit(limit)
    try {
      return work()
    } finally {
      this.#runtime.setMemoryLimit(this.#options.limits.memory)
    }
  }

  /** What comes out of the guest is the script's word: one that does not fit is the script's fault. */
  #read<T>(schema: v.GenericSchema<unknown, T>, json: string): T {
    const result = v.safeParse(schema, parseJson(json))
    if (result.success) return result.output
    throw this.#brokenLibrary()
  }

  #brokenLibrary(): ScriptFault {
    return fault(this.#options.source, 'the script has changed a part of JavaScript that its library needs')
  }

  #load(name: string): Answer {
    return name === library ? this.#options.guest : this.#answer(() => this.#modules.load(name))
  }

  /** What the host fails at is kept until the visit ends, as in `#function`. */
  #answer(run: () => Answer): Answer {
    try {
      return run()
    } catch (error) {
      this.#hostFailure = error
      return { error: new Error('the host has failed') }
    }
  }

  #defaultExport(module: QuickJSHandle): QuickJSHandle {
    const state = this.#context.getPromiseState(module)
    if (state.type === 'pending') {
      module.dispose()
      throw fault(
        this.#options.source,
        'waits at the top level for something that does not come; await inside a callback',
      )
    }
    if (state.type === 'rejected') {
      module.dispose()
      throw this.#faultOf(state.error)
    }
    const namespace = state.value
    const candidate = this.#context.getProp(namespace, 'default')
    namespace.dispose()
    if (module.alive) module.dispose()
    if (this.#context.typeof(candidate) !== 'undefined') return candidate
    candidate.dispose()
    const start = { line: 1, column: 1 }
    const { limits } = this.#options
    throw fault(
      this.#options.source,
      `has no default export; ${limits.of === 'a device' ? "a device's script" : 'a scenario'} needs \`export default ${limits.of.slice(2)}(...)\``,
      start,
    )
  }

  /** Evaluates our own library, which takes the host's functions and gives its ways in. */
  #installHost(): void {
    const context = this.#context
    const functions = new HostFunctions(context, this.#options.host, this.#options.speech, library, {
      begin: () => {
        // QuickJS polls by what it does itself: a script that does little but call the host would have many times its time.
        if (this.#budget.poll()) this.#interrupted = true
        return !this.#interrupted
      },
      end: () => {
        if (this.#budget.pollHost()) this.#interrupted = true
      },
      anew: () => this.#anew(),
      failed: (error) => {
        this.#hostFailure = error
      },
      tampered: () => {
        this.#tampered = true
      },
      install: (guest) => this.#takeGuest(guest),
    })
    functions.object().consume((object) => context.setProp(context.global, 'faultlineHost', object))
    const result = context.evalCode(`import '${library}'`, '<start>', { type: 'module' })
    if (result.error)
      throw new SandboxBroken(`the library does not start: ${JSON.stringify(context.dump(result.error))}`)
    result.value.dispose()
  }

  #takeGuest(guest: QuickJSHandle): void {
    if (this.#guest !== undefined) return
    const entry = (name: string) => this.#context.getProp(guest, name)
    this.#guest = { start: entry('start'), plan: entry('plan'), enter: entry('enter'), describe: entry('describe') }
  }

  /** As if the visit had just begun. A script can bring this about once for each library. */
  #anew(): void {
    this.#options.leave()
    this.#options.enter()
    this.#budget.start()
  }
}
