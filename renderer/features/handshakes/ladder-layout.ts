import type { MessageSnapshot } from '../../../app/contract/messages.ts'
import { labelLines, labelWidth } from './label-lines.ts'
import { type Bar, barsOf, type Trip } from './ladder-bars.ts'
import { type Lane, type Lanes, placeLanes } from './ladder-lanes.ts'
import { type Happening, type Hop, hasArrived, orderSteps } from './ladder-order.ts'
import { type Arrow, type ArrowLook, type Label, type Note, type Row, sizes, wordsWidth } from './ladder-rows.ts'
import {
  clientName,
  connectionWords,
  expectedPacket,
  goesForward,
  labelOf,
  notesOf,
  type PacketStep,
  publisherName,
  sentenceOf,
  type Words,
} from './ladder-words.ts'
import type { Subscriber } from './subscribers.ts'
import { wrapEvenly } from './wrap-text.ts'

export interface LadderOptions {
  /** Pixels from edge to edge. */
  readonly width: number
  /** Those that are shown. */
  readonly subscribers: readonly Subscriber[]
  /** Steps that are shown at most; the newest ones. */
  readonly mostSteps: number
  /** Number of the held packet that the buttons act on. */
  readonly next: number | undefined
}

/** A message's packets on their way between the lifelines, in the order of time from top to bottom. */
export interface Ladder extends Lanes {
  readonly rows: readonly Row[]
  readonly bars: readonly Bar[]
  readonly width: number
  readonly height: number
  /** Older steps that are not shown. */
  readonly leftOut: number
}

/** Silence from this length on, in nanoseconds, is told of in a row of its own. */
const longSilence = 1e9

export function layoutLadder(message: MessageSnapshot, options: LadderOptions): Ladder {
  const places = placeLanes(message, options.subscribers, options.width)
  const hops = hopsOf(message, options.subscribers)
  const { happenings, leftOut } = orderSteps(hops, options.mostSteps)
  const writer = new LadderWriter(places, options, message.startedAt)
  happenings.forEach((happening, i) => {
    writer.add(happening, happenings[i + 1])
  })
  for (const hop of hops) writer.expect(hop)
  return { ...places, ...writer.finish(leftOut > 0), width: options.width, leftOut }
}

function hopsOf(message: MessageSnapshot, subscribers: readonly Subscriber[]): Hop[] {
  const { publisher } = message
  const hops: Hop[] = publisher === undefined ? [] : [{ exchange: publisher, client: clientName(publisher), lane: 0 }]
  const broker = publisherName(message) === undefined ? 0 : 1
  subscribers.forEach(({ name, exchanges }, i) => {
    for (const exchange of exchanges) hops.push({ exchange, client: name, lane: broker + 1 + i })
  })
  return hops
}

type Draft<T> = { -readonly [K in keyof T]: T[K] }

/** Puts one row under the other. */
class LadderWriter {
  readonly #lanes: readonly Lane[]
  readonly #broker: number
  readonly #timeWidth: number
  readonly #width: number
  readonly #next: number | undefined
  readonly #startedAt: number
  readonly #rows: Row[] = []
  readonly #trips: Draft<Trip>[] = []
  /** Arrows whose packet has not arrived yet, by the packet's number. */
  readonly #underWay = new Map<number, { readonly arrow: Draft<Arrow>; readonly trip: Draft<Trip> }>()
  #y: number = sizes.margin
  #time: number | undefined
  #merged = false

  constructor(places: Lanes, { width, next }: LadderOptions, startedAt: number) {
    this.#lanes = places.lanes
    this.#broker = places.lanes.findIndex(({ role }) => role === 'broker')
    this.#timeWidth = places.timeWidth
    this.#width = width
    this.#next = next
    this.#startedAt = startedAt
  }

  /** @param next what happens after it: an arrival right behind its packet needs no row of its own */
  add(happening: Happening, next: Happening | undefined): void {
    if (this.#merged) {
      this.#merged = false
      this.#time = happening.time
      return
    }
    const silence = happening.time - (this.#time ?? happening.time)
    if (silence >= longSilence && !this.#continuesBand(happening)) this.#gap(silence)
    this.#time = happening.time
    if (happening.kind === 'connection') this.#band(happening)
    else if (happening.kind === 'arrives') this.#arrival(happening.step, happening.time)
    else {
      const { step } = happening
      this.#merged = next?.kind === 'arrives' && next.step === step
      this.#packet(happening, next?.kind === 'arrives' && this.#merged ? next.time - happening.time : 0)
    }
  }

  /** What the exchange waits for, faintly. */
  expect(hop: Hop): void {
    const type = expectedPacket(hop.exchange)
    if (type === undefined) return
    const forward = goesForward(type)
    const toBroker = forward === (hop.exchange.role === 'publisher')
    const id = hop.exchange.packetId === undefined ? '' : ` ${hop.exchange.packetId}`
    const lines = this.#lines([{ text: `${type}${id} expected`, tone: 'faint' }], hop)
    const arrow = this.#arrow(hop, toBroker, 'expected', lines.length)
    const [from, to] = toBroker ? [hop.client, 'the broker'] : ['the broker', hop.client]
    this.#push({
      kind: 'expected',
      key: `expected ${this.#rows.length}`,
      sentence: `Expected: ${from} to ${to}: ${type}${id}`,
      label: this.#label(lines, arrow),
      arrow,
      height: sizes.packetRow + arrow.y1 - this.#y - sizes.arrowTop,
    })
  }

  finish(older: boolean): { rows: Row[]; bars: Bar[]; height: number } {
    const bottom = this.#y
    // What is on its way when the steps end lands at the bottom: its arrival lies in a capture's future.
    for (const { arrow, trip } of this.#underWay.values()) {
      arrow.y2 = bottom
      trip.arrives = bottom
    }
    const bars = barsOf(this.#trips, this.#broker, bottom, older ? sizes.margin : undefined)
    return { rows: this.#rows, bars, height: bottom + sizes.margin }
  }

  #packet({ step, hop, time }: Extract<Happening, { kind: 'leaves' }>, flight: number): void {
    const forward = goesForward(step.type)
    const look = step.fate === 'dropped' || step.fate === 'held' ? step.fate : forward ? 'forward' : 'answer'
    const { retain } = hop.exchange
    const lines = this.#lines([...labelOf(step, retain), ...this.#nextOf(step)], hop)
    const arrow: Draft<Arrow> = this.#arrow(hop, step.direction === 'to broker', look, lines.length)
    arrow.twice = step.fate === 'duplicated'
    if (flight > 0) arrow.y2 += sizes.fall / 2
    const lowest = arrow.y2 + (arrow.twice ? sizes.twiceApart : 0)
    const late = step.delay > 0 && hasArrived(step)
    const trip = { step, hop, leaves: arrow.y1, arrives: arrow.y2 }
    this.#trips.push(trip)
    if (late && flight === 0) this.#underWay.set(step.number, { arrow, trip })
    const note = this.#note(notesOf(step), { ...arrow, y2: lowest }, hop)
    this.#push({
      kind: 'packet',
      key: `packet ${step.number}`,
      step,
      since: time - this.#startedAt,
      sentence: sentenceOf(step, retain, hop.client, time - this.#startedAt),
      label: this.#label(lines, arrow),
      arrow,
      note,
      height: Math.max(
        sizes.packetRow + arrow.y1 - this.#y - sizes.arrowTop,
        lowest + 8 - this.#y,
        noteEnd(note) + 10 - this.#y,
      ),
    })
  }

  #arrival(step: PacketStep, time: number): void {
    const flight = this.#underWay.get(step.number)
    if (flight === undefined) return
    this.#underWay.delete(step.number)
    const y = this.#y + sizes.arrivalRow - 9
    flight.arrow.y2 = y
    flight.trip.arrives = y
    const { x1, x2 } = flight.arrow
    const id = step.packetId === undefined ? '' : ` ${step.packetId}`
    this.#push({
      kind: 'arrival',
      key: `arrival ${step.number}`,
      step,
      since: time - this.#startedAt,
      note: {
        x: x2 < x1 ? x2 + 14 : x2 - 14,
        y: this.#y + 11,
        anchor: x2 < x1 ? 'start' : 'end',
        lines: [{ text: `${step.type}${id} arrives`, tone: 'quiet' }],
      },
      height: sizes.arrivalRow,
    })
  }

  /** What happens to a connection before anything else does goes into one band. */
  #band({ step, hop, time }: Extract<Happening, { kind: 'connection' }>): void {
    const before = this.#rows.at(-1)
    const steps = before?.kind === 'band' ? [...before.steps, step] : [step]
    const sentence = [...(before?.kind === 'band' ? [before.sentence] : []), connectionWords(step, hop.client)]
    if (before?.kind === 'band') {
      this.#rows.pop()
      this.#y = before.y
    }
    const text = sentence.join(' · ')
    const lines = wrapEvenly(text, this.#width - this.#timeWidth - 40, wordsWidth)
    this.#push({
      kind: 'band',
      key: `band ${steps[0]?.number}`,
      steps,
      since: before?.kind === 'band' ? before.since : time - this.#startedAt,
      lines,
      sentence: text,
      height: lines.length * sizes.bandLine + 2 * (sizes.bandPadding + sizes.bandMargin),
    })
  }

  #continuesBand(happening: Happening): boolean {
    return happening.kind === 'connection' && this.#rows.at(-1)?.kind === 'band'
  }

  #gap(length: number): void {
    this.#push({ kind: 'gap', key: `gap ${this.#rows.length}`, length, height: sizes.gapRow })
  }

  #push(row: { readonly [K in Row['kind']]: Omit<Extract<Row, { kind: K }>, 'y'> }[Row['kind']]): void {
    this.#rows.push({ ...row, y: this.#y })
    this.#y += row.height
  }

  /** @param lines of its label, which stands over it */
  #arrow(hop: Hop, toBroker: boolean, look: ArrowLook, lines: number): Arrow {
    const client = this.#x(hop.lane)
    const broker = this.#x(this.#broker)
    const [from, to] = toBroker ? [client, broker] : [broker, client]
    const end = look === 'dropped' || look === 'held' ? (this.#lastBefore(from, to) + to) / 2 : to
    const y1 = this.#y + sizes.arrowTop + (lines - 1) * sizes.lineHeight
    return { look, x1: from, y1, x2: end, y2: y1 + sizes.fall * ((end - from) / (to - from)), twice: false }
  }

  /** The lifeline before the one at `to`: what ends on its way must not seem to have reached somebody else. */
  #lastBefore(from: number, to: number): number {
    const right = to > from
    const between = this.#lanes.map(({ x }) => x).filter((x) => (right ? x >= from && x < to : x <= from && x > to))
    return right ? Math.max(...between) : Math.min(...between)
  }

  /** The mark of the packet that the buttons act on. */
  #nextOf(step: PacketStep): Words[] {
    return step.fate === 'held' && step.number === this.#next ? [{ text: '· next', tone: 'amber' }] : []
  }

  /** Words over an arrow, in lines that have room between its lifelines. */
  #lines(words: readonly Words[], hop: Hop): Words[][] {
    return labelLines(words, Math.abs(this.#x(hop.lane) - this.#x(this.#broker)) - 2 * lifelineRoom)
  }

  #label(lines: readonly (readonly Words[])[], arrow: Arrow): Label {
    const half = Math.max(...lines.map(labelWidth)) / 2
    const middle = (arrow.x1 + arrow.x2) / 2
    // Half an arrow is short: its words begin where it begins, and may go beyond its end.
    const short = arrow.look === 'dropped' || arrow.look === 'held'
    const beside = half + lifelineRoom
    const wanted = !short
      ? middle
      : arrow.x2 > arrow.x1
        ? Math.max(middle, arrow.x1 + beside)
        : Math.min(middle, arrow.x1 - beside)
    const x = Math.max(this.#timeWidth + half, Math.min(wanted, this.#width - 6 - half))
    return { x, y: this.#y + 13, lines }
  }

  /** Beside the arrow's head where there is room, otherwise beneath the arrow. */
  #note(notes: readonly Words[], arrow: Arrow, hop: Hop): Note | undefined {
    if (notes.length === 0) return undefined
    const client = this.#x(hop.lane)
    const broker = this.#x(this.#broker)
    const left = Math.min(client, broker)
    const span = Math.abs(client - broker)
    const place = (x: number, y: number, anchor: Note['anchor'], room: number): Note => ({
      x,
      y,
      anchor,
      lines: notes.flatMap(({ text, tone }) =>
        wrapEvenly(text, room, wordsWidth).map((line) => ({ text: line, tone })),
      ),
    })
    if (arrow.look === 'dropped' || arrow.look === 'held') {
      return place(left + 9, arrow.y2 + 19, 'start', Math.max(span - 18, leastNote))
    }
    const right = arrow.x2 > arrow.x1
    const room = this.#roomBeyond(arrow.x2, right)
    if (room >= leastNote) return place(arrow.x2 + (right ? 12 : -9), arrow.y2 + 5, right ? 'start' : 'end', room)
    return place(arrow.x2 + (right ? -9 : 9), arrow.y2 + 15, right ? 'end' : 'start', Math.max(span - 18, leastNote))
  }

  /** Pixels between a lifeline and the next thing beyond it. */
  #roomBeyond(x: number, right: boolean): number {
    const others = this.#lanes.map((lane) => lane.x).filter((other) => (right ? other > x + 1 : other < x - 1))
    const next = right ? Math.min(this.#width, ...others) : Math.max(0, ...others)
    return Math.abs(next - x) - 20
  }

  #x(lane: number): number {
    return this.#lanes[lane]?.x ?? 0
  }
}

/** Pixels between a lifeline and words beside it. */
const lifelineRoom = 7

/** Narrower than this, in pixels, a note is hard to read. */
const leastNote = 96

function noteEnd(note: Note | undefined): number {
  return note === undefined ? 0 : note.y + (note.lines.length - 1) * sizes.lineHeight
}
