import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'
import { messageOf } from '../../app/base/errors.ts'
import { joinTaps, type TapListener } from '../../app/capture/tap.ts'
import type { Devices, DevicesOptions } from '../devices/devices.ts'
import { createFleets, type Fleets } from '../devices/fleets.ts'
import { createDevices } from '../devices/supervisor.ts'
import { createWire } from '../link/wire.ts'
import { ConnectionTable } from '../recorder/connection-table.ts'
import { Recorder } from '../recorder/recorder.ts'
import { readCertificateFile } from '../workspace/certificate-files.ts'
import type { CaptureSource } from './capture-source.ts'
import type { Road } from './own-broker.ts'
import { Targets } from './targets.ts'

/** How many octets of captured records stay in memory. */
const captureBudget = 64 * 1024 * 1024

/** What every packet goes through, and the ways to other brokers. */
export interface Roads extends Road {
  readonly recorder: Recorder
  readonly live: CaptureSource
  readonly targets: Targets
}

/**
 * Lays them: a wire, with the capture at its tap.
 *
 * @param options.workspace its path: what TLS to a target needs is read there
 * @param options.explain tells who has this Client Identifier why the connection that it asks for is about to be closed
 */
export function layRoads(options: {
  readonly clock: Clock
  readonly seed: string | number
  readonly workspace: string
  readonly explain: (clientId: string, reason: string) => Promise<unknown>
  readonly log: (line: string) => void
  /** Hears of everything as well, afterwards. */
  readonly hears?: TapListener
}): Roads {
  const { clock, explain, hears, log, seed, workspace } = options
  const recorder = new Recorder({ clock, budget: captureBudget })
  const connections = new ConnectionTable({ clock, ring: recorder })
  const captured = joinTaps(recorder, connections)
  const tap = hears === undefined ? captured : joinTaps(captured, hears)
  const wire = createWire({ clock, seed, tap, captureStart: recorder.startedAt })
  const nextConnection = counter()
  const targets = new Targets({
    clock,
    wire,
    tap,
    nextConnection,
    readFile: (path) => readCertificateFile(workspace, path),
    explain: async (connection, reason) => {
      // Without an identifier nobody knows which of several devices it was.
      const clientId = connections.clientId(connection)
      if (clientId) await explain(clientId, reason)
    },
    onProblem: (error) => log(`a device could not be taken in: ${messageOf(error)}`),
  })
  return { clock, recorder, connections, tap, wire, nextConnection, targets, live: liveSource(recorder, connections) }
}

/** Devices and load clients on the roads; what is wrong with a device is told to the capture until `faults` is disposed. */
export function settleDevices(
  { clock, connections, tap, targets }: Roads,
  options: Omit<DevicesOptions, 'clock' | 'connectWith'>,
): { readonly devices: Devices; readonly fleets: Fleets; readonly faults: Disposable } {
  const { assets, broker, seed, workspace } = options
  const devices = createDevices({
    ...options,
    clock,
    connectWith: (target, certificate) => targets.connectWith(target, certificate),
  })
  const fleets = createFleets({ clock, seed, broker, assets, workspace, devices })
  const faults = devices.onFault(({ by, clientId, fault, id, phase, what }) =>
    tap.event(connections.openOf(clientId)?.id ?? 0, {
      type: 'fault',
      what,
      by,
      device: { id, clientId, fault, phase },
    }),
  )
  return { devices, fleets, faults }
}

/** What devices dial: an address of this machine, also where the broker listens on every one. */
export function addressOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url)
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) }
}

/** The running capture, as everything sees it that can also look at a recording. */
function liveSource(recorder: Recorder, connections: ConnectionTable): CaptureSource {
  return {
    captureStart: recorder.startedAt,
    names: connections,
    onRecorded: recorder.onRecorded,
    get first() {
      return recorder.first
    },
    get next() {
      return recorder.next
    },
    get connections() {
      return connections.list()
    },
    read: (from, limit) => recorder.read(from, limit),
  }
}

/** Network Connections are numbered from 1, whatever they lead to. */
function counter(): () => number {
  let last = 0
  return () => ++last
}
