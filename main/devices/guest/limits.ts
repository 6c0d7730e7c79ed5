import { insteadOf } from '../../../app/script-api/absent-names.ts'
import type { Thrown } from '../../../app/script-api/crossing.ts'
import type { ScriptModules, ScriptOwner } from './script-modules.ts'
import { fault, findOption, readStack, type ScriptFault } from './script-source.ts'

/** What one script may use. */
export interface Limits {
  readonly of: ScriptOwner
  /** Octets. */
  readonly memory: number
  /** Octets of QuickJS's own stack. */
  readonly stack: number
  /** Milliseconds of run time before it must yield. */
  readonly run: number
}

export const defaultLimits: Limits = { of: 'a device', memory: 4 * 1024 * 1024, stack: 128 * 1024, run: 250 }

/** A scenario is one of a few, and may gather what it has seen. */
export const scenarioLimits: Limits = { ...defaultLimits, of: 'a scenario', memory: 64 * 1024 * 1024 }

export function megabytes(octets: number): string {
  return `${octets / 1024 / 1024} MB`
}

/** @param run milliseconds */
export function overtime(run: number): string {
  return `ran for ${run} ms without coming to an end; is there an endless loop?`
}

export function outOfMemory({ memory, of }: Limits): string {
  return `needs more memory than ${of} has (${megabytes(memory)})`
}

/**
 * Says what a script has done wrong, and where: what QuickJS throws when a limit is reached, or a module does not have
 * what is imported from it, means nothing to who does not know it.
 */
export function faultOf({ message, name, option, stack }: Thrown, modules: ScriptModules, limits: Limits): ScriptFault {
  const known = modules.faultBehind(message)
  if (known !== undefined) return known
  const [, missing, module] = /^Could not find export '(.+)' in module '(.+)'$/.exec(message) ?? []
  if (missing !== undefined && module !== undefined) {
    const found = modules.findImportedName(module, missing)
    const hint = `'${module}' has no '${missing}' to import; if it is a type, write 'import type'`
    return fault(found?.source ?? modules.main, hint, found?.position)
  }
  const { place, frames } = readStack((file) => modules.textOf(file), stack ?? '')
  const where = place?.position ?? (option === undefined ? undefined : findOption(modules.main, option))
  return fault(place?.source ?? modules.main, plain(name, message, limits), where, frames === '' ? undefined : frames)
}

function plain(name: string, message: string, limits: Limits): string {
  if (name === 'InternalError') {
    if (message === 'interrupted') return overtime(limits.run)
    if (message.startsWith('out of memory')) return outOfMemory(limits)
    if (message === 'stack overflow') return 'calls itself too deep: the stack has overflowed'
  }
  const said = message === '' ? 'threw an error without a message' : message
  const absent = /^'([^']+)' is not defined$/.exec(message)?.[1]
  const instead = absent === undefined ? undefined : insteadOf(absent, limits.of)
  if (instead !== undefined) return `a script has no '${absent}': ${instead}`
  return ['', 'Error', 'FaultlineError', 'RefusedError'].includes(name) ? said : `${name}: ${said}`
}
