import { examine, type Finding } from '../../workbench/doctor.ts'
import { systemClock } from '../../workbench/system-clock.ts'
import { findElectron } from '../electron/find-electron.ts'
import type { Installation } from '../installation.ts'
import { defaultPorts } from './arguments.ts'
import { noDisplay } from './display.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import type { DoctorArguments } from './init-arguments.ts'
import type { Terminal } from './terminal.ts'

/** Prints what was found on this machine, a line each with what to do, or all of it as JSON. */
export async function doctor(
  { json, workspace }: DoctorArguments,
  { desktop, guest, worker }: Installation,
  terminal: Terminal,
): Promise<ExitCode> {
  const findings = [
    ...(await examine({ clock: systemClock, workspace, ports: defaultPorts, assets: { guest, worker } })),
    desktopWindow(desktop),
  ]
  if (json) terminal.result(JSON.stringify(findings, null, 2))
  else for (const line of table(findings)) terminal.result(line)
  return findings.some(({ state }) => state === 'fail') ? exitCodes.environmentFailed : exitCodes.passed
}

function table(findings: readonly Finding[]): string[] {
  const width = Math.max(...findings.map(({ what }) => what.length))
  return findings.flatMap(({ advice, found, state, what }) => [
    `${what.padEnd(width)}  ${state.padEnd(4)}  ${found}`,
    ...(advice === '' ? [] : [`${' '.repeat(width + 8)}${advice}`]),
  ])
}

/** Whether `faultline open` has a window; nothing else needs one. */
function desktopWindow(desktop: URL): Finding {
  const what = 'desktop window'
  const electron = findElectron(desktop, process.env)
  const advice = 'nothing is missing but the window: faultline open serves the same workbench to the browser'
  if ('missing' in electron) {
    const found = `Electron: ${electron.missing}`
    return { what, state: 'warn', found, advice: `${advice}; npx install-electron fetches it` }
  }
  const none = noDisplay(process.platform, process.env)
  if (none !== undefined) return { what, state: 'warn', found: none, advice }
  return { what, state: 'ok', found: 'Electron is there', advice: '' }
}
