/** The little that is needed of WebAssembly's binary format: adding an export, and writing very small modules. */

type Octets = readonly number[]

/** LEB128, as WebAssembly writes every length and index. */
export function unsigned(value: number): number[] {
  const low = value & 0x7f
  return value < 0x80 ? [low] : [low | 0x80, ...unsigned(Math.floor(value / 0x80))]
}

export const valueType = { i32: 0x7f, i64: 0x7e } as const

/** Instructions; locals and functions are by number, the parameters of a function are its first locals. */
export const op = {
  get: (local: number): Octets => [0x20, ...unsigned(local)],
  set: (local: number): Octets => [0x21, ...unsigned(local)],
  call: (index: number): Octets => [0x10, ...unsigned(index)],
  /** A small constant, from 0 to 63. */
  small: (value: number): Octets => [0x41, value],
  /** Takes an address from the stack. */
  load: (offset: number): Octets => [0x28, 2, ...unsigned(offset)],
  /** Takes an address and a value from the stack. */
  store: (offset: number): Octets => [0x36, 2, ...unsigned(offset)],
  add: [0x6a] as Octets,
  subtract: [0x6b] as Octets,
  /** Takes two numbers, and gives 1 where the first is greater, without sign. */
  greater: [0x4b] as Octets,
  isZero: [0x45] as Octets,
  /** Clears the lowest three bits. */
  clearFlags: [0x41, 0x78, 0x71] as Octets,
  return: [0x0f] as Octets,
  /** Takes a condition from the stack. */
  when: (...code: Octets[]): Octets => [0x04, 0x40, ...code.flat(), 0x0b],
}

export interface SmallFunction {
  readonly name: string
  readonly parameters: readonly number[]
  readonly results: readonly number[]
  /** How many i32 locals it has beside its parameters. */
  readonly locals: number
  readonly code: readonly Octets[]
}

export interface SmallImport {
  readonly name: string
  readonly parameters: readonly number[]
  readonly results: readonly number[]
}

/**
 * Writes a module that imports functions, and where asked for a `memory`, from `host`, and exports functions. Imported
 * functions come first in the numbering.
 */
export function assemble(imports: readonly SmallImport[], memory: boolean, functions: readonly SmallFunction[]) {
  const types = [...imports, ...functions].map(({ parameters, results }) => [
    0x60,
    ...list(parameters.map((type) => [type])),
    ...list(results.map((type) => [type])),
  ])
  const imported = imports.map(({ name }, i) => [...text('host'), ...text(name), 0, ...unsigned(i)])
  const bodies = functions.map(({ locals, code }) => {
    const body = [...(locals === 0 ? [0] : [1, ...unsigned(locals), valueType.i32]), ...code.flat(), 0x0b]
    return [...unsigned(body.length), ...body]
  })
  return joined(
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, list(types)),
    section(2, list(memory ? [...imported, [...text('host'), ...text('memory'), 2, 0, 0]] : imported)),
    section(3, list(functions.map((_, i) => unsigned(imports.length + i)))),
    section(7, list(functions.map(({ name }, i) => [...text(name), 0, ...unsigned(imports.length + i)]))),
    section(10, list(bodies)),
  )
}

/**
 * Adds the function table to what a module exports, under `name`. Nothing else of the module changes: only the export
 * section grows, and no other section refers to its position.
 *
 * @throws Error when the module has no export section
 */
export function exportFunctionTable(module: Uint8Array, name: string): Uint8Array<ArrayBuffer> {
  let at = 8
  while (at < module.length) {
    const size = readUnsigned(module, at + 1)
    const end = size.end + size.value
    if (module[at] === 7) {
      const count = readUnsigned(module, size.end)
      const table = [...text(name), 1, 0]
      const exported = [...unsigned(count.value + 1), ...module.subarray(count.end, end), ...table]
      return joined(module.subarray(0, at), section(7, exported), module.subarray(end))
    }
    at = end
  }
  throw new Error('the WebAssembly module exports nothing')
}

function list(items: readonly Octets[]): number[] {
  return [...unsigned(items.length), ...items.flat()]
}

function text(value: string): number[] {
  const octets = new TextEncoder().encode(value)
  return [...unsigned(octets.length), ...octets]
}

function section(id: number, body: Octets): number[] {
  return [id, ...unsigned(body.length), ...body]
}

function joined(...parts: (Uint8Array | Octets)[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function readUnsigned(octets: Uint8Array, start: number): { value: number; end: number } {
  let value = 0
  let at = start
  for (let shift = 0; ; shift += 7) {
    const octet = octets[at++] ?? 0
    value += (octet & 0x7f) * 2 ** shift
    if ((octet & 0x80) === 0) return { value, end: at }
  }
}
