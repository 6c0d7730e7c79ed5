import type { Clock } from '../../app/base/clock.ts'
import { DisposableStore } from '../../app/base/disposable.ts'
import { FaultlineError } from '../../app/base/errors.ts'
import { compileFilter } from '../../app/capture/filter.ts'
import type { NetworkConnection } from '../../app/mqtt/network-connection.ts'
import { observerId } from '../../app/scenario/observer.ts'
import type { BrokerOrder } from '../../app/script-api/scenario-crossing.ts'
import { copyCode } from '../devices/code-copy.ts'
import type { DeviceTarget } from '../devices/devices.ts'
import { exportCapture } from '../recorder/export.ts'
import { FileSink } from '../recorder/file-sink.ts'
import { aborted } from '../scenarios/aborted.ts'
import type { Bench, BenchOptions, OpenBench, Wreck } from '../scenarios/bench.ts'
import { DrivenClients } from './driven-clients.ts'
import { Ends } from './ends.ts'
import { type Limit, moreTime, withinWords } from './not-ready.ts'
import { addressOf, layRoads, type Roads, settleDevices } from './roads.ts'
import { ScenarioBroker } from './scenario-broker.ts'
import { readGroups, ScenarioGroups } from './scenario-groups.ts'
import { storm } from './storm.ts'

/** What all benches of a program have in common. */
export interface BenchSurroundings {
  readonly clock: Clock
  /** The bundles that run in the devices' worker threads and in their sandboxes. */
  readonly assets: { readonly worker: URL; readonly guest: URL }
  readonly version: string
  /** Puts something between a Link and the broker, at the broker's end: so can a test make the broker break a rule. */
  readonly between?: (end: NetworkConnection) => NetworkConnection
}

/** So long devices have to come online however short a scenario's time is: a busy machine starts slowly. In milliseconds. */
const leastStart = 5000

export function createOpenBench(surroundings: BenchSurroundings): OpenBench {
  return (options) => openBench({ ...surroundings, ...options })
}

/**
 * Opens what a scenario runs on: a broker of its own on a port that is free, or the ways to its target; its devices, and its
 * observer, all of them online.
 *
 * @throws FaultlineError `invalid-argument` for what the plan says of the broker, `not-found` for a device's script,
 * `script-threw` with its place, `connection-closed` for who does not come online, `script-timeout` where they take longer
 * than the plan's time
 */
async function openBench(given: BenchSurroundings & BenchOptions): Promise<Bench> {
  // Others may run at the same time.
  const options = { ...given, log: (line: string) => given.log(`${given.plan.name}: ${line}`) }
  const ends = new Ends(options)
  let wreck: Wreck | undefined
  try {
    return await open(options, ends, (laid) => {
      wreck = { capture: captureOf(laid), record: (path) => record(laid, path, options.version) }
    })
  } catch (error) {
    try {
      if (wreck !== undefined && options.signal?.aborted !== true) await options.salvage?.(wreck, error)
    } finally {
      await ends.close()
    }
    // Whatever has failed because of it.
    options.signal?.throwIfAborted()
    throw error
  }
}

async function open(
  options: BenchSurroundings & BenchOptions,
  ends: Ends,
  laid: (roads: Roads) => void,
): Promise<Bench> {
  const { assets, clock, log, plan, signal, version, workspace } = options
  const { seed } = plan
  const code = await copyCode(assets, log)
  ends.add('rest', () => code.dispose())
  const explain = (clientId: string, reason: string) => {
    clients.explain(clientId, reason)
    return Promise.all([devices.explain(clientId, reason), fleets.explain(clientId, reason)])
  }
  const roads = layRoads({ clock, seed, workspace, explain, log })
  laid(roads)
  ends.add('rest', async () => roads.connections.dispose())
  // Each entry says itself where its devices go: nobody knows it yet.
  const settings = { seed, broker: { host: '127.0.0.1', port: 0 }, assets: code, workspace, reportHandled: true }
  const { devices, faults, fleets } = settleDevices(roads, settings)
  ends.add('clients', async () => {
    await Promise.all([fleets.close(), devices.close()])
    faults.dispose()
  })
  // A thread takes longer to start than a broker.
  if (plan.groups.length > 0) devices.prepare()
  const [groups, { DeviceClient }, { broker, target }] = await settled([
    readGroups(plan, workspace),
    import('../devices/guest/device-client.ts'),
    openGround(options, roads, ends),
  ])
  signal?.throwIfAborted()
  const clients = new DrivenClients(DeviceClient, target, { clock, log })
  ends.add('clients', () => clients.close())
  const inspect = { clock, worker: code.worker, setup: { seed, workspace, guest: code.guest.href } }
  const vain = new AbortController()
  const unwanted = aborted(signal)
  unwanted.catch((reason: unknown) => vain.abort(reason))
  const crowd = new ScenarioGroups(groups, { clock, seed, devices, fleets, target, inspect, vain: vain.signal })
  // Whatever a device does, and a broker that answers nothing: coming online has an end that the user can set.
  const limit: Limit = { over: 'timeout', ms: Math.max(plan.timeoutMs, leastStart) }
  const late = clock.after(limit.ms, () => {
    const { online = false, reason = '' } = clients.state(observerId) ?? {}
    vain.abort(online ? crowd.late(limit) : lateObserver(limit, reason))
  })
  const isVain = aborted(vain.signal)
  isVain.catch(() => {})
  // Where the observer cannot be, nobody waits for devices that try again and again.
  const observing = Promise.race([clients.openObserver(), unwanted, isVain]).catch((error: unknown) => {
    vain.abort(error)
    throw error
  })
  try {
    await settled([observing, crowd.start()])
  } catch (error) {
    // Whatever has failed because of it.
    vain.signal.throwIfAborted()
    throw error
  } finally {
    late.dispose()
  }
  const { wire } = roads
  return {
    mqttUrl: `mqtt://${target.host}:${target.port}`,
    devices,
    fleets: {
      list: () => fleets.list(),
      onChanged: fleets.onChanged,
      rampTo: (group, count, overMs) => crowd.rampTo(group, count, overMs),
      storm: (group, reconnect) => storm({ clock, group, reconnect, devices, fleets, wire }),
    },
    clients,
    wire,
    broker: broker === undefined ? foreignBroker(target.url, clients) : ownBroker(broker),
    capture: captureOf(roads),
    sync: async () => {
      await Promise.all([devices.sync(), fleets.sync()])
    },
    record: (path) => record(roads, path, version),
    close: () => ends.close(),
  }
}

function lateObserver(limit: Limit, reason: string): FaultlineError {
  const why = reason === '' ? 'it has no answer from the broker' : reason
  const message = `the observer did not come online${withinWords(limit)}: ${why}${moreTime(limit)}`
  return new FaultlineError({ code: 'script-timeout', message })
}

/** The broker, and where clients reach it; or where they reach the target. */
async function openGround(
  options: BenchSurroundings & BenchOptions,
  roads: Roads,
  ends: Ends,
): Promise<{ readonly broker: ScenarioBroker | undefined; readonly target: DeviceTarget }> {
  const { between, clock, log, plan, workspace } = options
  const { targets, wire } = roads
  // Before all others: what is held would keep devices and broker from ending.
  ends.first = () => wire.dispose()
  ends.add('broker', async () => {
    await targets.close()
    wire.cut('*', 'rst')
  })
  if (plan.target !== undefined) {
    await targets.prepare([plan.target])
    return { broker: undefined, target: targets.get(plan.target) }
  }
  const broker = await ScenarioBroker.open({ clock, plan, workspace, observer: observerId, between, log })
  ends.add('broker', () => broker.close())
  broker.lead(roads)
  return { broker, target: { ...addressOf(broker.url), url: '' } }
}

function ownBroker(broker: ScenarioBroker): Bench['broker'] {
  return {
    own: true,
    order: (order, payload) => broker.order(order, payload),
    get running() {
      return broker.running
    },
    sessions: () => broker.sessions(),
    losses: () => broker.losses(),
    onSessions: broker.onSessions,
  }
}

/** Somebody else's: nobody can do there what a client cannot. */
function foreignBroker(url: string, clients: DrivenClients): Bench['broker'] {
  const foreign = (what: string) =>
    new FaultlineError({
      code: 'wrong-state',
      message: `${what} is not possible: the broker is ${url}, and not the scenario's own`,
      hint: "leave 'target' out, and --target, to have a broker of its own",
    })
  const nothing = new DisposableStore()
  return {
    own: false,
    async order(order: BrokerOrder, payload: Uint8Array | undefined) {
      if (order.order !== 'publish') throw foreign(`broker.${order.order}`)
      const { qos, retain, text = '', topic } = order
      const octets = payload ?? new TextEncoder().encode(text)
      await clients.publish({ id: observerId, topic, qos, retain }, octets)
    },
    running: true,
    sessions: () => {
      throw foreign('to look at Sessions')
    },
    losses: () => {
      throw foreign('to look at what it has not sent')
    },
    onSessions: () => nothing,
  }
}

function captureOf({ connections, live, recorder }: Roads): Bench['capture'] {
  return {
    get first() {
      return live.first
    },
    get next() {
      return live.next
    },
    onRecorded: recorder.onRecorded,
    read: (from, limit) => live.read(from, limit),
    clientId: (connection) => connections.clientId(connection),
    startedAt: live.captureStart,
    get time() {
      return recorder.time
    },
  }
}

async function record({ live }: Roads, path: string, program: string): Promise<void> {
  const sink = await FileSink.replace(path, { force: true, hint: 'name another file' })
  try {
    await exportCapture(live, { format: 'faultline', filter: compileFilter(''), program }, sink)
    await sink.close()
  } catch (error) {
    await sink.abandon()
    throw error
  }
}

/** As `Promise.all`, but rejected only when all have ended: nothing goes on behind the back of who closes what there is. */
async function settled<const T extends readonly unknown[]>(
  promises: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const outcomes = await Promise.allSettled(promises)
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  return Promise.all(promises)
}
