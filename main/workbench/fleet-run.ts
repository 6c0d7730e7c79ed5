import { readFile } from 'node:fs/promises'
import { basename, dirname, relative, sep } from 'node:path'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import { deviceId } from '../../app/device/device-id.ts'
import type { ScriptError } from '../../app/device/device-snapshot.ts'
import type { FleetSnapshot, LoadCounters } from '../../app/device/fleet.ts'
import { startWorkbench, type WorkbenchOptions } from './workbench.ts'

export interface FleetRunOptions extends Pick<WorkbenchOptions, 'assets' | 'templates' | 'clock' | 'version' | 'log'> {
  /**
   * Absolute path of the script. A folder `devices` around it is that of a workspace, whose files it may read. A script by
   * itself may read none: who knows what lies beside it.
   */
  readonly script: string
  /** Of the whole fleet, also where this machine has a shard of it. */
  readonly count: number
  readonly rampMs: number
  /** Each `of`-th client, beginning with number `index`, from 1. */
  readonly shard: { readonly index: number; readonly of: number } | undefined
  /** Undefined: the workspace's target if it has one, else a broker that is started for this. */
  readonly target: string | undefined
  /** Undefined: the workspace's. */
  readonly seed: string | number | undefined
}

/** A fleet that runs without a screen. */
export interface FleetRun {
  /** The one that was given, or else the workspace's. */
  readonly seed: string | number
  snapshot(): FleetSnapshot
  /** With latencies since it began. */
  totals(): LoadCounters
  /** Devices whose script has failed, and how; the fleet itself where its script cannot be read. */
  scriptErrors(): { readonly id: string; readonly message: string }[]
  /** Load clients publish nothing more, and finish what they have begun, for some seconds at most. */
  settle(): Promise<void>
  /** Everybody disconnects in order. */
  close(): Promise<void>
}

/** How long handshakes may take to finish at the end, in milliseconds. */
const settleWithin = 3000

/**
 * Runs one script as a fleet, in a workbench of its own.
 *
 * @throws FaultlineError `not-found`, `invalid-argument` or `file-unreadable` for the script, and what `startWorkbench` throws
 */
export async function startFleetRun(options: FleetRunOptions): Promise<FleetRun> {
  const { count, rampMs, script: path, seed, shard, target, ...others } = options
  const source = await readScript(path)
  const folder = dirname(path)
  const readsFiles = basename(folder) === 'devices'
  const root = readsFiles ? dirname(folder) : folder
  const id = basename(path).replace(/(?:\.device)?\.ts$/, '')
  const script = relative(root, path).split(sep).join('/')
  const workbench = await startWorkbench({
    ...others,
    workspace: root,
    host: '127.0.0.1',
    ports: { mqtt: 0 },
    target,
    onlyFleet: {
      id,
      script,
      source,
      count,
      rampMs,
      seed,
      readsFiles,
      idOf: (n) => deviceId(id, count, n),
      ...(shard === undefined ? {} : { shard }),
    },
  })
  const { devices, fleets } = workbench
  return {
    seed: workbench.seed,
    snapshot: () => fleets.list()[0] as FleetSnapshot,
    totals: () => fleets.totals(id),
    scriptErrors: () => {
      // A script that cannot be read at all has failed before a device has.
      const { error: unread } = fleets.list()[0] as FleetSnapshot
      if (unread?.trouble === 'script') return [{ id, message: textOf(unread) }]
      return devices.list().flatMap(({ id: device, error }) => {
        return error === undefined ? [] : [{ id: device, message: textOf(error) }]
      })
    },
    settle: () => fleets.settle(settleWithin),
    close: () => workbench.close(),
  }
}

function textOf({ column, file, line, message }: ScriptError): string {
  return `${message} (${line === undefined ? file : `${file}:${line}:${column}`})`
}

async function readScript(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new FaultlineError({
      code: code === 'ENOENT' ? 'not-found' : code === 'EISDIR' ? 'invalid-argument' : 'file-unreadable',
      message: whyUnread(path, code, error),
      hint: 'name the file of a script, such as devices/pump.device.ts',
    })
  }
}

function whyUnread(path: string, code: string | undefined, error: unknown): string {
  if (code === 'ENOENT') return `there is no script ${path}`
  return code === 'EISDIR' ? `${path} is a folder, and no script` : `${path} cannot be read: ${messageOf(error)}`
}
