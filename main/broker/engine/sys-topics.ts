import { getHeapStatistics } from 'node:v8'
import type { Clock } from '../../../app/base/clock.ts'
import type { Disposable } from '../../../app/base/disposable.ts'
import { LoadAverage } from '../../../app/session/load-average.ts'
import type { Broker } from '../broker.ts'
import type { Census } from './census.ts'
import type { Counters } from './counters.ts'

/** As Mosquitto's `sys_interval`: 10 s. */
export const defaultSysInterval = 10_000

/** What the topics tell of. */
export interface SysSource extends Pick<Broker, 'publish'> {
  readonly counters: Counters
  census(): Census
}

/** Counters whose rate is shown, by the name under `$SYS/broker/load/`. */
const loads: Readonly<Record<string, (counters: Counters) => number>> = {
  'messages/received': ({ packetsReceived }) => packetsReceived,
  'messages/sent': ({ packetsSent }) => packetsSent,
  'publish/received': ({ messagesReceived }) => messagesReceived,
  'publish/sent': ({ messagesSent }) => messagesSent,
  'publish/dropped': ({ queueFull }) => queueFull,
  'bytes/received': ({ octetsReceived }) => octetsReceived,
  'bytes/sent': ({ octetsSent }) => octetsSent,
  sockets: ({ sockets }) => sockets,
  connections: ({ connectionsAccepted, connectionsRefused }) => connectionsAccepted + connectionsRefused,
}

const spans = [1, 5, 15]

interface Load {
  readonly topic: string
  readonly average: LoadAverage
  readonly read: (counters: Counters) => number
  before: number
}

/**
 * Publishes what the broker does under `$SYS/broker/`, with the names, the units and the texts of Mosquitto, retained and
 * at QoS 2 as there; first at once, then those that have changed.
 *
 * Mosquitto keeps a message once however many Sessions it waits for; here `messages/stored` and `store/messages/#` count
 * each copy. The heap is that of the whole process.
 */
export class SysTopics implements Disposable {
  readonly #clock: Clock
  readonly #source: SysSource
  readonly #interval: number
  readonly #version: string
  readonly #started: number
  readonly #said = new Map<string, string>()
  readonly #loads: Load[]
  #last: number
  #heapMaximum = 0
  #timer: Disposable

  /** @param options.interval in milliseconds, above 0 */
  constructor(options: { clock: Clock; source: SysSource; version: string; interval?: number | undefined }) {
    const { clock, source, version, interval = defaultSysInterval } = options
    this.#clock = clock
    this.#source = source
    this.#interval = interval
    this.#version = version
    this.#started = clock.monotonic()
    this.#last = this.#started
    this.#loads = Object.entries(loads).flatMap(([name, read]) =>
      spans.map((minutes) => ({
        topic: `load/${name}/${minutes}min`,
        average: new LoadAverage(minutes),
        read,
        before: read(source.counters),
      })),
    )
    this.#publish()
    this.#timer = this.#later()
  }

  dispose(): void {
    this.#timer.dispose()
  }

  #later(): Disposable {
    return this.#clock.after(this.#interval, () => {
      this.#measure()
      this.#publish()
      this.#timer = this.#later()
    })
  }

  #measure(): void {
    const now = this.#clock.monotonic()
    const seconds = (now - this.#last) / 1e9
    // Where no time has passed there is no rate.
    if (seconds <= 0) return
    this.#last = now
    for (const load of this.#loads) {
      const count = load.read(this.#source.counters)
      load.average.add(count - load.before, seconds)
      load.before = count
    }
  }

  #publish(): void {
    for (const [name, text] of this.#texts()) {
      if (this.#said.get(name) === text) continue
      this.#said.set(name, text)
      const payload = Buffer.from(text)
      this.#source.publish({ topic: `$SYS/broker/${name}`, payload, qos: 2, retain: true })
    }
  }

  *#texts(): Generator<readonly [name: string, text: string]> {
    const { counters } = this.#source
    // Taken before anything is published: these messages are retained ones themselves.
    const census = this.#source.census()
    yield ['version', this.#version]
    yield ['uptime', `${Math.floor((this.#clock.monotonic() - this.#started) / 1e9)} seconds`]
    for (const [name, value] of [...clientFigures(census, counters), ...this.#figures(census, counters)]) {
      yield [name, String(value)]
    }
    for (const { topic, average } of this.#loads) yield [topic, average.value.toFixed(2)]
  }

  #figures(census: Census, counters: Counters): (readonly [name: string, value: number])[] {
    // Mosquitto counts these topics themselves too.
    const retained = census.retained + census.ownRetained
    const stored = retained + census.queued + census.inflight
    const { used_heap_size: heap } = getHeapStatistics()
    this.#heapMaximum = Math.max(this.#heapMaximum, heap)
    return [
      ['messages/received', counters.packetsReceived],
      ['messages/sent', counters.packetsSent],
      ['messages/stored', stored],
      ['publish/messages/received', counters.messagesReceived],
      ['publish/messages/sent', counters.messagesSent],
      ['publish/messages/dropped', counters.queueFull],
      ['publish/bytes/received', counters.payloadReceived],
      ['publish/bytes/sent', counters.payloadSent],
      ['bytes/received', counters.octetsReceived],
      ['bytes/sent', counters.octetsSent],
      ['store/messages/count', stored],
      ['store/messages/bytes', census.retainedOctets + census.ownRetainedOctets + census.queuedOctets],
      ['retained messages/count', retained],
      ['subscriptions/count', census.subscriptions],
      ['shared_subscriptions/count', census.sharedSubscriptions],
      ['heap/current', heap],
      ['heap/maximum', this.#heapMaximum],
    ]
  }
}

/** `active` and `inactive` are the older names, which many dashboards ask for. */
function clientFigures(
  { connected, sessions }: Census,
  { mostConnected, sessionsExpired }: Counters,
): (readonly [name: string, value: number])[] {
  const away = sessions - connected
  return [
    ['clients/total', sessions],
    ['clients/connected', connected],
    ['clients/active', connected],
    ['clients/disconnected', away],
    ['clients/inactive', away],
    ['clients/maximum', mostConnected],
    ['clients/expired', sessionsExpired],
  ]
}
