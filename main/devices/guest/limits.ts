import type { Thrown } from '../../../app/script-api/crossing.ts'
import {
  fault,
  findImport,
  findImportedName,
  findOption,
  readStack,
  type ScriptFault,
  type ScriptSource,
} from './script-source.ts'

/** What one device may use. */
export interface Limits {
  /** Octets. */
  readonly memory: number
  /** Octets of QuickJS's own stack. */
  readonly stack: number
  /** Milliseconds of run time before it must yield. */
  readonly run: number
}

export const defaultLimits: Limits = { memory: 4 * 1024 * 1024, stack: 128 * 1024, run: 250 }

export function megabytes(octets: number): string {
  return `${octets / 1024 / 1024} MB`
}

/** @param run milliseconds */
export function overtime(run: number): string {
  return `ran for ${run} ms without coming to an end; is there an endless loop?`
}

/** @param memory octets */
export function outOfMemory(memory: number): string {
  return `needs more memory than a device has (${megabytes(memory)})`
}

/**
 * Says what a script has done wrong, and where: what QuickJS throws when a limit is reached, or a module is not there,
 * means nothing to who does not know it.
 */
export function faultOf(
  { message, name, option, stack }: Thrown,
  source: ScriptSource,
  limits: Limits,
  refusedImports: ReadonlySet<string>,
): ScriptFault {
  const { position, frames } = readStack(source, stack ?? '')
  const specifier = /^cannot import '(.*)'$/s.exec(message)?.[1]
  if (specifier !== undefined && refusedImports.has(specifier)) {
    const text = `cannot import '${specifier}': a device's script can import only 'faultline'`
    return fault(source, text, findImport(source, specifier) ?? position)
  }
  const missing = /^Could not find export '(.+)' in module 'faultline'$/.exec(message)?.[1]
  if (missing !== undefined) {
    const hint = `'faultline' has no '${missing}' to import; if it is a type, write 'import type'`
    return fault(source, hint, findImportedName(source, missing))
  }
  const where = position ?? (option === undefined ? undefined : findOption(source, option))
  return fault(source, plain(name, message, limits), where, frames === '' ? undefined : frames)
}

function plain(name: string, message: string, limits: Limits): string {
  if (name === 'InternalError') {
    if (message === 'interrupted') return overtime(limits.run)
    if (message.startsWith('out of memory')) return outOfMemory(limits.memory)
    if (message === 'stack overflow') return 'calls itself too deep: the stack has overflowed'
  }
  return ['', 'Error', 'FaultlineError'].includes(name) ? message : `${name}: ${message}`
}
