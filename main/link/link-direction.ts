import type { CapturedPacket } from '../../app/capture/captured.ts'
import { view } from '../../app/mqtt/codec/text.ts'
import { packetTypeOf } from '../../app/mqtt/control-packet.ts'
import { Framer, type Malformation, type StreamedPacket } from '../../app/mqtt/framer.ts'
import type { Direction, NetworkConnection, Origin } from '../../app/mqtt/network-connection.ts'
import type { Controls } from './controls.ts'
import type { Identity } from './identity.ts'
import { type Cargo, cargoOf, type Ending, type FateReport, Passage } from './passage.ts'
import { Pipeline } from './pipeline.ts'
import { idlePlan, looksInside, type Plan } from './plan.ts'

/** So many octets may wait in one direction, or one packet; then its sender feels it. */
const mostWaiting = 1024 * 1024

export interface LinkDirectionHost {
  /** CONNECT has come. */
  connecting(octets: Uint8Array): void
  /** All that has arrived was framed. */
  pushed(): void
  /** The ending has come to its turn. */
  tell(direction: Direction, ending: Ending): void
  torn(by: string): void
  keepAliveEndsAt(direction: Direction): number | undefined
}

interface LinkDirectionOptions {
  readonly controls: Controls
  readonly identity: Identity
  readonly direction: Direction
  readonly from: NetworkConnection
  readonly to: NetworkConnection
  readonly host: LinkDirectionHost
}

/**
 * One direction of a Link: framing, the tap, and on. Where nothing is to be done with packets they go on at once, side by
 * side; else each goes through the pipeline, until that is empty and has nothing more to do.
 */
export class LinkDirection {
  readonly #controls: Controls
  readonly #identity: Identity
  readonly direction: Direction
  readonly #from: NetworkConnection
  readonly #to: NetworkConnection
  readonly #host: LinkDirectionHost
  readonly #framer: Framer
  readonly #report: FateReport
  /** What is being framed, and the origin of the packet that ends where it ends. */
  #chunk: Uint8Array = none
  #origin: Origin | undefined
  /** The part of the chunk that is ready to go on, and the origin of its last packet. */
  #runStart = 0
  #runEnd = 0
  #runOrigin: Origin | undefined
  #plan: Plan = idlePlan
  #pipeline: Pipeline | undefined
  /** Packets do not simply go on: there is a pipeline, or nobody to receive them. */
  #detour = false
  /** Why nothing goes on any more. */
  #closedBy: string | undefined
  /** The packet that is being streamed through the pipeline, and whether a part of it went on before. */
  #streamed: Passage | undefined
  #begun = false
  #awaitsConnect: boolean
  /** The receiver has asked to wait, and the sender was asked to. */
  #receiverSlow = false
  #paused = false
  /** Monotonic time; kept where there is a keep alive, for it is asked for with every write. */
  #lastWriteAt: number | undefined
  #timed = false
  #pushing = false

  constructor({ controls, identity, direction, from, to, host }: LinkDirectionOptions) {
    this.#controls = controls
    this.#identity = identity
    this.direction = direction
    this.#from = from
    this.#to = to
    this.#host = host
    this.#awaitsConnect = direction === 'to broker'
    this.#framer = new Framer((octets, malformed, rest) => this.#framed(octets, malformed, rest), {
      keeps: controls.tap.keeps,
      allows: () => !looksInside(this.#plan),
      part: (octets, rest, packet) => this.#streamedPart(octets, rest, packet),
    })
    this.#report = {
      fate: (fate) => controls.tap.event(identity.connection, fate),
      now: () => controls.clock.monotonic(),
    }
  }

  get plan(): Plan {
    return this.#plan
  }

  /** A breakpoint holds a packet that goes this way. */
  get holds(): boolean {
    return this.#pipeline?.holds ?? false
  }

  /** What has arrived is being framed at this moment. */
  get pushing(): boolean {
    return this.#pushing
  }

  get closed(): boolean {
    return this.#closedBy !== undefined
  }

  /** Wall time at which something went on last; undefined where there is no keep alive. */
  get lastWriteAt(): number | undefined {
    if (this.#lastWriteAt === undefined) return undefined
    const { clock } = this.#controls
    return clock.now() - (clock.monotonic() - this.#lastWriteAt) / 1e6
  }

  /** Takes in what has arrived. */
  octets(octets: Uint8Array, origin: Origin | undefined): void {
    this.#chunk = octets
    this.#origin = origin
    this.#runStart = this.#runEnd = 0
    this.#pushing = true
    try {
      this.#framer.push(octets)
      this.#sendRun()
    } finally {
      this.#pushing = false
    }
    if (!this.#detour) return
    this.#settle()
    this.#host.pushed()
  }

  /** Nothing more will arrive: an unfinished packet goes on as it is, and then the ending. */
  end(ending: Ending): void {
    this.#finish()
    if (this.#closedBy !== undefined) return
    if (this.#pipeline) {
      this.#pipeline.arrive(ending)
      this.#settle()
    } else this.#host.tell(this.direction, ending)
  }

  /** The receiving side has room again. */
  drained(): void {
    this.#receiverSlow = false
    this.#flow()
  }

  /** Other things are to be done with packets than before. */
  setPlan(plan: Plan): void {
    this.#plan = plan
    if (plan !== idlePlan && this.#closedBy === undefined && this.#pipeline === undefined) this.#openPipeline()
    this.#pipeline?.planChanged()
    if (this.#detour) this.#settle()
  }

  /** Nothing goes on any more: what waits is dropped, and what comes, an unfinished packet with it. */
  close(by: string): void {
    if (this.#closedBy !== undefined) return
    this.#closedBy = by
    this.#detour = true
    this.#pipeline?.close(by)
    this.#receiverSlow = false
    this.#settle()
  }

  /** Nothing more will arrive and nothing goes on: the link is gone. */
  dispose(): void {
    this.#finish()
    this.#pipeline?.dispose()
  }

  #finish(): void {
    // What comes behind in the same piece is framed before the stream is at its end.
    if (this.#pushing) return
    this.#chunk = none
    this.#origin = undefined
    this.#runStart = this.#runEnd = 0
    this.#framer.end()
  }

  #framed(octets: Uint8Array, malformed: Malformation | false, rest: number): void {
    const origin = rest === 0 && !malformed ? this.#origin : undefined
    const number = this.#controls.tap.packet(
      this.#identity.connection,
      this.direction,
      octets,
      malformed,
      origin,
      octets.length,
    )
    if (this.#awaitsConnect && !malformed) this.#lookForConnect(octets)
    if (this.#detour) {
      const now = this.#report.now()
      const passage = new Passage(this.#report, now, this.#record(now, number, octets, malformed, origin))
      this.#take(cargoOf(passage, 'whole', octets, origin), rest)
    } else this.#forward(octets, rest, origin)
  }

  /** A packet that is too large to be collected goes on as it comes. The tap hears of it with its last part. */
  #streamedPart(octets: Uint8Array, rest: number, packet: StreamedPacket | undefined): void {
    const origin = packet && rest === 0 && !packet.malformed ? this.#origin : undefined
    if (this.#detour || this.#streamed) {
      this.#streamed ??= new Passage(this.#report, this.#report.now())
      this.#streamed.begun ||= this.#begun
    }
    if (packet) {
      const { malformed, length } = packet
      const { connection } = this.#identity
      const number = this.#controls.tap.packet(connection, this.direction, packet.octets, malformed, origin, length)
      this.#streamed?.numbered(number)
      if (this.#awaitsConnect && !malformed) this.#lookForConnect(packet.octets)
    }
    const passage = this.#streamed
    this.#begun = packet === undefined
    if (packet) this.#streamed = undefined
    if (passage) this.#take(cargoOf(passage, packet ? 'last' : 'middle', octets, origin), rest)
    else this.#forward(octets, rest, origin)
  }

  #record(
    now: number,
    number: number,
    octets: Uint8Array,
    malformed: Malformation | false,
    origin: Origin | undefined,
  ): CapturedPacket {
    const { connection } = this.#identity
    const time = this.#controls.captureTime(now)
    const length = octets.length
    return { kind: 'packet', number, time, connection, direction: this.direction, octets, length, malformed, origin }
  }

  #lookForConnect(octets: Uint8Array): void {
    if (packetTypeOf(octets[0] ?? 0) !== 'CONNECT') return
    this.#awaitsConnect = false
    // What came before it is gone already, whatever becomes of the link now.
    this.#sendRun()
    this.#host.connecting(octets)
    this.#timed = this.#identity.keepAlive > 0
  }

  /** Packets that lie side by side in one chunk go on together: a write for each would be most of the cost. */
  #forward(octets: Uint8Array, rest: number, origin: Origin | undefined): void {
    this.#runEnd = this.#chunk.length - rest
    this.#runOrigin = origin
    if (octets.buffer === this.#chunk.buffer) return
    // It began in an earlier chunk, so it lies elsewhere and is the first.
    this.#runStart = this.#runEnd
    this.#send(octets, origin)
  }

  #sendRun(): void {
    const { length } = this.#chunk
    const [start, end] = [this.#runStart, this.#runEnd]
    if (start === end) return
    this.#runStart = end
    this.#send(end - start === length ? this.#chunk : view(this.#chunk, start, end), this.#runOrigin)
  }

  #send(octets: Uint8Array, origin: Origin | undefined): void {
    // The broker counts from here when it waits for a sign of life. Wall time would cost three times as much.
    const { clock } = this.#controls
    if (this.#timed) this.#lastWriteAt = clock.recent?.() ?? clock.monotonic()
    if (this.#to.write(octets, origin)) return
    this.#receiverSlow = true
    this.#flow()
  }

  /** The way through the pipeline, or to nowhere. */
  #take(cargo: Cargo, rest: number): void {
    this.#sendRun()
    this.#runStart = this.#runEnd = this.#chunk.length - rest
    if (this.#pipeline && this.#closedBy === undefined) {
      if (this.#pipeline.holds) this.#controls.waitingChanged()
      this.#pipeline.arrive(cargo)
      return
    }
    if (this.#closedBy !== undefined) cargo.passage.drop(this.#plan.halfOpen?.name ?? this.#closedBy)
    else if (!cargo.passage.dropped) this.#send(cargo.octets, cargo.origin)
    if (cargo.part !== 'middle') cargo.passage.over()
  }

  #openPipeline(): void {
    const direction = this.direction
    const host = this.#host
    const link = this
    this.#detour = true
    this.#pipeline = new Pipeline({
      controls: this.#controls,
      identity: this.#identity,
      direction,
      get plan() {
        return link.#plan
      },
      write: (octets, origin) => this.#send(octets, origin),
      tell: (ending) => host.tell(direction, ending),
      torn: (by) => host.torn(by),
      keepAliveEndsAt: () => host.keepAliveEndsAt(direction),
      moved: () => this.#settle(),
    })
  }

  /** Goes back to the short way where the long one is not needed any more, and lets the sender feel what waits. */
  #settle(): void {
    if (this.#pipeline?.empty && this.#plan === idlePlan && this.#closedBy === undefined) {
      this.#pipeline.dispose()
      this.#pipeline = undefined
      this.#detour = false
    }
    this.#flow()
  }

  #flow(): void {
    const most = this.#paused ? mostWaiting / 2 : mostWaiting
    const pause = this.#receiverSlow || (this.#pipeline?.weight ?? 0) > most
    if (pause === this.#paused) return
    this.#paused = pause
    if (pause) this.#from.pause()
    else this.#from.resume()
  }
}

const none = new Uint8Array(0)
