import type { Lifetime, QuickJSContext, QuickJSHandle, QuickJSRuntime } from 'quickjs-emscripten'
import * as v from 'valibot'
import { messageOf } from '../../../app/base/errors.ts'
import {
  type ClientSettings,
  clientSettings,
  type Fabricated,
  type FromGuest,
  fromGuest,
  type Thrown,
  type ToGuest,
  thrown,
} from '../../../app/script-api/crossing.ts'
import { RunBudget } from './budget.ts'
import type { Engine } from './engine.ts'
import { faultOf, type Limits, megabytes, outOfMemory, overtime } from './limits.ts'
import type { Rejections } from './rejections.ts'
import { fault, ScriptFault, type ScriptSource } from './script-source.ts'

/** What the sandbox asks of the device around it. None of it may enter the sandbox again before it has returned. */
export interface SandboxHost {
  readonly id: string
  readonly seed: string | number
  now(): number
  send(message: FromGuest, octets: Uint8Array | undefined): void
  fabricate(name: string, args: string): Fabricated
}

export interface SandboxOptions {
  readonly engine: Engine
  readonly host: SandboxHost
  /** The bundle of `app/script-api/guest.ts`. */
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
const utf8 = new TextDecoder()

/**
 * One device's script in a QuickJS runtime of its own: no Node, no network, no file, no clock but ours, bounded in
 * memory, stack and run time. Everything that is thrown inside comes out as a ScriptFault, everything else as
 * SandboxBroken.
 */
export class Sandbox {
  readonly #options: SandboxOptions
  readonly #budget: RunBudget
  readonly #runtime: QuickJSRuntime
  readonly #context: QuickJSContext
  readonly #rejections: Rejections
  #guest: { start: QuickJSHandle; enter: QuickJSHandle; describe: QuickJSHandle } | undefined
  /** The interrupt was given: however the script takes it, it ends here. */
  #interrupted = false
  /** An exception in a function that the guest called. It cannot be thrown through QuickJS. */
  #hostFailure: unknown
  /** What came out of the guest is not what our library sends: the script has reached into it. */
  #tampered = false
  readonly #refusedImports = new Set<string>()

  constructor(options: SandboxOptions) {
    const { engine, limits } = options
    this.#options = options
    this.#budget = new RunBudget(limits.run)
    this.#runtime = engine.newRuntime()
    this.#runtime.setMaxStackSize(limits.stack)
    this.#runtime.setInterruptHandler(() => {
      if (this.#budget.poll()) this.#interrupted = true
      return this.#interrupted
    })
    this.#runtime.setModuleLoader(
      (name) => this.#load(name),
      (_base, name) => name,
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
    this.#run(() => this.#installHost())
    this.#runtime.setMemoryLimit(this.#options.limits.memory)
    const script = this.#run(() =>
      this.#unwrap(this.#context.evalCode(code, this.#options.source.file, { type: 'module' })),
    )
    const settings = this.#run(() => {
      const candidate = this.#defaultExport(script)
      const result = this.#context.callFunction(this.#entries.start, this.#context.undefined, candidate)
      candidate.dispose()
      return this.#unwrap(result).consume((handle) => this.#context.getString(handle))
    })
    return this.#read(clientSettings, settings)
  }

  /**
   * Tells the script of an event and lets all that follows from it run.
   *
   * @throws ScriptFault, SandboxBroken
   */
  enter(event: ToGuest, octets?: Uint8Array): void {
    const { limits, source } = this.#options
    if (octets !== undefined && octets.length > limits.memory / 4) {
      throw fault(
        source,
        `a message of ${octets.length} octets is too big for the ${megabytes(limits.memory)} of a device`,
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
    this.#budget.start()
    this.#options.enter()
    try {
      const result = visit()
      this.#runJobs()
      this.#refuseUnhandled()
      if (this.#interrupted) throw fault(this.#options.source, overtime(this.#options.limits.run))
      if (this.#tampered) throw this.#brokenLibrary()
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
    // With no memory left, QuickJS has no error to throw and throws null.
    if (full && description.message === 'threw null') return fault(source, outOfMemory(limits.memory))
    return faultOf(description, source, limits, this.#refusedImports)
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

  #load(name: string): string | { error: Error } {
    if (name === library) return this.#options.guest
    this.#refusedImports.add(name)
    return { error: new Error(`cannot import '${name}'`) }
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
    throw fault(
      this.#options.source,
      "has no default export; a device's script needs `export default device(...)`",
      start,
    )
  }

  /** Evaluates our own library, which takes the host's functions and gives its ways in. */
  #installHost(): void {
    const context = this.#context
    const { host } = this.#options
    const object = context.newObject()
    const set = (name: string, value: QuickJSHandle) => value.consume((handle) => context.setProp(object, name, handle))
    set('id', context.newString(host.id))
    set('seed', typeof host.seed === 'number' ? context.newNumber(host.seed) : context.newString(host.seed))
    set(
      'now',
      this.#function('now', () => context.newNumber(host.now())),
    )
    set(
      'send',
      this.#function('send', (message, octets) => this.#receive(message, octets)),
    )
    set(
      'decode',
      this.#function('decode', (octets) => context.newString(JSON.stringify(utf8.decode(this.#octets(octets))))),
    )
    set(
      'fabricate',
      this.#function('fabricate', (name, args) =>
        context.newString(JSON.stringify(host.fabricate(this.#text(name), this.#text(args)))),
      ),
    )
    set(
      'install',
      this.#function('install', (guest) => this.#takeGuest(guest)),
    )
    context.setProp(context.global, 'faultlineHost', object)
    object.dispose()
    const result = context.evalCode(`import '${library}'`, '<start>', { type: 'module' })
    if (result.error)
      throw new SandboxBroken(`the library does not start: ${JSON.stringify(context.dump(result.error))}`)
    result.value.dispose()
  }

  #takeGuest(guest: QuickJSHandle | undefined): undefined {
    if (guest === undefined || this.#guest !== undefined) return
    const entry = (name: string) => this.#context.getProp(guest, name)
    this.#guest = { start: entry('start'), enter: entry('enter'), describe: entry('describe') }
  }

  #receive(message: QuickJSHandle | undefined, octets: QuickJSHandle | undefined): undefined {
    const read = v.safeParse(fromGuest, parseJson(this.#text(message)))
    const payload =
      octets === undefined || this.#context.typeof(octets) === 'undefined' ? undefined : this.#octets(octets)
    if (read.success) this.#options.host.send(read.output, payload)
    else this.#tampered = true
  }

  #text(handle: QuickJSHandle | undefined): string {
    return handle !== undefined && this.#context.typeof(handle) === 'string' ? this.#context.getString(handle) : ''
  }

  #octets(handle: QuickJSHandle | undefined): Uint8Array {
    if (handle === undefined) return new Uint8Array(0)
    let buffer: Lifetime<Uint8Array>
    try {
      buffer = this.#context.getArrayBuffer(handle)
    } catch {
      // The only way to learn that this is no ArrayBuffer: our library sends nothing else.
      this.#tampered = true
      return new Uint8Array(0)
    }
    return buffer.consume((lifetime) => lifetime.value.slice())
  }

  /** A function for the guest. What it throws must not pass through QuickJS: it is kept until the visit ends. */
  #function(name: string, run: (...args: (QuickJSHandle | undefined)[]) => QuickJSHandle | undefined): QuickJSHandle {
    return this.#context.newFunction(name, (...args) => {
      try {
        return run(...args)
      } catch (error) {
        this.#hostFailure = error
        return this.#context.undefined
      }
    })
  }
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    // No schema accepts undefined.
    return undefined
  }
}
