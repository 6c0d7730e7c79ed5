import type { Clock } from '../../app/base/clock.ts'
import { closest } from '../../app/base/closest.ts'
import { FaultlineError } from '../../app/base/errors.ts'
import type { Place } from '../../app/scenario/report.ts'
import type { Answer, Ask } from '../../app/script-api/scenario-crossing.ts'
import type { Bench } from './bench.ts'
import { type Deed, deedOf } from './deed-words.ts'
import type { Evidence } from './evidence.ts'
import type { Expectations, Judgement } from './expect/expectations.ts'
import { failureText, ladderAround } from './failures.ts'
import { linkRule } from './link-rule.ts'
import { quiet } from './quiet.ts'
import { read } from './readings.ts'
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
  readonly #wire: WireDesk
  /** What each rule says, by its id: a rule that has been removed can be named still. */
  readonly #rules = new Map<string, string>()
  /** What is not answered yet, the oldest first. */
  readonly #waiting = new Set<Call>()
  #last: Call | undefined
  /** What has been asked for that is not the same in every run: see `unrepeatable.ts`. */
  readonly asked = { waits: 0, silences: 0, chances: 0, clients: new Set<string>(['observer']) }

  constructor({ bench, changed, clock, evidence, expectations, log }: DeskOptions) {
    this.#bench = bench
    this.#evidence = evidence
    this.#expectations = expectations
    this.#log = log
    this.#clock = clock
    this.#changed = changed
    this.#waits = new OpenWaits(clock)
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
    const deed = deedOf(ask.do === 'remove fault' ? { ...ask, rule: this.#nameOf(ask.rule) } : ask, clients)
    if (deed !== undefined) this.#note(deed, place)
    switch (ask.do) {
      case 'log':
        this.#log.line(ask.text)
        return done()
      case 'wait':
        // Those that `expect.poll` asks for have no place.
        if (place !== undefined) this.asked.waits += 1
        await this.#waits.pass(ask.ms)
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
        return done(read(ask, this.#bench, this.#expectations))
      case 'wire':
        return await this.#atWire(ask, place)
      case 'fault':
      case 'remove fault':
      case 'cut':
      case 'heal':
        return await this.#atLinks(ask, clients)
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
        // From before its SUBACK on: what the broker has retained can come in one segment with it.
        const watch = this.#expectations.watch(ask.id, ask.filters)
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

  async #atLinks(ask: Of<'fault' | 'remove fault' | 'cut' | 'heal'>, clients: string): Promise<Answer> {
    const { wire } = this.#bench
    switch (ask.do) {
      case 'fault': {
        const rule = linkRule(ask, clients)
        const id = wire.addRule(rule)
        this.#rules.set(id, wire.state().rules.find((each) => each.id === id)?.name ?? ask.fault)
        if (ask.fault === 'halfOpen') this.asked.silences += 1
        if (rule.probability < 1 || ['loss', 'jitter', 'corrupt'].includes(ask.fault)) this.asked.chances += 1
        return done({ rule: id })
      }
      case 'remove fault':
        // Healed in the meantime: it is ended, which is what was asked for.
        if (wire.state().rules.some(({ id }) => id === ask.rule)) wire.removeRule(ask.rule)
        return done()
      case 'cut':
        await quiet(clients, { bench: this.#bench, clock: this.#clock, evidence: this.#evidence, waits: this.#waits })
        if (wire.cut(clients, ask.how) === 0) this.#needClient(ask.clients)
        return done()
      case 'heal':
        wire.heal(clients)
        return done()
    }
  }

  async #atDevice({ action, certificate, id, offMs, skewMs }: Of<'device'>): Promise<void> {
    const { devices } = this.#bench
    if (action === 'hang') this.asked.silences += 1
    this.#expectations.lookAtDevices()
    if (action === 'crash') this.#expectations.noteCrash(id, true)
    await devices.act(id, action, { offMs, skewMs, certificate }).catch((error: unknown) => {
      if (action === 'crash') this.#expectations.noteCrash(id, false)
      throw error
    })
    if (action !== 'powerOn') return
    const isUnderWay = () => devices.list().some((each) => each.id === id && each.state !== 'booting') || undefined
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
      expected: `a packet to be held, within ${what.within / 1000} s`,
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

  #judged({ expected, held, matcher, received, soft }: Of<'judged'>, place: Place | undefined): Answer {
    const judged = { what: `expect(value).${matcher}`, expected, received, held, packets: undefined }
    this.#log.settle(this.#log.expect(judged.what, soft, place), judged)
    return held ? done() : this.#failed(judged, { from: this.#evidence.next, place, soft })
  }

  #failed(
    judged: {
      readonly what: string
      readonly expected: string
      readonly received: string
      readonly packets: { readonly first: number; readonly last: number } | undefined
    },
    { from, place, soft }: { readonly from: number; readonly place: Place | undefined; readonly soft: boolean },
  ): Answer {
    const { expected, packets, received, what } = judged
    const failure = {
      what,
      expected,
      received,
      place,
      at: this.#log.now(),
      ladder: ladderAround({ evidence: this.#evidence, packets, from, startAt: this.#startAt }),
      step: this.#log.stepAt(place),
      soft,
      packets,
    }
    this.#log.failures.push(failure)
    return soft ? done() : { type: 'failed', message: failureText(failure) }
  }

  /** Nanoseconds of the capture's time at which the run began. */
  get #startAt(): number {
    return (this.#log.startedAt - this.#bench.capture.startedAt) * 1e6
  }

  #note({ kind, what }: Deed, place: Place | undefined): void {
    this.#log.deed(kind, what, place)
    this.#changed()
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
    return this.#bench.devices.list().find(({ id }) => id === idOrPattern)?.clientId ?? idOrPattern
  }
}

function done(value?: unknown): Answer {
  return { type: 'done', value }
}

function bytesOf(text: string | undefined, octets: Uint8Array | undefined): Uint8Array {
  return text === undefined ? (octets ?? new Uint8Array()) : new TextEncoder().encode(text)
}

/** Of what only the scenario's own broker could tell, the judgement where it is another one; undefined for all other errors. */
function untoldAtTarget(what: string, error: unknown): Judgement | undefined {
  if (!(error instanceof FaultlineError) || error.code !== 'wrong-state') return undefined
  const hint = error.hint === undefined ? '' : `; ${error.hint}`
  return {
    held: false,
    what,
    expected: 'something that can be told at a target',
    received: `it cannot be told at a target: ${error.message}${hint}`,
    packets: undefined,
  }
}

/** What it says of an expectation before it is judged. */
function provisional({ expectation, soft, subject }: Of<'expect'>): string {
  const id = 'id' in subject ? subject.id : 'group' in subject ? subject.group : subject.is
  const part = ['will', 'session', 'exchanges'].includes(subject.is) ? `.${subject.is}` : ''
  return `expect${soft ? '.soft' : ''}(${id}${part}).${expectation.matcher}`
}

/** What a run waited for that was out of time; empty for what is not waited for. */
function waitedFor(ask: Ask): string {
  switch (ask.do) {
    case 'log':
    case 'begin step':
    case 'end step':
    case 'judged':
      return ''
    case 'expect':
      return provisional(ask)
    case 'wire':
      return `wire.${ask.what.order}`
    case 'broker':
      return `broker.${ask.what.order}`
    case 'device':
      return `${ask.action} of ${ask.id}`
    case 'publish':
      return `publish to ${ask.topic} by ${ask.id}`
    default:
      return 'id' in ask ? `${ask.do} of ${ask.id}` : ask.do
  }
}
