import { fileURLToPath } from 'node:url'
import { messageOf } from '../../../app/base/errors.ts'
import { systemClock } from '../../workbench/system-clock.ts'
import { startWorkbench } from '../../workbench/workbench.ts'
import type { Installation } from '../installation.ts'
import { startWebHost } from '../web/web-host.ts'
import type { ServeArguments } from './arguments.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { openBrowser } from './open-browser.ts'
import { stopRequest } from './stop-request.ts'
import type { Terminal } from './terminal.ts'

/** How long the parts may take to stop, in milliseconds, before they are left behind. */
const stopGrace = 1700

/**
 * Runs the workbench for the browser until somebody stops it.
 * @param exit ends the process at once
 * @throws FaultlineError when it cannot start: `port-in-use`, `not-found`, `invalid-argument`, `file-unreadable`
 */
export async function serve(
  { workspace, mqtt, http, open, target }: ServeArguments,
  installation: Installation,
  terminal: Terminal,
  exit: (code: ExitCode) => void,
): Promise<ExitCode> {
  const stop = stopRequest({ secondSignal: () => exit(exitCodes.passed), error: terminal.complain })
  const workbench = await startWorkbench({
    workspace: workspace ?? fileURLToPath(installation.simulations),
    mqtt: { host: '127.0.0.1', port: mqtt },
    target,
    assets: { worker: installation.worker, guest: installation.guest },
    templates: installation.templates,
    clock: systemClock,
    version: installation.version,
    log: terminal.say,
  })
  const host = await startWebHost({
    workbench,
    port: http,
    webRoot: installation.webRoot,
    onProblem: (error) => terminal.say(`the connection of a page: ${messageOf(error)}`),
  }).catch(async (error: unknown) => {
    await workbench.close()
    throw error
  })
  terminal.result(`ready ${workbench.mqttUrl} ${host.url}`)
  if (open) openBrowser(host.url, terminal.say)
  const request = await stop
  await withinGrace([host.close(), workbench.close()], terminal)
  return request === 'asked' ? exitCodes.passed : exitCodes.environmentFailed
}

/** Waits for all parts, but never longer than the grace: what was asked to stop has to stop. */
async function withinGrace(parts: Promise<void>[], terminal: Terminal): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      terminal.say(`not everything stopped within ${stopGrace} ms; it is left behind`)
      resolve()
    }, stopGrace)
  })
  const done = Promise.allSettled(parts).then((results) => {
    for (const result of results) if (result.status === 'rejected') terminal.complain(result.reason)
  })
  await Promise.race([done, late])
  clearTimeout(timer)
}
