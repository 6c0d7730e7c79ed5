import type { Socket } from 'node:net'
import type { Clock } from '../../../app/base/clock.ts'
import type { Disposable } from '../../../app/base/disposable.ts'

/** How long a client waits for CONNACK, in milliseconds. */
const connackPatience = 30_000

/**
 * What keeps a client's socket and its timers as still as the program that has them: nothing is read, nothing that was
 * written goes out, no end of the other side is answered, and no patience runs out; the system keeps the socket open.
 */
export class StillSocket {
  #still = false
  #socket: Socket | undefined
  /** The other end has closed while nobody was there to answer. */
  #ended = false
  #connack: Disposable | undefined
  #giveUp: (() => void) | undefined

  readonly #clock: Clock
  readonly #intervals = new Map<number, Disposable>()
  #lastInterval = 0

  /** For MQTT.js, whose keep alive runs on it: numbered as a browser's. */
  readonly timers = {
    set: (run: () => void, ms: number): number => {
      const timer = ++this.#lastInterval
      this.#every(timer, ms, run)
      return timer
    },
    clear: (timer: number): void => {
      this.#intervals.get(timer)?.dispose()
      this.#intervals.delete(timer)
    },
  }

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Takes the socket of a new connection, which must have been opened with `allowHalfOpen`.
   *
   * @param giveUp called when no CONNACK came in time
   */
  take(socket: Socket, giveUp: () => void): void {
    this.#socket = socket
    this.#ended = false
    this.#giveUp = giveUp
    this.#waitForConnack()
    if (this.#still) this.#stop(socket)
    // The pipe into MQTT.js lets a paused socket go on when it has room again.
    socket.on('resume', () => {
      if (this.#still) socket.pause()
    })
    socket.on('end', () => {
      if (this.#still) this.#ended = true
      else socket.end()
    })
    socket.once('close', () => {
      if (this.#socket !== socket) return
      this.#socket = undefined
      this.accepted()
    })
  }

  /** CONNACK has come, or there is nobody left to wait for it. */
  accepted(): void {
    this.#connack?.dispose()
    this.#giveUp = undefined
  }

  hang(): void {
    if (this.#still) return
    this.#still = true
    this.#connack?.dispose()
    if (this.#socket !== undefined) this.#stop(this.#socket)
  }

  wake(): void {
    if (!this.#still) return
    this.#still = false
    this.#waitForConnack()
    this.#socket?.uncork()
    this.#socket?.resume()
    if (this.#ended) this.#socket?.end()
  }

  #stop(socket: Socket): void {
    socket.pause()
    socket.cork()
  }

  #waitForConnack(): void {
    if (this.#still || this.#giveUp === undefined) return
    const giveUp = this.#giveUp
    this.#connack?.dispose()
    this.#connack = this.#clock.after(connackPatience, giveUp)
  }

  #every(timer: number, ms: number, run: () => void): void {
    const next = this.#clock.after(ms, () => {
      this.#every(timer, ms, run)
      if (!this.#still) run()
    })
    this.#intervals.set(timer, next)
  }
}
