import { setPriority } from 'node:os'
import { nodeClock } from '../node-clock.ts'
import { Backlog } from './backlog.ts'
import { LoadGroup } from './load-group.ts'
import type { FromLoadProcess, LoadCommand, LoadReport } from './load-messages.ts'

/**
 * The entry of a process that runs load clients. A process and not a thread, because each of them has a file descriptor
 * of its own: ten thousand clients and the ten thousand connections that they make are more than one process may have
 * on many machines.
 */
const groups = new Map<number, LoadGroup>()
const backlog = new Backlog()
const clock = nodeClock(0)
/** How often it is told what was counted, in milliseconds. */
const reportEvery = 250

if (process.send === undefined) throw new Error('this program is a part of the workbench and cannot be run by itself')

// Ctrl-C in a terminal goes to every process of the command; the workbench says when to end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
process.on('disconnect', () => process.exit(0))
yieldToWorkbench()

reportInTurn()

process.on('message', (command: LoadCommand) => void carryOut(command))

async function carryOut(command: LoadCommand): Promise<void> {
  if (command.type === 'end') {
    await Promise.all([...groups.values()].map((group) => group.close()))
    for (const fleet of groups.keys()) report(fleet)
    process.disconnect()
    return
  }
  if (command.type === 'explain') {
    for (const group of groups.values()) group.explain(command.clientId, command.reason)
    tell({ type: 'answered', ticket: command.ticket })
    return
  }
  if (command.type === 'tell') {
    for (const fleet of groups.keys()) report(fleet)
    tell({ type: 'answered', ticket: command.ticket })
    return
  }
  const { fleet } = command
  const group = groups.get(fleet)
  switch (command.type) {
    case 'open':
      groups.set(fleet, new LoadGroup({ ...command, backlog, clock: nodeClock(command.clockAhead) }))
      break
    case 'add':
      group?.add(command.members)
      break
    case 'remove':
      await group?.remove(command.numbers)
      break
    case 'change':
      group?.change(command.settings)
      break
    case 'pause':
      group?.pause()
      break
    case 'close':
      await group?.close()
      report(fleet)
      groups.delete(fleet)
      tell({ type: 'closed', fleet })
  }
}

function reportInTurn(): void {
  for (const fleet of groups.keys()) report(fleet)
  clock.after(reportEvery, reportInTurn)
}

function report(fleet: number): void {
  const report: LoadReport | undefined = groups.get(fleet)?.report(fleet)
  if (report !== undefined) tell(report)
}

function tell(message: FromLoadProcess): void {
  if (process.connected) process.send?.(message)
}

/** Load must not take its time from the process that answers screens and carries packets. */
function yieldToWorkbench(): void {
  try {
    setPriority(5)
  } catch {
    // Where it is forbidden, the clients run all the same.
  }
}
