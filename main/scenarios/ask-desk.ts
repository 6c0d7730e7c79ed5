import type { Clock } from '../../app/base/clock.ts'
import { closest } from '../../app/base/closest.ts'
import { FaultlineError } from '../../app/base/errors.ts'
import { formatDuration } from '../../app/device/duration-words.ts'
import { mostAtOnce } from '../../app/scenario/bounds.ts'
import { observerId } from '../../app/scenario/observer.ts'
import type { DeedReport, Place } from '../../app/scenario/report.ts'
import type { Answer, Ask } from '../../app/script-api/scenario-crossing.ts'
import { pollOf, provisional, waitedFor } from './ask-words.ts'
import type { Bench } from './bench.ts'
import { type Deed, deedOf } from './deed-words.ts'
import type { Evidence } from './evidence.ts'
import type { Expectations } from './expect/expectations.ts'
import { type Concern, failureText, ladderAround } from './failures.ts'
import { linkRule } from './link-rule.ts'
import { Polls } from './polls.ts'
import { quiet } from './quiet.ts'
import { read } from './readings.ts'
import { tooMany, untoldAtTarget, wentOut } from './refusals.ts'
import type { RunLog } from './run-log.ts'
import { OpenWaits } from './wait-for.ts'
import { WireDesk } from './wire-desk.ts'

/** How long a device may take to boot before `powerOn` gives up waiting for it, in milliseconds. */
const bootWithin = 10_000

export interface DeskOptions {
  readonly bench: Bench
  readonly evidence: Evidence
  readonly expectations: Expectations
  readonly log: RunLog
  readonly clock: Clock
  /** Something of the report has changed. */
  readonly changed: () => void
}

/** Something that the body has asked for, in words. */
interface Call {
  readonly what: string
  readonly place: Place | undefined
}

type Of<Name extends Ask['do']> = Extract<Ask, { do: Name }>

/** Carries out what the body of a scenario asks for, and writes it down. */
export class AskDesk {
  readonly #bench: Bench
  readonly #evidence: Evidence
  readonly #expectations: Expectations
  readonly #log: RunLog
  readonly #clock: Clock
  readonly #changed: () => void
  readonly #waits: OpenWaits
  readonly #polls: Polls
  readonly #wire: WireDesk
  /** What each rule says, by its id: a rule that has been removed can be named still. */
  readonly #rules = new Map<string, string>()
  /** What is not answered yet, the oldest first. */
  readonly #waiting = new Set<Call>()
  #last: Call | undefined
  /** How many subscriptions it has made. */
  #watches = 0
  /** What has been asked for that is not the same in every run: see `unrepeatable.ts`. */
  readonly asked = { waits: 0, silences: 0, chances: 0, clients: new Set<string>([observerId]) }

  constructor({ bench, changed, clock, evidence, expectations, log }: DeskOptions) {
    this.#bench = bench
    this.#evidence = evidence
    this.#expectations = expectations
    this.#log = log
    this.#clock = clock
    this.#changed = changed
    this.#waits = new OpenWaits(clock)
    this.#polls = new Polls(this.#waits)
    this.#wire = new WireDesk(bench, this.#waits)
  }

  /** What has waited longest for its answer: of a run that is out of time, what it waited for. */
  get oldest(): Call | undefined {
    return [...this.#waiting].find(({ what }) => what !== '')
  }

  /** What was asked for last, answered or not. */
  get last(): Call | undefined {
    return this.#last
  }

  /** Answers; rejects only where the fault is ours. */
  async answer(ask: Ask, place: Place | undefined, octets: Uint8Array | undefined): Promise<Answer> {
    const entry = { what: waitedFor(ask), place }
    this.#waiting.add(entry)
    if (entry.what !== '') this.#last = entry
    try {
      return await this.#carryOut(ask, place, octets)
    } catch (error) {
      if (!(error instanceof FaultlineError) || error.code === 'internal') throw error
      return { type: 'refused', message: error.hint === undefined ? error.message : `${error.message}; ${error.hint}` }
    } finally {
      this.#waiting.delete(entry)
      this.#changed()
    }
  }

  /** Waits for nothing more. */
  dispose(): void {
    this.#waits.dispose()
  }

  async #carryOut(ask: Ask, place: Place | undefined, octets: Uint8Array | undefined): Promise<Answer> {
    const clients = 'clients' in ask ? this.#clientsOf(ask.clients) : '*'
    const deed = this.#deedOf(ask, clients)
    const noted = deed && this.#note(deed, place)
    try {
      return await this.#perform(ask, place, octets, clients)
    } catch (error) {
      if (noted !== undefined && !wentOut(ask, error)) this.#log.forgetDeed(noted)
      throw error
    }
  }

  /** As it is to be noted at once, before anybody knows whether it can be done; undefined for what is noted when it is done. */
  #deedOf(ask: Ask, clients: string): Deed | undefined {
    if (ask.do === 'cut') return undefined
    if (ask.do !== 'remove fault') return deedOf(ask, clients)
    return this.#isInForce(ask.rule) ? deedOf({ ...ask, rule: this.#nameOf(ask.rule) }, clients) : undefined
  }

  async #perform(ask: Ask, place: Place | undefined, octets: Uint8Array | undefined, clients: string): Promise<Answer> {
    switch (ask.do) {
      case 'log':
        this.#log.line(ask.text)
        return done()
      case 'wait':
        // Those that `expect.poll` asks for have no place.
        if (place !== undefined) this.asked.waits += 1
        await this.#waits.pass(ask.ms)
        return done()
      case 'poll':
        return done(await this.#polls.begin(ask.poll, ask.ms))
      case 'end poll':
        this.#polls.end(ask.poll)
        return done()
      case 'begin step':
        return done({ step: this.#log.beginStep(ask.name, place, ask.running ?? [], this.#evidence.next) })
      case 'end step':
        this.#log.endStep(ask.step, ask.failed, this.#evidence.next)
        return done()
      case 'expect':
        return await this.#expect(ask, place)
      case 'judged':
        return this.#judged(ask, place)
      case 'read':
        return done(await read(ask, { bench: this.#bench, evidence: this.#evidence, expectations: this.#expectations }))
      case 'wire':
        return await this.#atWire(ask, place)
      case 'fault':
      case 'remove fault':
      case 'cut':
      case 'heal':
        return await this.#atLinks(ask, clients, place)
      case 'broker':
        await this.#bench.broker.order(this.#orderOf(ask), 'text' in ask.what ? bytesOf(ask.what.text, octets) : octets)
        return done()
      case 'device':
        await this.#atDevice(ask)
        return done()
      case 'ramp':
        await this.#bench.fleets.rampTo(ask.group, ask.count, ask.overMs)
        return done()
      case 'storm':
        await this.#bench.fleets.storm(ask.group, ask.reconnect)
        return done()
      default:
        return await this.#atClient(ask, octets)
    }
  }

  async #atClient(
    ask: Of<'open client' | 'connect' | 'disconnect' | 'drop client' | 'subscribe' | 'unsubscribe' | 'publish'>,
    octets: Uint8Array | undefined,
  ): Promise<Answer> {
    const { clients } = this.#bench
    switch (ask.do) {
      case 'open client':
        this.asked.clients.add(ask.id)
        return done(await clients.open(ask.id, ask.settings))
      case 'connect':
        return done(await clients.connect(ask.id))
      case 'disconnect':
        await clients.disconnect(ask.id)
        return done()
      case 'drop client':
        await clients.drop(ask.id)
        return done()
      case 'subscribe': {
        if (this.#watches >= mostAtOnce.watches)
          throw tooMany(mostAtOnce.watches, 'subscriptions', 'a run can make no more')
        // From before its SUBACK on: what the broker has retained can come in one segment with it.
        const watch = this.#expectations.watch(ask.id, ask.filters)
        this.#watches = watch
        const { do: _, ...order } = ask
        await clients.subscribe(order)
        return done({ watch })
      }
      case 'unsubscribe':
        await clients.unsubscribe(ask.id, ask.filters)
        return done()
      case 'publish': {
        const { do: _, ...order } = ask
        await clients.publish(order, bytesOf(ask.text, octets))
        return done()
      }
    }
  }

  async #atLinks(
    ask: Of<'fault' | 'remove fault' | 'cut' | 'heal'>,
    clients: string,
    place: Place | undefined,
  ): Promise<Answer> {
    const { wire } = this.#bench
    switch (ask.do) {
      case 'fault': {
        if (this.#rules.size >= mostAtOnce.faults && wire.state().rules.length >= mostAtOnce.faults)
          throw tooMany(mostAtOnce.faults, 'faults', 'end some with remove() or heal()')
        const rule = linkRule(ask, clients)
        const id = wire.addRule(rule)
        this.#rules.set(id, wire.state().rules.find((each) => each.id === id)?.name ?? ask.fault)
        if (ask.fault === 'halfOpen') this.asked.silences += 1
        if (rule.probability < 1 || ['loss', 'jitter', 'corrupt'].includes(ask.fault)) this.asked.chances += 1
        return done({ rule: id })
      }
      case 'remove fault':
        // Healed in the meantime: it is ended, which is what was asked for.
        if (this.#isInForce(ask.rule)) wire.removeRule(ask.rule)
        this.#rules.delete(ask.rule)
        return done()
      case 'cut':
        await quiet(clients, { bench: this.#bench, clock: this.#clock, evidence: this.#evidence, waits: this.#waits })
        return this.#cut(ask, clients, place)
      case 'heal':
        wire.heal(clients)
        return done()
    }
  }

  /** Nobody's link that is cut is no deed. */
  #cut(ask: Of<'cut'>, clients: string, place: Place | undefined): Answer {
    const connections = this.#bench.wire.cut(clients, ask.how)
    const deed = deedOf(ask, clients)
    if (connections === 0) this.#needClient(ask.clients)
    else if (deed !== undefined) this.#note(deed, place)
    return done({ connections })
  }

  #isInForce(rule: string): boolean {
    return this.#bench.wire.state().rules.some(({ id }) => id === rule)
  }

  async #atDevice({ action, certificate, id, offMs, skewMs }: Of<'device'>): Promise<void> {
    const { devices } = this.#bench
    if (action === 'hang') this.asked.silences += 1
    this.#expectations.lookAtDevice(id)
    if (action === 'crash') this.#expectations.noteCrash(id, true)
    await devices.act(id, action, { offMs, skewMs, certificate }).catch((error: unknown) => {
      if (action === 'crash') this.#expectations.noteCrash(id, false)
      throw error
    })
    if (action !== 'powerOn') return
    const isUnderWay = () => (devices.get(id)?.state ?? 'booting') !== 'booting' || undefined
    await this.#waits.until(isUnderWay, [devices.onChanged], bootWithin)
  }

  async #atWire({ what }: Of<'wire'>, place: Place | undefined): Promise<Answer> {
    if (what.order !== 'held') return done(this.#wire.carryOut(what))
    const entry = this.#log.expect(`wire.${what.deliver ? 'next' : 'held'}`, false, place)
    const from = this.#evidence.next
    this.#changed()
    const packet = await this.#wire.held(what)
    const judged = {
      what: entry.what,
      held: packet !== undefined,
      expected: `a packet to be held, within ${formatDuration(what.within)}`,
      received: packet === undefined ? 'none is held' : `${packet.type} ${packet.number} of ${packet.client}`,
    }
    this.#log.settle(entry, judged)
    if (packet === undefined) return this.#failed({ ...judged, packets: undefined }, { from, place, soft: false })
    if (what.deliver) this.#note({ kind: 'wire.next', what: `${judged.received} is delivered` }, place)
    return done(packet)
  }

  async #expect(ask: Of<'expect'>, place: Place | undefined): Promise<Answer> {
    const entry = this.#log.expect(provisional(ask), ask.soft, place)
    const from = this.#evidence.next
    this.#changed()
    const judged = await this.#expectations.judge(ask).catch((error: unknown) => {
      const untold = untoldAtTarget(entry.what, error)
      // A call that makes no sense was never judged: what is wrong with it is told by its refusal.
      if (untold === undefined) this.#log.forget(entry)
      else return untold
      throw error
    })
    this.#log.settle(entry, judged)
    return judged.held ? done() : this.#failed(judged, { from, place, soft: ask.soft })
  }

  #judged({ held, polled, received, soft, ...ask }: Of<'judged'>, place: Place | undefined): Answer {
    const what = polled === undefined ? `expect(value).${ask.matcher}` : pollOf(ask.matcher)
    const expected = polled === undefined ? ask.expected : `${ask.expected}, within ${formatDuration(polled.within)}`
    const judged = { what, expected, received, held, packets: undefined }
    const entry = this.#log.expect(what, soft, place)
    entry.at = Math.max(0, entry.at - (polled?.ms ?? 0))
    this.#log.settle(entry, judged)
    return held ? done() : this.#failed(judged, { from: this.#evidence.next, place, soft })
  }

  #failed(
    judged: {
      readonly what: string
      readonly expected: string
      readonly received: string
      readonly packets: { readonly first: number; readonly last: number } | undefined
      readonly concern?: Concern | undefined
    },
    { from, place, soft }: { readonly from: number; readonly place: Place | undefined; readonly soft: boolean },
  ): Answer {
    const { concern, expected, packets, received, what } = judged
    const failure = {
      what,
      expected,
      received,
      place,
      at: this.#log.now(),
      ladder: this.#log.hasRoomForLadder
        ? ladderAround({ concern, evidence: this.#evidence, packets, from, startAt: this.#startAt })
        : [],
      step: this.#log.stepAt(place),
      soft,
      packets,
    }
    this.#log.fail(failure)
    return soft ? done() : { type: 'failed', message: failureText(failure) }
  }

  /** Nanoseconds of the capture's time at which the run began. */
  get #startAt(): number {
    return (this.#log.startedAt - this.#bench.capture.startedAt) * 1e6
  }

  #note({ kind, what }: Deed, place: Place | undefined): DeedReport {
    const noted = this.#log.deed(kind, what, place)
    this.#changed()
    return noted
  }

  #nameOf(rule: string): string {
    return `“${this.#rules.get(rule) ?? rule}”`
  }

  /** @throws FaultlineError `not-found` for one client that nobody in the run has ever been; a pattern may fit nobody */
  #needClient(id: string): void {
    if (id.includes('*')) return
    const { clients, devices, fleets } = this.#bench
    const known = [
      ...devices.list().flatMap((device) => [device.id, device.clientId]),
      ...this.asked.clients,
      ...this.#evidence.meter.clientIds,
    ]
    const isOfFleet = fleets.list().some((fleet) => id === fleet.id || id.startsWith(`${fleet.id}-`))
    if (known.includes(id) || isOfFleet || clients.state(id) !== undefined) return
    const meant = closest(id, known)
    throw new FaultlineError({
      code: 'not-found',
      message: `there is no device and no client '${id}' in this run whose link could be cut`,
      hint: meant === undefined ? "a pattern with * may fit nobody, such as 'pump-*'" : `did you mean '${meant}'?`,
    })
  }

  #orderOf({ what }: Of<'broker'>): Of<'broker'>['what'] {
    if (what.order === 'expireSession') return { ...what, id: this.#clientsOf(what.id) }
    if (what.order !== 'refuse' || what.clients === undefined) return what
    return { ...what, clients: this.#clientsOf(what.clients) }
  }

  /** A device goes by its id in a scenario; its Client Identifier can be another one. */
  #clientsOf(idOrPattern: string): string {
    return this.#bench.devices.get(idOrPattern)?.clientId ?? idOrPattern
  }
}

function done(value?: unknown): Answer {
  return { type: 'done', value }
}

function bytesOf(text: string | undefined, octets: Uint8Array | undefined): Uint8Array {
  return text === undefined ? (octets ?? new Uint8Array()) : new TextEncoder().encode(text)
}
