import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { CaptureBatch } from '../../app/capture/batch.ts'
import type { Captured, CapturedPacket, ConnectionEvent } from '../../app/capture/captured.ts'
import { joinTaps } from '../../app/capture/tap.ts'
import { createWire, type Wire } from '../../main/link/wire.ts'
import { ConnectionTable } from '../../main/recorder/connection-table.ts'
import { Recorder } from '../../main/recorder/recorder.ts'
import { systemClock } from '../../main/workbench/system-clock.ts'
import { Targets } from '../../main/workbench/targets.ts'
import { readCertificateFile } from '../../main/workspace/certificate-files.ts'
import type { TargetSettings } from '../../main/workspace/settings.ts'
import type { CertificatePair } from './certificates.ts'
import { RawClient } from './raw-client.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { until } from './until.ts'

/** The way to a broker that is not ours as the workbench builds it, without devices: gateway, Link, recorder. */
export class TargetRoad {
  readonly workspace: string
  readonly recorder = new Recorder({ clock: systemClock })
  readonly connections = new ConnectionTable({ clock: systemClock, ring: this.recorder })
  readonly wire: Wire
  readonly targets: Targets
  /** What clients were told about connections that failed. */
  readonly explained: {
    readonly connection: number
    readonly clientId: string | undefined
    readonly reason: string
  }[] = []

  private constructor(workspace: string) {
    this.workspace = workspace
    const tap = joinTaps(this.recorder, this.connections)
    this.wire = createWire({ clock: systemClock, seed: 1, tap, captureStart: this.recorder.startedAt })
    let last = 0
    this.targets = new Targets({
      clock: systemClock,
      wire: this.wire,
      tap,
      nextConnection: () => ++last,
      readFile: (path) => readCertificateFile(workspace, path),
      explain: async (connection, reason) => {
        this.explained.push({ connection, clientId: this.connections.clientId(connection), reason })
      },
      onProblem: (error) => {
        throw error
      },
    })
  }

  static async open(): Promise<TargetRoad> {
    const road = new TargetRoad(await temporaryFolder())
    onTestFinished(async () => {
      road.wire.dispose()
      await road.targets.close()
      road.connections.dispose()
    })
    return road
  }

  /** Puts a file into the workspace. */
  async put(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.workspace, path)), { recursive: true })
    await writeFile(join(this.workspace, path), text)
  }

  async putCertificate(name: string, { certificate, key }: CertificatePair): Promise<void> {
    await this.put(`certificates/${name}.crt`, certificate)
    await this.put(`certificates/${name}.key`, key)
  }

  /** The port of this machine that leads to a target. */
  async port(target: TargetSettings): Promise<number> {
    await this.targets.prepare([target])
    return this.targets.get(target).port
  }

  /** Sends CONNECT to a target that does not take it, and waits for the end of the connection; gives the reason. */
  async refused(target: TargetSettings): Promise<string> {
    const before = this.explained.length
    const client = await RawClient.open(await this.port(target))
    client.send({ cmd: 'connect', clientId: 'refused', protocolVersion: 4, clean: true, keepalive: 0 })
    await until('the connection is reset', () => client.closed)
    const told = this.explained[before]
    if (told === undefined) throw new Error(`nothing was explained: ${JSON.stringify(this.events())}`)
    return told.reason
  }

  records(): Captured[] {
    const batch = new CaptureBatch(this.recorder.read(1, 100_000))
    return Array.from({ length: batch.count }, (_, i) => batch.at(i) as Captured)
  }

  packets(connection?: number): CapturedPacket[] {
    return this.records().filter(
      (record) => record.kind === 'packet' && (connection === undefined || record.connection === connection),
    ) as CapturedPacket[]
  }

  events(connection?: number): ConnectionEvent[] {
    return this.records().flatMap((record) =>
      record.kind === 'event' && (connection === undefined || record.connection === connection) ? [record.event] : [],
    )
  }
}
