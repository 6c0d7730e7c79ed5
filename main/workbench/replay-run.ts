import { dirname } from 'node:path'
import type { Clock } from '../../app/base/clock.ts'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import { CaptureBatch } from '../../app/capture/batch.ts'
import type { Captured } from '../../app/capture/captured.ts'
import type { NewRule } from '../../app/contract/wire.ts'
import { compareObservations, type Difference, describeEnd } from '../../app/scenario/replay-compare.ts'
import type { ReplayPlan } from '../../app/scenario/replay-plan.ts'
import { fatedPackets, ReplayPlanner } from '../../app/scenario/replay-planner.ts'
import type { ReplayedClient, ReplayReport } from '../../app/scenario/replay-report.ts'
import { openRecording } from '../recorder/open-recording.ts'
import type { RecordedCapture } from '../recorder/recorded-capture.ts'
import { Turn } from '../recorder/turn.ts'
import { OwnBroker } from './own-broker.ts'
import { ReplayConductor } from './replay-conductor.ts'
import { ReplayWatch } from './replay-watch.ts'
import { addressOf, layRoads, type Roads } from './roads.ts'

/** A recording that is ready to be replayed, as often as wanted. */
export interface PreparedReplay {
  readonly name: string
  /** Absolute path of the recording. */
  readonly path: string
  readonly plan: ReplayPlan
}

export interface ReplayOptions {
  readonly clock: Clock
  /** URL of another broker; undefined is a new one of its own, that knows nothing. */
  readonly target: string | undefined
  /** How many times as fast as it was; `max` is as fast as one thing can follow from the other. */
  readonly speed: number | 'max'
  /** In force on all Links from the beginning. */
  readonly rules: readonly NewRule[]
  /** What rules and broker draw comes from it. */
  readonly seed: string | number
  readonly signal: AbortSignal
  readonly progress: (done: number, of: number) => void
  readonly log: (line: string) => void
}

/** More records than this are not read in one go: a replay keeps in memory what it sends. */
const blockRecords = 5000

/**
 * Reads a recording of Faultline, or a pcap or pcapng file. Others can run meanwhile.
 *
 * @param options.clients pattern of the Client Identifiers that are replayed, see `matchesClient`
 * @param options.signal ends it early: the plan is then of what was read by then
 * @throws FaultlineError what `openRecording` throws; `invalid-argument` where there is nothing to replay, or too much
 */
export async function prepareReplay(options: {
  readonly path: string
  readonly brokerPort: number
  readonly clients: string
  readonly signal?: AbortSignal | undefined
}): Promise<PreparedReplay> {
  const { brokerPort, clients, path, signal } = options
  const recording = await openRecording(path, { brokerPort })
  try {
    const fated = new Set<number>()
    for await (const record of recordsOf(recording, signal)) {
      for (const packet of fatedPackets([record])) fated.add(packet)
    }
    const planner = new ReplayPlanner({ names: recording.names, clients, fated })
    for await (const record of recordsOf(recording, signal)) planner.add(record)
    const { notes, ...plan } = planner.finish()
    if (plan.connections.length === 0 && signal?.aborted !== true) throw nothingToReplay(options, notes)
    const { name, problem } = recording
    return { name, path, plan: { ...plan, notes: problem === undefined ? notes : [`${name}: ${problem}`, ...notes] } }
  } finally {
    recording.dispose()
  }
}

/**
 * Replays it once, through Links of its own, and compares.
 *
 * @throws FaultlineError `invalid-argument` for a rule that is not right, `connection-closed` where the target cannot be
 * reached; what `OwnBroker.start` throws
 */
export async function replay({ name, path, plan }: PreparedReplay, options: ReplayOptions): Promise<ReplayReport> {
  const { clock, log, progress, rules, seed, signal, speed, target } = options
  const watch = new ReplayWatch()
  const roads = layRoads({ clock, seed, workspace: dirname(path), explain: async () => {}, log, hears: watch })
  /** What has begun, and how it ends, the last first. */
  const ends: (() => unknown)[] = [() => roads.targets.close(), () => roads.connections.dispose()]
  try {
    for (const rule of rules) roads.wire.addRule(rule)
    const address = await openBroker(roads, path, options, ends)
    const conductor = new ReplayConductor({ plan, clock, address, target, speed, watch, signal, progress })
    ends.push(() => conductor.close())
    const start = clock.monotonic()
    await conductor.run()
    const seconds = (clock.monotonic() - start) / 1e9
    const connections = compare(plan, conductor)
    // Who has misspelt a filter would take what follows for what comes of the fault.
    const idle = signal.aborted ? [] : roads.wire.state().rules.filter(({ hits }) => hits === 0)
    const notes = [...plan.notes, ...idle.map(({ name }) => `a rule has never acted: ${name}`)]
    return { recording: name, target: target ?? '', speed, seed, connections, notes, seconds, stopped: signal.aborted }
  } finally {
    ends.push(() => roads.wire.dispose())
    for (const end of ends.reverse()) {
      try {
        await end()
      } catch (error) {
        log(`while stopping: ${messageOf(error)}`)
      }
    }
  }
}

/** Gives what clients connect to. */
async function openBroker(
  roads: Roads,
  path: string,
  { clock, log, seed, target }: ReplayOptions,
  ends: (() => unknown)[],
): Promise<{ readonly host: string; readonly port: number }> {
  const { targets } = roads
  if (target !== undefined) {
    await targets.prepare([target])
    return targets.get(target)
  }
  const own = await OwnBroker.start({
    clock,
    workspace: dirname(path),
    settings: undefined,
    host: '127.0.0.1',
    ports: { mqtt: 0 },
    store: undefined,
    seed,
    log,
  })
  ends.push(() => own.engine.close())
  ends.push(() => own.stopListening())
  const links = own.lead(roads)
  ends.push(() => links.dispose())
  return addressOf(own.urls[0] ?? '')
}

function compare({ connections, excuse, faultsOf }: ReplayPlan, conductor: ReplayConductor): ReplayedClient[] {
  const known = new Set<string>()
  return connections.flatMap(({ clientId, number, recorded }): ReplayedClient[] => {
    const isFirst = !known.has(clientId)
    known.add(clientId)
    const client = conductor.client(number)
    // It was stopped before.
    if (client === undefined) return []
    const replayed = client.observer.observation(conductor.endOf(number))
    const { received, sent, unsent } = client.counts
    return [
      {
        connection: number,
        clientId,
        sent,
        unsent,
        received,
        end: { recorded: describeEnd(recorded.end), replayed: describeEnd(replayed.end) },
        differences: compareObservations(recorded, replayed, excuse, faultsOf(number)).map((difference) => {
          return isFirst && isKept(difference) ? { ...difference, because: keptBefore } : difference
        }),
      },
    ]
  })
}

const keptBefore = 'the broker had its Session from before the replay'

/** A Session that nobody has left there within the replay. */
function isKept({ field, recorded, replayed }: Difference): boolean {
  return field === 'Session Present' && recorded === '0' && replayed === '1'
}

/** The records of a recording; others run in between. */
async function* recordsOf(recording: RecordedCapture, signal: AbortSignal | undefined): AsyncGenerator<Captured> {
  const turn = new Turn()
  for (let next = recording.first; next < recording.next; ) {
    const batch = new CaptureBatch(recording.read(next, blockRecords))
    if (batch.count === 0) return
    for (let i = 0; i < batch.count; i++) {
      yield batch.at(i) as Captured
      await turn.letOthers()
      if (signal?.aborted) return
    }
    next = batch.first + batch.count
  }
}

function nothingToReplay(
  { clients, path }: { clients: string; path: string },
  notes: readonly string[],
): FaultlineError {
  const which = clients === '*' ? '' : ` of a client like ${clients}`
  return new FaultlineError({
    code: 'invalid-argument',
    message: [`there is no connection${which} in ${path} that could be replayed`, ...notes].join('; '),
    hint: 'a connection can be replayed where its beginning is in the recording; in a pcap file, see --broker-port',
  })
}
