import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Clock } from '../../app/base/clock.ts'
import { Caller } from '../../app/contract/caller.ts'
import type { EventName, EventValue } from '../../app/contract/contract.ts'
import { createMemoryTransports } from '../../app/contract/memory-transport.ts'
import { systemClock } from '../../main/workbench/system-clock.ts'
import { startWorkbench, type WorkbenchOptions } from '../../main/workbench/workbench.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface OpenOptions {
  readonly clock?: Clock
  /** What devices run on. @default none: then no device runs */
  readonly assets?: WorkbenchOptions['assets']
  /** Scripts of the workspace, by name without folder and ending. @default none */
  readonly scripts?: Readonly<Record<string, string>>
  /** Other files of the workspace: path to text. @default none */
  readonly files?: Readonly<Record<string, string>>
  /** See `WorkbenchOptions`. */
  readonly target?: string
  /** Ports of the broker's other listeners. @default those that the settings name */
  readonly ports?: Partial<WorkbenchOptions['ports']>
}

/** A whole workbench on a workspace of its own, and a screen that asks it. */
export async function openWorkbench(options: OpenOptions = {}) {
  const { clock = systemClock, assets, scripts, files = {}, ports, target } = options
  const workspace = await temporaryFolder()
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(workspace, path)), { recursive: true })
    await writeFile(join(workspace, path), text)
  }
  if (scripts !== undefined) await mkdir(join(workspace, 'devices'), { recursive: true })
  for (const [name, text] of Object.entries(scripts ?? {})) {
    await writeFile(join(workspace, 'devices', `${name}.device.ts`), text)
  }
  const nowhere = new URL('file:///no-device-runs-here')
  const lines: string[] = []
  const workbench = await startWorkbench({
    workspace,
    ports: { mqtt: 0, ...ports },
    target,
    assets: assets ?? { worker: nowhere, guest: nowhere },
    templates: new URL('../../simulations/templates/', import.meta.url),
    types: new URL('../../app/script-api/', import.meta.url),
    clock,
    version: '0.0.0-test',
    log: (line) => lines.push(line),
  })
  const attach = () => {
    const [screen, host] = createMemoryTransports(structuredClone)
    workbench.attach(host)
    return new Caller(screen)
  }
  const caller = attach()
  const heard = <E extends EventName>(event: E): EventValue<E>[] => {
    const values: EventValue<E>[] = []
    caller.on(event, (value) => values.push(value))
    return values
  }
  onTestFinished(async () => {
    caller.dispose()
    await workbench.close()
  })
  const { mqttUrl, urls } = workbench
  return { workspace, lines, caller, attach, heard, urls, port: Number(new URL(mqttUrl).port) }
}
