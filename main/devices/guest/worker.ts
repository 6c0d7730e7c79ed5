import { readFileSync, readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../../../app/base/errors.ts'
import type { Command, Report, WorkerSetup } from '../messages.ts'
import { RunMark } from '../watchdog.ts'
import { Device, type Services } from './device.ts'
import { loadEngine } from './engine.ts'
import { Fabricator } from './fabricator.ts'
import { ReportQueue } from './report-queue.ts'

/** The entry of a worker thread: runs its share of the devices, as the main thread commands. */
if (parentPort === null) throw new Error('this program is a worker thread of the workbench and cannot be run by itself')
const port = parentPort
const setup = workerData as WorkerSetup
const devices = new Map<number, Device>()
const reports = new ReportQueue((report: Report) => port.postMessage(report))

yieldToWorkbench()

const services: Services = {
  engine: await loadEngine(),
  fabricator: new Fabricator(),
  guest: readFileSync(new URL(setup.guest), 'utf8'),
  seed: setup.seed,
  broker: setup.broker,
  mark: new RunMark(setup.marks),
  broken: false,
  changed: ({ number, life }, change) => reports.send({ type: 'state', number, life, change }),
  wrote: ({ number }, lines, dropped) => reports.write(number, lines, dropped),
  poisoned({ number }, error) {
    services.broken = true
    reports.send({ type: 'poisoned', number, message: messageOf(error) })
  },
}

port.on('message', (command: Command) => {
  if (!services.broken) void carryOut(command)
})

async function carryOut(command: Command): Promise<void> {
  if (command.type === 'close') {
    await Promise.all([...devices.values()].map((device) => device.shutDown()))
    reports.flush()
    process.exit(0)
  }
  if (command.type === 'boot') await boot(command)
  else await act(command)
  reports.send({ type: 'done', ticket: command.ticket })
}

async function boot(command: Extract<Command, { type: 'boot' }>): Promise<void> {
  const device = new Device(services, command)
  const before = devices.get(command.number)
  devices.set(command.number, device)
  await before?.powerLoss()
  // Another command may have come while the old socket closed.
  if (devices.get(command.number) === device) device.boot()
}

async function act({ type, number }: Exclude<Command, { type: 'boot' | 'close' }>): Promise<void> {
  const device = devices.get(number)
  if (device === undefined) return
  switch (type) {
    case 'connect':
      device.connect()
      break
    case 'disconnect':
      device.disconnect()
      break
    case 'power loss':
      devices.delete(number)
      await device.powerLoss()
      break
    case 'shut down':
      devices.delete(number)
      await device.shutDown()
  }
}

/**
 * Scripts that use up their time must not take it from the main thread, which answers screens and carries packets. Only
 * Linux gives a single thread a priority; elsewhere all stay equal.
 */
function yieldToWorkbench(): void {
  if (process.platform !== 'linux') return
  try {
    setPriority(Number(/(\d+)$/.exec(readlinkSync('/proc/thread-self'))?.[1]), 5)
  } catch {
    // Without /proc, or where it is forbidden, the devices run all the same.
  }
}
