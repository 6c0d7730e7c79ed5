import type { Clock } from '../../../app/base/clock.ts'
import type { Disposable } from '../../../app/base/disposable.ts'
import { FaultlineError } from '../../../app/base/errors.ts'
import { type LoadSettings, ownReasons } from '../../../app/device/fleet.ts'
import { fillName, readNameTemplate, readTemplate, type Template } from '../../../app/device/payload-template.ts'
import type { ClientSettings, LoadPlan } from '../../../app/script-api/crossing.ts'
import { checkMqttString, checkTopicName } from '../../../app/script-api/topics.ts'
import { Meter } from '../meter.ts'
import type { Backlog } from './backlog.ts'
import { DueQueue } from './due-queue.ts'
import { LoadClient } from './load-client.ts'
import type { LoadGround, Wakeable } from './load-ground.ts'
import type { LoadMember, LoadReport } from './load-messages.ts'

export interface LoadGroupOptions {
  readonly plan: LoadPlan
  readonly seed: string | number
  readonly address: { readonly host: string; readonly port: number }
  readonly clock: Clock
  readonly backlog: Backlog
}

/** The clients of one fleet that live in this process. */
export class LoadGroup implements LoadGround {
  readonly seed: string | number
  readonly clock: Clock
  readonly address: { readonly host: string; readonly port: number }
  readonly meter = new Meter()
  readonly backlog: Backlog
  readonly #client: ClientSettings
  readonly #clients = new Map<number, LoadClient>()
  /** Which of them has a Client Identifier, and the other way round. */
  readonly #numbers = new Map<string, number>()
  readonly #clientIds = new Map<number, string>()
  readonly #due = new DueQueue<{ readonly client: Wakeable; readonly due: number }>()
  #timer: Disposable | undefined
  #timerDue = Number.POSITIVE_INFINITY
  #settings: LoadSettings
  #topic: Template
  #payload: Template
  #online = 0
  #paused = false
  /** What was told last, so that nothing is told twice. */
  #told = ''

  constructor({ plan, seed, address, clock, backlog }: LoadGroupOptions) {
    this.seed = seed
    this.clock = clock
    this.address = address
    this.backlog = backlog
    this.#client = plan.client
    this.#settings = plan.settings
    this.#topic = readNameTemplate(plan.settings.topic, 'topic')
    this.#payload = readTemplate(plan.settings.payload, 'payload')
  }

  get settings(): LoadSettings {
    return this.#settings
  }

  get topic(): Template {
    return this.#topic
  }

  get payload(): Template {
    return this.#payload
  }

  get paused(): boolean {
    return this.#paused
  }

  add(members: readonly LoadMember[]): void {
    for (const member of members) {
      const client = this.#create(member)
      if (client === undefined) continue
      this.#clients.set(member.n, client)
      client.connect()
    }
  }

  /** Undefined, and counted, where its texts are not what MQTT can carry. */
  #create(member: LoadMember): LoadClient | undefined {
    try {
      const settings = settingsOf(this.#client, member)
      const client = new LoadClient(this, settings, member)
      this.#numbers.set(settings.clientId, member.n)
      this.#clientIds.set(member.n, settings.clientId)
      return client
    } catch (error) {
      if (!(error instanceof FaultlineError)) throw error
      this.meter.failed(`${ownReasons.absent}${error.message}`)
      return undefined
    }
  }

  async remove(numbers: readonly number[]): Promise<void> {
    const leaving = numbers.map((n) => this.#clients.get(n)?.leave())
    for (const n of numbers) this.#forget(n)
    await Promise.all(leaving)
  }

  #forget(n: number): void {
    const clientId = this.#clientIds.get(n) ?? ''
    this.#clients.delete(n)
    this.#clientIds.delete(n)
    if (this.#numbers.get(clientId) === n) this.#numbers.delete(clientId)
  }

  /** Why the connection that the client of this Client Identifier asks for is about to be closed. */
  explain(clientId: string, reason: string): void {
    const n = this.#numbers.get(clientId)
    if (n !== undefined) this.#clients.get(n)?.explain(reason)
  }

  change(settings: LoadSettings): void {
    this.#settings = settings
    this.#topic = readNameTemplate(settings.topic, 'topic')
    this.#payload = readTemplate(settings.payload, 'payload')
    for (const client of this.#clients.values()) client.changed()
  }

  /** No new messages; what is in flight is completed. */
  pause(): void {
    this.#paused = true
  }

  close(): Promise<void> {
    return this.remove([...this.#clients.keys()])
  }

  /** What is new since the last report; undefined when nothing is. */
  report(fleet: number): LoadReport | undefined {
    const reading = this.meter.take()
    let inFlight = 0
    for (const client of this.#clients.values()) inFlight += client.inFlight
    const state = `${this.#online} ${inFlight}`
    if (reading === undefined && state === this.#told) return undefined
    this.#told = state
    return { type: 'report', fleet, online: this.#online, inFlight, reading }
  }

  now(): number {
    return this.clock.monotonic() / 1e6
  }

  wakeAt(due: number, client: Wakeable): void {
    this.#due.add(due, { client, due })
    this.#setTimer()
  }

  wentOnline(): void {
    this.#online++
  }

  wentOffline(): void {
    this.#online--
  }

  /** One timer for all clients: it is set for the one that is due first. */
  #setTimer(): void {
    const next = this.#due.next
    if (next === undefined || next >= this.#timerDue) return
    this.#timer?.dispose()
    this.#timerDue = next
    this.#timer = this.clock.after(Math.max(0, next - this.now()), () => this.#wake())
  }

  #wake(): void {
    this.#timerDue = Number.POSITIVE_INFINITY
    const now = this.now()
    for (let next = this.#due.take(now); next !== undefined; next = this.#due.take(now)) next.client.wake(next.due)
    this.#setTimer()
  }
}

/**
 * A fleet's client options with the client's own names in them.
 *
 * @throws FaultlineError `invalid-argument` for a text that is longer than MQTT can carry, or a topic that is none
 */
function settingsOf(settings: ClientSettings, { id, n }: LoadMember): ClientSettings {
  const fill = (text: string, what: string) => checkMqttString(fillName(readNameTemplate(text, what), id, n), what)
  const { clientId, username, password, will } = settings
  return {
    ...settings,
    clientId: fill(clientId, 'client.clientId'),
    ...(username === undefined ? {} : { username: fill(username, 'client.username') }),
    ...(password === undefined ? {} : { password: fill(password, 'client.password') }),
    ...(will === undefined
      ? {}
      : {
          will: {
            ...will,
            topic: checkTopicName(fill(will.topic, 'client.will.topic'), 'client.will.topic'),
            payload: typeof will.payload === 'string' ? fill(will.payload, 'client.will.payload') : will.payload,
          },
        }),
  }
}
