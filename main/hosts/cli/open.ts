import { FaultlineError } from '../../../app/base/errors.ts'
import { findOrFetchElectron } from '../electron/find-electron.ts'
import { runDesktop } from '../electron/run-desktop.ts'
import type { Installation } from '../installation.ts'
import { defaultPorts, type ServeArguments } from './arguments.ts'
import { noDisplay } from './display.ts'
import type { ExitCode } from './exit-codes.ts'
import { serve } from './serve.ts'
import type { Terminal } from './terminal.ts'

/** Opens the desktop window where one can be had; else says why not, in one line, and serves to the browser. */
export async function open(
  args: ServeArguments,
  installation: Installation,
  terminal: Terminal,
  exit: (code: ExitCode) => void,
): Promise<ExitCode> {
  const window = await openWindow(args, installation, terminal)
  if ('code' in window) return window.code as ExitCode
  terminal.say(`no desktop window (${window.missing}); serving the same workbench to the browser`)
  return await serve(args, installation, terminal, exit)
}

async function openWindow(
  args: ServeArguments,
  installation: Installation,
  terminal: Terminal,
): Promise<{ code: number } | { missing: string }> {
  const missing = noWindow(args)
  if (missing !== undefined) return { missing }
  const electron = await findOrFetchElectron(installation.desktop, process.env, terminal.say)
  if ('missing' in electron) return { missing: `Electron: ${electron.missing}` }
  const end = await runDesktop(electron.program, installation.desktop, desktopArguments(args))
  if ('crashed' in end) {
    throw new FaultlineError({ code: 'internal', message: end.crashed, hint: 'start with serve to use the browser' })
  }
  return 'code' in end ? end : { missing: `Electron: ${end.neverOpened}` }
}

function noWindow(args: ServeArguments): string | undefined {
  if (!args.open) return '--no-open'
  const display = noDisplay(process.platform, process.env)
  if (display !== undefined) return display
  // Chromium's sandbox cannot be had as root, and without it strangers' payloads would not be shown.
  return process.platform === 'linux' && process.getuid?.() === 0 ? 'Electron does not run as root' : undefined
}

function desktopArguments({ workspace, mqtt, target, ...listening }: ServeArguments): string[] {
  const { host, mqtts, ws, wss } = listening
  // The default is left out: where it is in use, the window asks instead of giving up.
  const port = mqtt === defaultPorts.mqtt ? [] : [`--mqtt=${mqtt}`]
  return [
    ...port,
    ...(workspace === undefined ? [] : [`--workspace=${workspace}`]),
    ...(target === undefined ? [] : [`--target=${target}`]),
    ...Object.entries({ host, mqtts, ws, wss }).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}=${value}`],
    ),
  ]
}
