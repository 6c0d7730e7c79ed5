import type { QuickJSRuntime } from 'quickjs-emscripten'
import { addToTable, type Native, unknownBuild, wordsOf } from './native.ts'
import { assemble, op, type SmallFunction, valueType } from './wasm-binary.ts'

/**
 * Makes QuickJS's memory limit count octets. Compiled by Emscripten, QuickJS cannot ask its allocator how big a block
 * is, takes it for 0, and so counts 8 octets for each block whatever its size: under a limit of 4 MB a script can have
 * gigabytes, until the memory that all devices of the worker share is used up
 * (justjake/quickjs-emscripten#271, seen here too). A runtime's allocator is three function pointers, next to the limit;
 * ours call the old ones and add what the block's own header says. That all of this is where it is thought to be, is
 * tried before any script runs.
 */
export class MemoryLimit {
  readonly #native: Native
  /** Where in a runtime the limit is. Before it: the sum, the count, and the functions. */
  readonly #word: number
  readonly #pointers: readonly number[]

  /** @throws Error when this build of QuickJS is laid out differently */
  constructor(native: Native) {
    this.#native = native
    const runtime = native.quickjs.newRuntime()
    try {
      const mark = 0x00345678
      runtime.setMemoryLimit(mark)
      const words = wordsOf(native, runtime)
      this.#word = words.indexOf(mark)
      if (this.#word < 6) throw unknownBuild('its memory limit')
      this.#pointers = addToTable(native, this.#accountants([...words.subarray(this.#word - 6, this.#word - 3)]))
    } finally {
      runtime.dispose()
    }
    this.#try()
  }

  /** To be called before the runtime has a context. The limit itself is set as ever. */
  enforce(runtime: QuickJSRuntime): void {
    wordsOf(this.#native, runtime).set(this.#pointers, this.#word - 6)
  }

  /** Octets that a runtime has allocated. */
  used(runtime: QuickJSRuntime): number {
    return wordsOf(this.#native, runtime)[this.#word - 1] as number
  }

  /**
   * Whether the limit has refused memory since this was last asked. With no memory left QuickJS may have no error to
   * throw, and throws null.
   */
  hasRefused(runtime: QuickJSRuntime): boolean {
    const words = wordsOf(this.#native, runtime)
    const refused = words[this.#word + 1] !== 0
    words[this.#word + 1] = 0
    return refused
  }

  #accountants(pointers: readonly number[]): unknown[] {
    const [malloc, free, realloc] = pointers.map((pointer) => this.#native.table.get(pointer))
    const { i32 } = valueType
    const imports = [
      { name: 'malloc', parameters: [i32, i32], results: [i32] },
      { name: 'free', parameters: [i32, i32], results: [] },
      { name: 'realloc', parameters: [i32, i32, i32], results: [i32] },
    ]
    const module = new WebAssembly.Module(assemble(imports, true, accountants))
    const { exports } = new WebAssembly.Instance(module, {
      host: { malloc, free, realloc, memory: this.#native.memory },
    })
    return accountants.map(({ name }) => exports[name])
  }

  /** Fills a runtime until it is full, and looks whether that was at the limit. */
  #try(): void {
    const limit = 2 * 1024 * 1024
    const runtime = this.#native.quickjs.newRuntime()
    this.enforce(runtime)
    const context = runtime.newContext()
    runtime.setMemoryLimit(limit)
    const result = context.evalCode(`{
      const held = []
      try { while (held.length < 1000) held.push(new Uint8Array(100_000)) } catch {}
      held.length
    }`)
    const held = result.error ? -1 : context.getNumber(result.value)
    const used = this.used(runtime)
    const refused = this.hasRefused(runtime)
    result.dispose()
    context.dispose()
    runtime.dispose()
    const expected = Math.floor(limit / 100_000)
    if (held > expected || held < expected - 5 || used > limit || !refused) throw unknownBuild('its allocator')
  }
}

/** In the allocator's state: how much is allocated, how much may be, and a word that QuickJS's own functions leave alone. */
const sum = 4
const limit = 8
const refusals = 12

/** dlmalloc keeps the size of a block, with three flags, in the word before it, and that word belongs to the block. */
function sizeOf(block: number): number[] {
  return [
    ...op.get(block),
    ...op.small(4),
    ...op.subtract,
    ...op.load(0),
    ...op.clearFlags,
    ...op.small(4),
    ...op.subtract,
  ]
}

/** Adds to the sum, or takes from it, what the code leaves on the stack. The state is always the first parameter. */
function account(change: readonly number[], how: readonly number[]): number[] {
  return [...op.get(0), ...op.get(0), ...op.load(sum), ...change, ...how, ...op.store(sum)]
}

function refuseOver(request: readonly number[]): number[] {
  const wanted = [...op.get(0), ...op.load(sum), ...request]
  const refuse = op.when(op.get(0), op.small(1), op.store(refusals), op.small(0), op.return)
  return [...wanted, ...op.get(0), ...op.load(limit), ...op.greater, ...refuse]
}

const { i32 } = valueType

/** (state, size), (state, block), (state, block, size), as QuickJS calls its allocator. */
const accountants: readonly SmallFunction[] = [
  {
    name: 'malloc',
    parameters: [i32, i32],
    results: [i32],
    locals: 1,
    code: [
      refuseOver([...op.get(1), ...op.add]),
      [...op.get(0), ...op.get(1), ...op.call(0), ...op.set(2)],
      [...op.get(2), ...op.when(account(sizeOf(2), op.add))],
      op.get(2),
    ],
  },
  {
    name: 'free',
    parameters: [i32, i32],
    results: [],
    locals: 0,
    code: [
      [...op.get(1), ...op.when(account(sizeOf(1), op.subtract))],
      [...op.get(0), ...op.get(1), ...op.call(1)],
    ],
  },
  {
    name: 'realloc',
    parameters: [i32, i32, i32],
    results: [i32],
    // 3 is the size before, 4 the new block. A realloc to nothing frees and gives no block; one that fails gives none
    // either, and the old block stays.
    locals: 2,
    code: [
      [...op.get(1), ...op.when(sizeOf(1), op.set(3))],
      refuseOver([...op.get(2), ...op.add, ...op.get(3), ...op.subtract]),
      [...op.get(0), ...op.get(1), ...op.get(2), ...op.call(2), ...op.set(4)],
      [...op.get(4), ...op.when(account([...sizeOf(4), ...op.add, ...op.get(3)], op.subtract))],
      [...op.get(2), ...op.isZero, ...op.when(account(op.get(3), op.subtract))],
      op.get(4),
    ],
  },
]
