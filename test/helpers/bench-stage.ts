import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import type { Clock } from '../../app/base/clock.ts'
import { CaptureBatch } from '../../app/capture/batch.ts'
import type { Captured, ConnectionEvent } from '../../app/capture/captured.ts'
import { summarize } from '../../app/mqtt/summary.ts'
import type { ScenarioPlan } from '../../app/scenario/plan.ts'
import type { ClientSettings } from '../../app/script-api/crossing.ts'
import type { Bench, ReceivedByClient } from '../../main/scenarios/bench.ts'
import { type BenchSurroundings, createOpenBench } from '../../main/workbench/scenario-bench.ts'
import { systemClock } from '../../main/workbench/system-clock.ts'
import { buildDeviceAssets, type DeviceAssets } from './device-assets.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface StageOptions {
  readonly plan?: Partial<ScenarioPlan>
  /** Files of the workspace: path to text. */
  readonly files?: Readonly<Record<string, string>>
  readonly between?: BenchSurroundings['between']
  readonly signal?: AbortSignal
  readonly clock?: Clock
}

/** A bench on a workspace of its own, which is closed when the test is over. */
export interface StagedBench {
  readonly bench: Bench
  readonly workspace: string
  /** What the bench has said. */
  readonly lines: readonly string[]
  /** What its clients have received. */
  readonly received: readonly ReceivedByClient[]
}

/** Benches with real devices, for the tests of a file. */
export function setBenchStage() {
  let assets: DeviceAssets | undefined
  beforeAll(async () => {
    assets = await buildDeviceAssets()
  })
  afterAll(() => assets?.dispose())
  return async ({
    between,
    clock = systemClock,
    files = {},
    plan,
    signal,
  }: StageOptions = {}): Promise<StagedBench> => {
    if (assets === undefined) throw new Error('the stage is not set yet: use it inside of a test')
    const workspace = await temporaryFolder()
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(workspace, path)), { recursive: true })
      await writeFile(join(workspace, path), text)
    }
    const lines: string[] = []
    const open = createOpenBench({
      clock,
      assets,
      version: '0.0.0-test',
      ...(between === undefined ? {} : { between }),
    })
    const bench = await open({ plan: planOf(plan), workspace, log: (line) => lines.push(line), signal })
    onTestFinished(() => bench.close())
    const received: ReceivedByClient[] = []
    bench.clients.onReceived((message) => received.push(message))
    return { bench, workspace, lines, received }
  }
}

export function planOf(plan: Partial<ScenarioPlan> = {}): ScenarioPlan {
  return {
    name: 'a scenario',
    seed: 1,
    timeoutMs: 60_000,
    groups: [],
    broker: { limits: {}, store: 'memory', access: undefined },
    target: undefined,
    thresholds: [],
    ...plan,
  }
}

/** A client as a scenario opens one that says nothing of it. */
export function settingsFor(clientId: string, settings: Partial<ClientSettings> = {}): ClientSettings {
  return {
    protocolVersion: 4,
    clientId,
    cleanStart: true,
    keepAlive: 60,
    topicAliases: false,
    store: 'ram',
    ...settings,
  }
}

export function captured({ capture }: Pick<Bench, 'capture'>): Captured[] {
  const records: Captured[] = []
  for (let next = capture.first; next < capture.next; ) {
    const batch = new CaptureBatch(capture.read(next, 1000))
    if (batch.count === 0) break
    for (let i = 0; i < batch.count; i++) records.push(batch.at(i) as Captured)
    next = batch.first + batch.count
  }
  return records
}

/** Control Packets of a client in one line each, such as `PUBLISH DUP`, in both directions. */
export function packetsOf(bench: Pick<Bench, 'capture'>, clientId: string): string[] {
  return captured(bench).flatMap((record) => {
    if (record.kind !== 'packet' || bench.capture.clientId(record.connection) !== clientId) return []
    const { dup, type } = summarize(record.octets, 4)
    return [`${type}${dup ? ' DUP' : ''}`]
  })
}

export function eventsOf(bench: Pick<Bench, 'capture'>): ConnectionEvent[] {
  return captured(bench).flatMap((record) => (record.kind === 'event' ? [record.event] : []))
}
