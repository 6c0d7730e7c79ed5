/**
 * The part of WebAssembly's JavaScript interface that is used here. Node has it; its types come only with those of the
 * browser's DOM, which must not be visible in `main`.
 */
declare namespace WebAssembly {
  type Imports = Record<string, Record<string, unknown>>
  type Exports = Record<string, unknown>
  class Module {
    constructor(octets: Uint8Array)
  }
  class Instance {
    constructor(module: Module, imports?: Imports)
    readonly exports: Exports
  }
  class Memory {
    readonly buffer: ArrayBuffer
  }
  class Table {
    /** Gives the length before. */
    grow(by: number): number
    get(index: number): unknown
    set(index: number, value: unknown): void
  }
  function compile(octets: Uint8Array): Promise<Module>
  function instantiate(module: Module, imports?: Imports): Promise<Instance>
}
