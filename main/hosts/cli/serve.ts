import { fileURLToPath } from 'node:url'
import { messageOf } from '../../../app/base/errors.ts'
import { checkPorts } from '../../workbench/broker-parts.ts'
import { systemClock } from '../../workbench/system-clock.ts'
import { startWorkbench, type Workbench } from '../../workbench/workbench.ts'
import type { Installation } from '../installation.ts'
import { type MetricsAddress, type MetricsHost, startMetricsHost } from '../web/metrics-host.ts'
import { startWebHost } from '../web/web-host.ts'
import type { ServeArguments } from './arguments.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { openBrowser } from './open-browser.ts'
import { stopRequest } from './stop-request.ts'
import { storeChoice } from './store-arguments.ts'
import type { Terminal } from './terminal.ts'

/** How long the parts may take to stop, in milliseconds, before they are left behind. */
const stopGrace = 1700

/**
 * Runs the workbench for the browser until somebody stops it.
 * @param exit ends the process at once
 * @throws FaultlineError when it cannot start: `port-in-use`, `not-found`, `invalid-argument`, `file-unreadable`
 */
export async function serve(
  { workspace, host, mqtt, mqtts, ws, wss, http, open, target, metrics, data, store }: ServeArguments,
  installation: Installation,
  terminal: Terminal,
  exit: (code: ExitCode) => void,
): Promise<ExitCode> {
  const stop = stopRequest({ secondSignal: () => exit(exitCodes.passed), error: terminal.complain })
  checkPorts({ '--mqtt': mqtt, '--mqtts': mqtts, '--ws': ws, '--wss': wss, '--http': http, '--metrics': metrics?.port })
  let isReady = false
  // What cannot start, and does not say so, must be stoppable as well.
  void stop.then((request) => {
    if (!isReady) setTimeout(() => exit(exitCodeFor(request)), stopGrace)
  })
  const workbench = await startWorkbench({
    workspace: workspace ?? fileURLToPath(installation.simulations),
    host,
    ports: { mqtt, mqtts, ws, wss },
    target,
    store: storeChoice({ data, store }, workspace),
    assets: { worker: installation.worker, guest: installation.guest },
    templates: installation.templates,
    types: installation.scriptTypes,
    clock: systemClock,
    version: installation.version,
    log: terminal.say,
  })
  const page = await startWebHost({
    workbench,
    port: http,
    webRoot: installation.webRoot,
    onProblem: (error) => terminal.say(`the connection of a page: ${messageOf(error)}`),
  }).catch(async (error: unknown) => {
    await workbench.close()
    throw error
  })
  const figures = await serveMetrics(metrics, workbench, terminal).catch(async (error: unknown) => {
    await Promise.all([page.close(), workbench.close()])
    throw error
  })
  const [, ...besides] = workbench.urls
  isReady = true
  terminal.result(['ready', workbench.mqttUrl, page.url, ...besides].join(' '))
  if (open) openBrowser(page.url, terminal.say)
  const request = await stop
  const parts = { 'the page': page.close(), 'the figures': figures?.close(), 'the broker': workbench.close() }
  await withinGrace(parts, terminal)
  return exitCodeFor(request)
}

function exitCodeFor(request: 'asked' | 'failed'): ExitCode {
  return request === 'asked' ? exitCodes.passed : exitCodes.environmentFailed
}

async function serveMetrics(
  address: MetricsAddress | undefined,
  workbench: Workbench,
  terminal: Terminal,
): Promise<MetricsHost | undefined> {
  if (address === undefined) return undefined
  const host = await startMetricsHost(address, workbench.metrics())
  terminal.say(`metrics ${host.url}`)
  if (host.isExposed) terminal.say(`WARNING: others than this machine may read the figures at ${host.url}`)
  return host
}

/** Waits for all parts, but never longer than the grace: what was asked to stop has to stop. */
async function withinGrace(
  parts: Readonly<Record<string, Promise<void> | undefined>>,
  terminal: Terminal,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const running = new Set(Object.keys(parts))
  const ends = Object.entries(parts).map(([name, end]) => Promise.resolve(end).finally(() => running.delete(name)))
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      terminal.say(describeLate([...running]))
      resolve()
    }, stopGrace)
  })
  const done = Promise.allSettled(ends).then((results) => {
    for (const result of results) if (result.status === 'rejected') terminal.complain(result.reason)
  })
  await Promise.race([done, late])
  clearTimeout(timer)
}

/** What is not acknowledged before it is stored, and so is lost to nobody who relies on it. */
function describeLate(names: readonly string[]): string {
  const line = `${names.join(' and ')} did not stop within ${stopGrace} ms, and the process ends without waiting`
  return names.includes('the broker') ? `${line}: what its store could not write was acknowledged to nobody` : line
}
