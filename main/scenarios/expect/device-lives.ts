import type { Clock } from '../../../app/base/clock.ts'
import { type Disposable, DisposableStore } from '../../../app/base/disposable.ts'
import { Emitter, type Event } from '../../../app/base/emitter.ts'
import type { DeviceSnapshot, ScriptError } from '../../../app/device/device-snapshot.ts'
import { matchesClient } from '../../../app/faults/client-pattern.ts'
import type { Place } from '../../../app/scenario/report.ts'
import type { Bench } from '../bench.ts'

/** Lines of a console that are kept of each device. */
const mostLines = 10_000

/** A time at which a script has failed. */
export interface ScriptFailure {
  /** The how many-eth of its device it is, from 1: two may come in one millisecond. */
  readonly number: number
  /** Wall time in milliseconds since 1970. */
  readonly at: number
  readonly message: string
  readonly place: Place | undefined
  /** The scenario itself has asked for it, by `crash`. */
  readonly asked: boolean
}

interface Life {
  onlineSince: number | undefined
  /** Wall times at which it came online, the newest last. */
  readonly arrivals: number[]
  readonly failures: ScriptFailure[]
  /** What the newest of them came from: a snapshot has the same object as long as it is the same failure. */
  error: ScriptError | undefined
  readonly lines: string[]
}

/** What it looks at. */
interface Watched {
  readonly devices: Pick<Bench['devices'], 'get' | 'list' | 'onChanged' | 'onConsole'>
  readonly wire: { state(): Ruled; readonly onChanged: Event<Ruled> }
}

interface Ruled {
  readonly rules: readonly { readonly id: string; readonly clients: string }[]
}

/** What is known of a device's past: a snapshot says only how it is now. */
export class DeviceLives implements Disposable {
  readonly #bench: Watched
  readonly #clock: Clock
  readonly #lives = new Map<string, Life>()
  /** When each rule for links was added that is about some clients. */
  readonly #rules = new Map<string, { readonly clients: string; readonly at: number }>()
  /** Devices whose scripts are about to fail because the scenario wants it. */
  readonly #crashing = new Set<string>()
  readonly #changed = new Emitter<void>()
  readonly #disposables = new DisposableStore()

  /** Something is known that was not known before. */
  readonly onChanged = this.#changed.event

  constructor(bench: Watched, clock: Clock) {
    this.#bench = bench
    this.#clock = clock
    const { devices, wire } = bench
    this.#disposables.add(devices.onChanged(({ changed }) => this.#take(changed)))
    this.#disposables.add(
      devices.onConsole((lines) => {
        for (const { device, text } of lines) this.#line(device, text)
        this.#changed.fire()
      }),
    )
    this.#disposables.add(wire.onChanged(({ rules }) => this.#noteRules(rules)))
    this.#noteRules(wire.state().rules)
    this.#take(devices.list())
  }

  now(id: string): DeviceSnapshot | undefined {
    return this.#bench.devices.get(id)
  }

  /** What its script has failed with, the oldest first. */
  failures(id: string): readonly ScriptFailure[] {
    return this.#of(id).failures
  }

  /** All devices whose scripts have failed, with what, the oldest first. */
  allFailures(): [id: string, failures: readonly ScriptFailure[]][] {
    this.#take(this.#bench.devices.list())
    return [...this.#lives].flatMap(([id, { failures }]) => (failures.length === 0 ? [] : [[id, failures]]))
  }

  /** Takes in what has happened until now: it is told later, gathered, and is gone then where a device is powered on anew. */
  look(id: string): void {
    const device = this.now(id)
    if (device !== undefined) this.#take([device])
  }

  /** The next failure of its script is one that the scenario asks for, or else is not. */
  noteCrash(id: string, isAsked: boolean): void {
    if (isAsked) this.#crashing.add(id)
    else this.#crashing.delete(id)
  }

  /** Lines of its console, the oldest first. */
  lines(id: string): readonly string[] {
    return this.#of(id).lines
  }

  /** Wall times at which it came online, the oldest first. */
  arrivals(id: string): readonly number[] {
    return this.#of(id).arrivals
  }

  /** Wall time at which something was made wrong with the links of a client the last time; undefined where nothing was. */
  ruleOf(clientId: string): number | undefined {
    // What was added this moment is told later.
    this.#noteRules(this.#bench.wire.state().rules)
    const times = [...this.#rules.values()].flatMap(({ at, clients }) => (matchesClient(clients, clientId) ? [at] : []))
    return times.length === 0 ? undefined : Math.max(...times)
  }

  dispose(): void {
    this.#disposables.dispose()
    this.#changed.dispose()
  }

  #take(devices: readonly DeviceSnapshot[]): void {
    for (const { error, id, since, state } of devices) {
      const life = this.#of(id)
      if (state === 'online' && life.onlineSince !== since) {
        life.onlineSince = since
        life.arrivals.push(since)
      }
      if (state === 'script error' && error !== undefined && life.error !== error) {
        const asked = this.#crashing.delete(id)
        const number = life.failures.length + 1
        life.error = error
        life.failures.push({ number, at: since, message: error.message, place: placeOf(error), asked })
      }
    }
    this.#changed.fire()
  }

  #line(id: string, text: string): void {
    const { lines } = this.#of(id)
    lines.push(text)
    if (lines.length > mostLines) lines.shift()
  }

  #noteRules(rules: readonly { readonly id: string; readonly clients: string }[]): void {
    for (const { clients, id } of rules) {
      if (!this.#rules.has(id)) this.#rules.set(id, { clients, at: this.#clock.now() })
    }
  }

  #of(id: string): Life {
    const known = this.#lives.get(id)
    if (known !== undefined) return known
    const life: Life = { onlineSince: undefined, arrivals: [], failures: [], error: undefined, lines: [] }
    this.#lives.set(id, life)
    return life
  }
}

function placeOf({ column, file, line }: ScriptError): Place | undefined {
  return line === undefined ? undefined : { file, line, column: column ?? 1 }
}
