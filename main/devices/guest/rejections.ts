import {
  type JSValuePointer,
  Lifetime,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
} from 'quickjs-emscripten'
import { addToTable, type Native, pointerOf, unknownBuild, wordsOf } from './native.ts'
import { assemble, op, valueType } from './wasm-binary.ts'

/**
 * Finds promises that were rejected and that nobody handles, as Node and browsers do. QuickJS has a hook for it
 * (`JS_SetHostPromiseRejectionTracker`), quickjs-emscripten does not pass it on, and nothing inside the sandbox can take
 * its place: the promise of an `async` function that is called without `await` is never seen by anybody, so its error
 * would vanish. The hook is a function pointer and lies in the runtime right behind the interrupt handler (and its
 * argument): where that is, is found out by setting one; that it works, is tried once before any script runs.
 */
export class RejectionHook {
  readonly #native: Native
  readonly #pointer: number
  readonly #word: number
  readonly #watched = new Map<number, Rejections>()

  /** @throws Error when this build of QuickJS keeps its hook somewhere else */
  constructor(native: Native) {
    this.#native = native
    this.#pointer = addToTable(native, [this.#trampoline()])[0] as number
    this.#word = this.#locate()
    this.#try()
  }

  watch(runtime: QuickJSRuntime, context: QuickJSContext): Rejections {
    const pointer = pointerOf(context, 'ctx')
    const rejections = new Rejections(this.#native, runtime, pointer, () => this.#watched.delete(pointer))
    this.#watched.set(pointer, rejections)
    wordsOf(this.#native, runtime)[this.#word] = this.#pointer
    return rejections
  }

  /** A function that QuickJS can call and that does nothing but call ours: a table takes none but WebAssembly's. */
  #trampoline(): unknown {
    const { i32, i64 } = valueType
    const parameters = [i32, i64, i64, i32, i32]
    const code = [...parameters.map((_, i) => op.get(i)), op.call(0)]
    const module = new WebAssembly.Module(
      assemble([{ name: 'changed', parameters, results: [] }], false, [
        { name: 'hook', parameters, results: [], locals: 0, code },
      ]),
    )
    const changed = (context: number, promise: bigint, _reason: bigint, handled: number) => {
      this.#watched.get(context)?.changed(promise, handled !== 0)
    }
    return new WebAssembly.Instance(module, { host: { changed } }).exports['hook']
  }

  #locate(): number {
    const runtime = this.#native.quickjs.newRuntime()
    const before = wordsOf(this.#native, runtime).slice()
    runtime.setInterruptHandler(() => false)
    const after = wordsOf(this.#native, runtime)
    const handler = before.findIndex((word, i) => word !== after[i])
    runtime.dispose()
    if (handler < 0) throw unknownBuild('its hook for unhandled rejections')
    return handler + 2
  }

  #try(): void {
    const runtime = this.#native.quickjs.newRuntime()
    const context = runtime.newContext()
    const rejections = this.watch(runtime, context)
    const unhandledAfter = (code: string): number => {
      context.unwrapResult(context.evalCode(code)).dispose()
      const promises = rejections.take()
      for (const promise of promises) promise.dispose()
      return promises.length
    }
    const works =
      unhandledAfter('Promise.reject(1); 0') === 1 &&
      unhandledAfter('Promise.reject(1).catch(() => {}); 0') === 0 &&
      unhandledAfter('Promise.resolve(1); 0') === 0
    rejections.dispose()
    context.dispose()
    runtime.dispose()
    if (!works) throw unknownBuild('its hook for unhandled rejections')
  }
}

/** The rejected promises of one sandbox that are not handled yet. */
export class Rejections {
  readonly #native: Native
  readonly #runtime: QuickJSRuntime
  readonly #context: number
  readonly #forget: () => void
  readonly #promises = new Map<bigint, QuickJSHandle>()

  constructor(native: Native, runtime: QuickJSRuntime, context: number, forget: () => void) {
    this.#native = native
    this.#runtime = runtime
    this.#context = context
    this.#forget = forget
  }

  changed(promise: bigint, handled: boolean): void {
    if (!handled) {
      // Holding the promise also keeps its address from being used again by another one.
      this.#promises.set(promise, this.#hold(promise))
      return
    }
    this.#promises.get(promise)?.dispose()
    this.#promises.delete(promise)
  }

  /** Hands over the promises that are unhandled now; the caller disposes of them. */
  take(): QuickJSHandle[] {
    const promises = [...this.#promises.values()]
    this.#promises.clear()
    return promises
  }

  /** To be called before the context is disposed of. */
  dispose(): void {
    for (const promise of this.take()) promise.dispose()
    this.#forget()
  }

  /** A handle of a value that is known by its bits alone: QuickJS copies it from a slot that holds those bits. */
  #hold(value: bigint): QuickJSHandle {
    const ffi = this.#native.quickjs.getFFI()
    const context = this.#context as Parameters<typeof ffi.QTS_NewFloat64>[0]
    const slot = ffi.QTS_NewFloat64(context, 0)
    const words = () => new BigInt64Array(this.#native.memory.buffer)
    const number = words()[slot / 8] as bigint
    words()[slot / 8] = value
    const copy = ffi.QTS_DupValuePointer(context, slot)
    words()[slot / 8] = number
    ffi.QTS_FreeValuePointer(context, slot)
    return new Lifetime<JSValuePointer, JSValuePointer, QuickJSRuntime>(
      copy,
      (pointer) => ffi.QTS_DupValuePointer(context, pointer),
      (pointer) => ffi.QTS_FreeValuePointer(context, pointer),
      this.#runtime,
    )
  }
}
