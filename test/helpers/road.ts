import { CaptureBatch } from '../../app/capture/batch.ts'
import type { Captured, CapturedPacket, ConnectionEvent } from '../../app/capture/captured.ts'
import { joinTaps } from '../../app/capture/tap.ts'
import { createConnectionPair } from '../../app/mqtt/connection-pair.ts'
import { summarize } from '../../app/mqtt/summary.ts'
import type { Broker } from '../../main/broker/broker.ts'
import { createEngine } from '../../main/broker/engine/engine.ts'
import type { Limits } from '../../main/broker/engine/limits.ts'
import type { Listener } from '../../main/broker/listeners/listener.ts'
import { listenTcp } from '../../main/broker/listeners/tcp-listener.ts'
import type { Link } from '../../main/link/link.ts'
import { createWire, type Wire } from '../../main/link/wire.ts'
import { ConnectionTable } from '../../main/recorder/connection-table.ts'
import { Recorder } from '../../main/recorder/recorder.ts'
import { connectionOf } from '../../main/workbench/arrivals.ts'
import { systemClock } from '../../main/workbench/system-clock.ts'
import { until } from './until.ts'

/** The road of a packet as the workbench builds it, without the workbench: listener, Link, broker, recorder. */
export class Road {
  readonly listener: Listener
  readonly broker: Broker
  readonly recorder = new Recorder({ clock: systemClock })
  readonly connections = new ConnectionTable({ clock: systemClock, ring: this.recorder })
  readonly wire: Wire
  readonly links: Link[] = []

  private constructor(listener: Listener, broker: Broker) {
    this.listener = listener
    this.broker = broker
    const tap = joinTaps(this.recorder, this.connections)
    this.wire = createWire({ clock: systemClock, seed: 1, tap, captureStart: this.recorder.startedAt })
    listener.onArrival((arrival) => {
      const connection = this.links.length + 1
      const [linkEnd, brokerEnd] = createConnectionPair()
      broker.accept(brokerEnd, connection)
      this.links.push(this.wire.open({ connection, client: connectionOf(arrival), broker: linkEnd }))
    })
    broker.onEvent(({ connection, event }) => tap.event(connection, event))
  }

  static async open(limits: Partial<Limits> = {}): Promise<Road> {
    const listener = await listenTcp({ host: '127.0.0.1', port: 0 })
    return new Road(listener, await createEngine({ clock: systemClock, limits }))
  }

  get port(): number {
    return this.listener.port
  }

  /** All that was captured of one connection, or of all. */
  records(connection?: number): Captured[] {
    const records: Captured[] = []
    for (let next = 1; ; ) {
      const batch = new CaptureBatch(this.recorder.read(next, 4096))
      if (batch.count === 0) break
      for (let i = 0; i < batch.count; i++) records.push(batch.at(i) as Captured)
      next = batch.first + batch.count
    }
    return connection === undefined ? records : records.filter((record) => record.connection === connection)
  }

  packets(connection?: number): CapturedPacket[] {
    return this.records(connection).filter((record) => record.kind === 'packet')
  }

  events(connection?: number): ConnectionEvent[] {
    return this.records(connection).flatMap((record) => (record.kind === 'event' ? [record.event] : []))
  }

  /** Every octet that went one way. */
  octets(connection: number, direction: CapturedPacket['direction']): Buffer {
    const packets = this.packets(connection).filter((packet) => packet.direction === direction)
    return Buffer.concat(packets.map(({ octets }) => octets))
  }

  /** A connection's packets in a few words each, such as `> PUBLISH` for one to the broker. */
  ladder(connection: number): string[] {
    return this.packets(connection).map(
      ({ direction, octets }) => `${direction === 'to broker' ? '>' : '<'} ${summarize(octets, 4).type}`,
    )
  }

  /** The `closed` event of a connection, once there is one. */
  closed(connection: number) {
    return until(`connection ${connection} is closed`, () =>
      this.events(connection).find((event) => event.type === 'closed'),
    )
  }

  async close(): Promise<void> {
    this.wire.dispose()
    await this.listener.close()
    await this.broker.close()
    this.connections.dispose()
  }
}
