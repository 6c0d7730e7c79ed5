import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'
import { Emitter } from '../../app/base/emitter.ts'
import type { Stats } from '../../app/contract/contract.ts'
import type { ConnectionTable } from '../recorder/connection-table.ts'
import type { Recorder } from '../recorder/recorder.ts'

const second = 1000

/** Measures the workbench itself, once a second. */
export class StatsMeter implements Disposable {
  readonly #stats = new Emitter<Stats>()
  readonly #delay = monitorEventLoopDelay({ resolution: 10 })
  readonly #clock: Clock
  readonly #recorder: Recorder
  readonly #connections: ConnectionTable
  #timer: Disposable
  #packetsBefore = 0
  #timeBefore: number

  readonly onStats = this.#stats.event

  constructor(options: { clock: Clock; recorder: Recorder; connections: ConnectionTable }) {
    this.#clock = options.clock
    this.#recorder = options.recorder
    this.#connections = options.connections
    this.#timeBefore = options.clock.monotonic()
    this.#delay.enable()
    this.#timer = options.clock.after(second, () => this.#measure())
  }

  dispose(): void {
    this.#timer.dispose()
    this.#delay.disable()
    this.#stats.dispose()
  }

  #measure(): void {
    const time = this.#clock.monotonic()
    const packets = this.#connections.packets
    const ring = this.#recorder.stats()
    this.#stats.fire({
      time: this.#clock.now(),
      clients: this.#connections.clients,
      packetsPerSecond: ((packets - this.#packetsBefore) * 1e9) / (time - this.#timeBefore),
      captured: ring.captured,
      ringOctets: ring.octets,
      ringEvicted: ring.evicted,
      ringCut: ring.cut,
      memory: process.memoryUsage.rss(),
      // The monitor counts its own 10 ms interval in; NaN and 0 stand for a second without a sample.
      loopDelay: Math.max(0, (this.#delay.max || 0) / 1e6 - 10),
    })
    this.#packetsBefore = packets
    this.#timeBefore = time
    this.#delay.reset()
    this.#timer = this.#clock.after(second, () => this.#measure())
  }
}
