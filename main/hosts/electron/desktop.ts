import { type BrowserWindow, MessageChannelMain } from 'electron'
import { FaultlineError } from '../../../app/base/errors.ts'
import { systemClock } from '../../workbench/system-clock.ts'
import { startWorkbench, type Workbench } from '../../workbench/workbench.ts'
import type { Installation } from '../installation.ts'
import { mainPortTransport } from './message-port-transport.ts'

export interface DesktopOptions {
  readonly workspace: string
  /** Ports, and the address that they are at; see `WorkbenchOptions`. They count for every workspace that is opened. */
  readonly mqtt: number
  readonly mqtts: number | undefined
  readonly ws: number | undefined
  readonly wss: number | undefined
  readonly host: string | undefined
  /** See `WorkbenchOptions`; it counts for every workspace that is opened. */
  readonly target: string | undefined
}

/** The workbench that runs in this process, and the way of the window's page to it. */
export class Desktop {
  readonly #installation: Installation
  readonly #log: (line: string) => void
  readonly #options: DesktopOptions
  #workbench: Workbench

  /** @throws FaultlineError as `startWorkbench`. */
  static async start(
    installation: Installation,
    options: DesktopOptions,
    log: (line: string) => void,
  ): Promise<Desktop> {
    return new Desktop(installation, await start(installation, options, log), options, log)
  }

  private constructor(
    installation: Installation,
    workbench: Workbench,
    options: DesktopOptions,
    log: (line: string) => void,
  ) {
    this.#installation = installation
    this.#options = options
    this.#workbench = workbench
    this.#log = log
  }

  get mqttUrl(): string {
    return this.#workbench.mqttUrl
  }

  /** Gives each page that the window loads a port of its own; the one of the page before closes with that page. */
  connect(window: BrowserWindow): void {
    window.webContents.on('did-finish-load', () => {
      const { port1, port2 } = new MessageChannelMain()
      this.#workbench.attach(mainPortTransport(port1))
      window.webContents.postMessage('faultline-port', null, [port2])
    })
  }

  /**
   * Stops what runs and opens another workspace at the same port. Where that one has a mistake the one before opens
   * again, and the mistake is thrown.
   */
  async change(present: string, workspace: string): Promise<void> {
    const same = { ...this.#options, mqtt: Number(new URL(this.mqttUrl).port) }
    await this.#workbench.close()
    try {
      this.#workbench = await start(this.#installation, { ...same, workspace }, this.#log)
    } catch (error) {
      this.#workbench = await start(this.#installation, { ...same, workspace: present }, this.#log)
      throw error
    }
  }

  close(): Promise<void> {
    return this.#workbench.close()
  }
}

function start(
  { worker, guest, scriptTypes, templates, version }: Installation,
  { workspace, host, mqtt, mqtts, ws, wss, target }: DesktopOptions,
  log: (line: string) => void,
): Promise<Workbench> {
  return startWorkbench({
    workspace,
    host,
    ports: { mqtt, mqtts, ws, wss },
    target,
    assets: { worker, guest },
    templates,
    types: scriptTypes,
    clock: systemClock,
    version,
    log,
  })
}

/** What a dialog shows of anything that was thrown. */
export function inWords(error: unknown): { message: string; detail: string } {
  if (error instanceof FaultlineError) return { message: error.message, detail: error.hint ?? '' }
  return {
    message: 'Faultline has an internal error',
    detail: error instanceof Error ? (error.stack ?? '') : `${error}`,
  }
}
