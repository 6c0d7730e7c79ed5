import type { QuickJSContext, QuickJSRuntime, QuickJSWASMModule } from 'quickjs-emscripten'

/** QuickJS as WebAssembly: what the library wraps, for the two things that it does not offer. */
export interface Native {
  readonly quickjs: QuickJSWASMModule
  readonly memory: WebAssembly.Memory
  readonly table: WebAssembly.Table
}

/** Adds functions of WebAssembly to the table; gives the pointer by which QuickJS calls each. */
export function addToTable(native: Native, functions: readonly unknown[]): number[] {
  const first = native.table.grow(functions.length)
  return functions.map((value, i) => {
    native.table.set(first + i, value)
    return first + i
  })
}

/** The beginning of a runtime's own structure. Memory that grows gets a new buffer, so no view may be kept. */
export function wordsOf(native: Native, runtime: QuickJSRuntime): Uint32Array {
  return new Uint32Array(native.memory.buffer, pointerOf(runtime, 'rt'), 128)
}

/** Where QuickJS keeps a runtime or a context: the library knows, but does not say so in its types. */
export function pointerOf(owner: QuickJSRuntime | QuickJSContext, field: 'rt' | 'ctx'): number {
  const pointer = (owner as unknown as Record<typeof field, { readonly value: unknown }>)[field].value
  if (typeof pointer !== 'number') throw unknownBuild('where it keeps its runtimes')
  return pointer
}

export function unknownBuild(what: string): Error {
  return new Error(
    `this build of QuickJS is not the one that is known: ${what} is different. No script can be run safely.`,
  )
}
