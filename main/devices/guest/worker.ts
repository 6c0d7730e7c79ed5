import { readFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../../../app/base/errors.ts'
import { handledMessage } from '../handled-message.ts'
import type { Command, Order, Report, WorkerSetup } from '../messages.ts'
import { nodeClock } from '../node-clock.ts'
import { thisThread } from '../thread-time.ts'
import { RunMark } from '../watchdog.ts'
import { ClientMemories } from './client-memory.ts'
import { Device } from './device.ts'
import { loadEngine } from './engine.ts'
import { Fabricator } from './fabricator.ts'
import { FlashBank } from './flash.ts'
import { inspect } from './inspect.ts'
import { Libraries } from './libraries.ts'
import { Meters } from './meters.ts'
import { ReportQueue } from './report-queue.ts'
import type { Services } from './services.ts'
import { WorkspaceFiles } from './workspace-files.ts'

/** The entry of a worker thread: runs its share of the devices, as the main thread commands. */
if (parentPort === null) throw new Error('this program is a worker thread of the workbench and cannot be run by itself')
const port = parentPort
const setup = workerData as WorkerSetup
const devices = new Map<number, Device>()
let boots: Promise<void> = Promise.resolve()
const reports = new ReportQueue((report: Report) => port.postMessage(report))

const thread = thisThread()
const mark = new RunMark(setup.marks)
mark.identify(thread)
yieldToWorkbench()

const services: Services = {
  engine: await loadEngine(),
  fabricator: new Fabricator(),
  flash: new FlashBank((number, changes) => reports.send({ type: 'flash', number, changes })),
  guest: readFileSync(new URL(setup.guest), 'utf8'),
  memories: new ClientMemories((number, changes) => reports.send({ type: 'memory', number, changes })),
  libraries: new Libraries(new URL(setup.guest)),
  files: new WorkspaceFiles(setup.workspace),
  seed: setup.seed,
  mark,
  meters: new Meters(nodeClock(0), (fleet, reading) => reports.send({ type: 'metered', fleet, reading })),
  reportHandled: setup.reportHandled ?? false,
  broken: false,
  changed: ({ number, life }, change) => reports.send({ type: 'state', number, life, change }),
  wrote: ({ number }, lines, dropped) => reports.write(number, lines, dropped),
  used: ({ number, life }, path, revision) => reports.send({ type: 'file used', number, life, path, revision }),
  secondClientGone: ({ number, life }, second, reason) =>
    reports.send({ type: 'second client gone', number, life, second, reason }),
  handled: ({ number }, ...message) => reports.send({ type: 'handled', number, message: handledMessage(...message) }),
  ready: ({ number, life }) => reports.send({ type: 'ready', number, life }),
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
  else if (command.type === 'inspect') look(command)
  else if (command.type === 'sync') await socketsRead()
  else await act(command)
  reports.send({ type: 'done', ticket: command.ticket })
}

/** What has come to the sockets until now is read in the next turn of the event loop, which has passed with the second. */
async function socketsRead(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
}

function look(command: Extract<Command, { type: 'inspect' }>): void {
  const { number } = command
  try {
    reports.send({ type: 'inspected', number, inspection: inspect(services, command) })
  } catch (error) {
    services.broken = true
    reports.send({ type: 'poisoned', number, message: messageOf(error) })
  }
}

/**
 * Devices that are started together boot in one turn of the event loop each: the sockets of those that have booted get
 * theirs, and nobody waits for CONNACK until the last one is up.
 */
function bootTurn(): Promise<void> {
  boots = boots.then(() => new Promise((resolve) => setImmediate(resolve)))
  return boots
}

async function boot(command: Extract<Command, { type: 'boot' }>): Promise<void> {
  if (command.memory !== undefined) services.memories.restore(command.number, command.memory)
  const device = new Device(services, command)
  const before = devices.get(command.number)
  devices.set(command.number, device)
  await before?.powerLoss()
  await bootTurn()
  // Another command may have come in the meantime.
  if (devices.get(command.number) === device) device.boot()
}

async function act(order: Order & { readonly number: number }): Promise<void> {
  const { number } = order
  const device = devices.get(number)
  if (device === undefined) return
  switch (order.type) {
    case 'connect':
      device.connect()
      break
    case 'disconnect':
      device.disconnect()
      break
    case 'connect anew':
      device.connectAnew(order)
      break
    case 'explain':
      device.explain(order.reason)
      break
    case 'set clock':
      device.setClock(order.skewMs)
      break
    case 'crash':
      device.crash()
      break
    case 'hang':
      device.hang()
      break
    case 'wake':
      device.wake()
      break
    case 'take over':
      device.takeOver(order.second)
      break
    case 'power loss':
      devices.delete(number)
      await device.powerLoss()
      break
    case 'shut down':
      devices.delete(number)
      services.flash.forget(number)
      services.memories.forget(number)
      await device.shutDown()
  }
}

/**
 * Scripts that use up their time must not take it from the main thread, which answers screens and carries packets. Only
 * Linux gives a single thread a priority; elsewhere all stay equal.
 */
function yieldToWorkbench(): void {
  if (thread === 0) return
  try {
    setPriority(thread, 5)
  } catch {
    // Where it is forbidden, the devices run all the same.
  }
}
