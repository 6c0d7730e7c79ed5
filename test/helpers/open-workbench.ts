import { onTestFinished } from 'vitest'
import type { Clock } from '../../app/base/clock.ts'
import { Caller } from '../../app/contract/caller.ts'
import type { EventName, EventValue } from '../../app/contract/contract.ts'
import { createMemoryTransports } from '../../app/contract/memory-transport.ts'
import { systemClock } from '../../main/workbench/system-clock.ts'
import { startWorkbench } from '../../main/workbench/workbench.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A whole workbench on an empty workspace, without devices, and a screen that asks it. */
export async function openWorkbench({ clock = systemClock }: { readonly clock?: Clock } = {}) {
  const workspace = await temporaryFolder()
  const nowhere = new URL('file:///no-device-runs-here')
  const lines: string[] = []
  const workbench = await startWorkbench({
    workspace,
    mqtt: { host: '127.0.0.1', port: 0 },
    assets: { worker: nowhere, guest: nowhere },
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
  return { workspace, lines, caller, attach, heard, port: Number(new URL(workbench.mqttUrl).port) }
}
