import type { ConnectionSnapshot } from '../../app/contract/contract.ts'
import { RateWindow } from './rate-window.ts'

/** The key under which a connection's packets count: its client's, so that a rate goes on over reconnects. */
export function rateKey(connection: { readonly id: number; readonly clientId?: string | undefined }): string {
  return connection.clientId || `connection ${connection.id}`
}

/** Packets per second of every client, from the counters of its connections. */
export class ClientRates {
  readonly #packets = new Map<number, number>()
  readonly #windows = new Map<string, RateWindow>()
  /** Wall time in milliseconds. */
  #forgetAt = 0

  /** A first look at the connections: what they counted before is not of the last seconds. */
  reset(connections: readonly ConnectionSnapshot[]): void {
    this.#packets.clear()
    this.#windows.clear()
    for (const connection of connections) this.#packets.set(connection.id, connection.packets)
  }

  /** @param now wall time in milliseconds. */
  update(changed: readonly ConnectionSnapshot[], removed: readonly number[], now: number): void {
    for (const connection of changed) {
      const before = this.#packets.get(connection.id) ?? 0
      this.#packets.set(connection.id, connection.packets)
      if (connection.packets > before) this.#window(rateKey(connection), now).add(connection.packets - before, now)
    }
    for (const id of removed) this.#packets.delete(id)
    this.#forgetQuiet(now)
  }

  /** Packets per second now; 0 for a client of which nothing was heard. */
  perSecond(key: string, now: number): number {
    return this.#windows.get(key)?.perSecond(now) ?? 0
  }

  /** Packets in each of the last 30 seconds; undefined when there were none. */
  series(key: string, now: number): number[] | undefined {
    return this.#windows.get(key)?.series(now)
  }

  /** The same of many clients together: their rate now, and in each of the last 30 seconds, undefined when there was none. */
  together(keys: Iterable<string>, now: number): { perSecond: number; series: number[] | undefined } {
    const windows: RateWindow[] = []
    for (const key of keys) {
      const window = this.#windows.get(key)
      if (window !== undefined) windows.push(window)
    }
    if (windows.length === 0) return { perSecond: 0, series: undefined }
    const all = RateWindow.together(windows, now)
    return { perSecond: all.perSecond(now), series: all.series(now) }
  }

  /** Once in ten seconds: with thousands of clients it takes its time, and nothing but memory depends on it. */
  #forgetQuiet(now: number): void {
    if (now < this.#forgetAt) return
    this.#forgetAt = now + 10_000
    for (const [key, window] of this.#windows) if (window.isQuiet(now)) this.#windows.delete(key)
  }

  #window(key: string, now: number): RateWindow {
    let window = this.#windows.get(key)
    if (window === undefined) {
      window = new RateWindow(now)
      this.#windows.set(key, window)
    }
    return window
  }
}
