import type { DeviceState } from '../../../app/device/device-snapshot.ts'
import type { StateCount } from '../../state/fleets.ts'
import { isDirty, type ScriptDocument } from '../../state/script-documents.ts'
import type { DotTone } from '../../ui/dot.tsx'
import { formatCount, formatPlural } from '../../ui/format.ts'
import { stateTones } from './state-path.ts'

/** Who runs a script, and how they are. */
export interface ScriptRunners {
  /** Devices by state; a script of a load fleet has none. */
  readonly devices: readonly StateCount[]
  /** Load clients by state. */
  readonly clients: readonly StateCount[]
  /** Devices and fleets that a mistake in this file has stopped. */
  readonly failures: number
  /** Type errors in what the editor shows. */
  readonly typeErrors: number
}

export interface ScriptStatus {
  readonly tone: DotTone
  readonly text: string
}

/** What stands in the head of the script pane: never better than what is true. */
export function describeScript(document: ScriptDocument, runners: ScriptRunners): ScriptStatus {
  if (document.state === 'loading') return { tone: 'grey', text: 'reading …' }
  if (document.state === 'unreadable') return { tone: 'red', text: 'cannot be read' }
  if (document.saving) return { tone: 'amber', text: 'saving …' }
  if (isDirty(document)) return { tone: 'amber', text: 'changed · not saved' }
  const { clients, devices, failures, typeErrors } = runners
  const total = countOf(devices)
  if (failures > 0) return { tone: 'red', text: `${failed(failures, total)} · saved` }
  const states = total > 0 ? devices : clients
  const running = describeStates(states, total > 0 ? 'device' : 'load client')
  if (running === undefined)
    return { tone: 'grey', text: isScript(document.path) ? 'no device runs it · saved' : 'saved' }
  // It runs with them all the same; but green would say that all is well.
  if (running.tone === 'green' && typeErrors > 0) return { ...running, tone: 'amber' }
  return running
}

function describeStates(states: readonly StateCount[], who: string): ScriptStatus | undefined {
  const total = countOf(states)
  if (total === 0) return undefined
  const on = formatPlural(total, who)
  const tone = worstTone(states)
  if (states.every(({ state }) => state === 'online')) return { tone, text: `running on ${on} · saved` }
  if (total === 1) return { tone, text: `on ${on}: ${states[0]?.state}` }
  return { tone, text: `on ${on}: ${states.map(({ state, count }) => `${formatCount(count)} ${state}`).join(' · ')}` }
}

/** Of several states the worst; devices that are off by intent do no harm to those that run. */
function worstTone(states: readonly StateCount[]): DotTone {
  const tones = new Set(states.map(({ state }: { readonly state: DeviceState }) => stateTones[state]))
  return (['red', 'amber', 'green'] as const).find((tone) => tones.has(tone)) ?? 'grey'
}

function failed(failures: number, total: number): string {
  if (total === 0) return 'script error'
  return total > failures
    ? `failed on ${formatCount(failures)} of ${formatPlural(total, 'device')}`
    : `failed on ${formatPlural(failures, 'device')}`
}

function countOf(states: readonly StateCount[]): number {
  return states.reduce((sum, { count }) => sum + count, 0)
}

/** Modules and schemas are used by scripts, not run by devices. */
function isScript(path: string): boolean {
  return path.endsWith('.device.ts')
}
