import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { newQuickJSWASMModuleFromVariant, newVariant, type QuickJSRuntime, RELEASE_SYNC } from 'quickjs-emscripten'
import { MemoryLimit } from './memory-limit.ts'
import type { Native } from './native.ts'
import { RejectionHook } from './rejections.ts'
import { exportFunctionTable } from './wasm-binary.ts'

/** QuickJS, loaded once for each worker. Every device has a runtime of its own in it. */
export interface Engine {
  readonly rejections: RejectionHook
  /** A runtime whose memory limit counts octets; none is set yet. */
  newRuntime(): QuickJSRuntime
  memoryUsed(runtime: QuickJSRuntime): number
  /** Whether the memory limit was reached since this was last asked. */
  ranOutOfMemory(runtime: QuickJSRuntime): boolean
}

/** @throws Error when QuickJS is not the build that is known here */
export async function loadEngine(): Promise<Engine> {
  const native = await loadNative()
  const memoryLimit = new MemoryLimit(native)
  return {
    rejections: new RejectionHook(native),
    newRuntime() {
      const runtime = native.quickjs.newRuntime()
      memoryLimit.enforce(runtime)
      return runtime
    },
    memoryUsed: (runtime) => memoryLimit.used(runtime),
    ranOutOfMemory: (runtime) => memoryLimit.hasRefused(runtime),
  }
}

async function loadNative(): Promise<Native> {
  const path = createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm')
  const module = await WebAssembly.compile(exportFunctionTable(await readFile(path), 'table'))
  let instance: WebAssembly.Instance | undefined
  const variant = newVariant(RELEASE_SYNC, {
    emscriptenModule: {
      async instantiateWasm(imports, onSuccess) {
        instance = await WebAssembly.instantiate(module, imports)
        onSuccess(instance)
        return instance.exports
      },
    },
  })
  const quickjs = await newQuickJSWASMModuleFromVariant(variant)
  const table = instance?.exports['table']
  if (!(table instanceof WebAssembly.Table)) throw new Error('QuickJS was loaded without its function table')
  return { quickjs, table, memory: quickjs.getWasmMemory() }
}
