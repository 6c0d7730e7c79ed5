import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, Registry } from 'prom-client'
import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'
import type { Census } from '../broker/engine/census.ts'
import type { Engine } from '../broker/engine/engine.ts'
import type { StoreHealth } from '../broker/stores/store-health.ts'
import type { Recorder } from '../recorder/recorder.ts'

/** How often the event loop is looked at, in milliseconds; its monitor counts that in. */
const loopResolution = 10
const quantiles = [50, 90, 99, 100]

/** Label to value; the empty text is a metric without a label. */
type Values = Readonly<Record<string, number>>

export interface MetricsOptions {
  readonly clock: Clock
  readonly version: string
  readonly broker: Pick<Engine, 'engine' | 'counters' | 'census' | 'storeHealth'>
  readonly recorder: Recorder
}

/** What the workbench does, in the text format of Prometheus. Nothing is counted for it: figures are read when asked. */
export class Metrics implements Disposable {
  readonly #registry = new Registry()
  readonly #broker: MetricsOptions['broker']
  /** Of the time at which the figures were asked for: it is taken once for all of them. */
  #census: Census
  readonly #delay = monitorEventLoopDelay({ resolution: loopResolution })

  constructor(options: MetricsOptions) {
    const { broker, clock, recorder, version } = options
    this.#broker = broker
    this.#census = broker.census()
    const started = clock.monotonic()
    this.#delay.enable()
    const info = { name: 'faultline_info', help: 'Always 1; the labels say which program it is.' }
    new Gauge({ ...info, labelNames: ['version', 'engine'], registers: [this.#registry] })
      .labels(version, broker.engine)
      .set(1)
    this.#gauge('uptime_seconds', 'Time since the broker began.', () => (clock.monotonic() - started) / 1e9)
    this.#addTraffic(broker)
    this.#addClients(broker)
    this.#addMessages(broker)
    if (broker.storeHealth !== undefined) this.#addStore(broker)
    this.#addCapture(recorder)
    this.#addProcess()
  }

  /** Of the text. */
  get contentType(): string {
    return this.#registry.contentType
  }

  text(): Promise<string> {
    this.#census = this.#broker.census()
    return this.#registry.metrics()
  }

  dispose(): void {
    this.#delay.disable()
    this.#registry.clear()
  }

  #addTraffic({ counters }: MetricsOptions['broker']): void {
    this.#counter('packets_total', 'MQTT Control Packets.', 'direction', () => ({
      received: counters.packetsReceived,
      sent: counters.packetsSent,
    }))
    this.#counter('bytes_total', 'Octets from and to clients, of the MQTT level.', 'direction', () => ({
      received: counters.octetsReceived,
      sent: counters.octetsSent,
    }))
    this.#counter('messages_total', 'Messages taken from clients, and copies sent to them.', 'direction', () => ({
      received: counters.messagesReceived,
      sent: counters.messagesSent,
    }))
    this.#counter('payload_bytes_total', 'Octets of the payloads of those messages.', 'direction', () => ({
      received: counters.payloadReceived,
      sent: counters.payloadSent,
    }))
  }

  #addClients({ counters }: MetricsOptions['broker']): void {
    this.#gauge('clients', 'Clients that are connected.', () => this.#census.connected)
    this.#gauge('clients_maximum', 'The most clients that were connected at a time.', () => counters.mostConnected)
    this.#gauge('sessions', 'Sessions, with their clients and without.', () => this.#census.sessions)
    this.#counter('sessions_expired_total', 'Sessions whose Session Expiry Interval has passed.', undefined, () => ({
      '': counters.sessionsExpired,
    }))
    this.#counter('sockets_total', 'Network Connections, whatever came over them.', undefined, () => ({
      '': counters.sockets,
    }))
    this.#counter('connects_total', 'CONNECT packets by what became of them.', 'outcome', () => ({
      accepted: counters.connectionsAccepted,
      refused: counters.connectionsRefused,
    }))
    this.#gauge('subscriptions', 'Subscriptions, shared ones among them.', () => this.#census.subscriptions)
    this.#gauge('shared_subscriptions', 'Shared Subscriptions.', () => this.#census.sharedSubscriptions)
  }

  #addMessages({ counters }: MetricsOptions['broker']): void {
    this.#counter('messages_dropped_total', 'Copies of messages that were never sent, by reason.', 'reason', () => ({
      queue_full: counters.queueFull,
      expired: counters.expired,
      too_large: counters.tooLarge,
      cleared: counters.cleared,
    }))
    this.#counter('denied_total', 'PUBLISH and SUBSCRIBE that the rules do not allow.', undefined, () => ({
      '': counters.denied,
    }))
    const own = "without the broker's own under $SYS/"
    this.#gauge('retained_messages', `Retained messages, ${own}.`, () => this.#census.retained)
    this.#gauge('retained_bytes', `Octets of the payloads of those, ${own}.`, () => this.#census.retainedOctets)
    this.#gauge('queued_messages', 'Copies of messages that wait in Sessions.', () => this.#census.queued)
    this.#gauge('queued_bytes', 'Octets of the topics and payloads that wait.', () => this.#census.queuedOctets)
    this.#gauge('queue_longest_messages', 'The longest queue of one Session.', () => this.#census.longestQueue)
    this.#gauge(
      'inflight_messages',
      'Handshakes of QoS 1 and 2 that are unfinished.',
      () => ({ to_client: this.#census.inflight, from_client: this.#census.incoming }),
      'direction',
    )
  }

  #addStore(broker: MetricsOptions['broker']): void {
    const read = (what: (health: StoreHealth) => number) => () =>
      broker.storeHealth === undefined ? 0 : what(broker.storeHealth)
    const count = (what: (health: StoreHealth) => number) => () => ({ '': read(what)() })
    this.#counter(
      'store_writes_total',
      'Batches written to the store.',
      undefined,
      count(({ writes }) => writes),
    )
    this.#counter(
      'store_failures_total',
      'Batches that could not be written.',
      undefined,
      count(({ failures }) => failures),
    )
    this.#counter(
      'store_write_seconds_total',
      'Time that writing took.',
      undefined,
      count(({ seconds }) => seconds),
    )
    this.#gauge(
      'store_write_longest_seconds',
      'The longest time that one batch took.',
      read(({ longest }) => longest),
    )
    this.#gauge(
      'store_failing',
      '1 while the store cannot be written.',
      read(({ isFailing }) => Number(isFailing)),
    )
    this.#gauge(
      'store_failing_seconds',
      'For how long it could not be written by now; 0 where it can.',
      read(({ failingFor }) => failingFor),
    )
    this.#gauge(
      'store_waiting_bytes',
      'Octets that wait for the store.',
      read(({ waiting }) => waiting),
    )
    this.#counter(
      'store_full_total',
      'How often so much waited for the store that nothing was read from clients.',
      undefined,
      count(({ fullTimes }) => fullTimes),
    )
  }

  #addCapture(recorder: Recorder): void {
    this.#counter('capture_records_total', 'Packets and events recorded.', undefined, () => ({
      '': recorder.stats().captured,
    }))
    this.#counter(
      'capture_dropped_records_total',
      'Records that have left the ring for newer ones.',
      undefined,
      () => ({
        '': recorder.stats().evicted,
      }),
    )
    this.#counter('capture_cut_bytes_total', 'Octets of very large packets that were not kept.', undefined, () => ({
      '': recorder.stats().cut,
    }))
    this.#gauge('capture_ring_bytes', 'Octets that the ring holds.', () => recorder.stats().octets)
  }

  #addProcess(): void {
    this.#gauge(
      'event_loop_delay_seconds',
      'Delay of the event loop since the figures were asked for last.',
      () => {
        const delays = quantiles.map((percent) => [String(percent / 100), this.#delayAt(percent)] as const)
        this.#delay.reset()
        return Object.fromEntries(delays)
      },
      'quantile',
    )
    this.#gauge('resident_memory_bytes', 'Resident memory of the process.', () => process.memoryUsage.rss())
    this.#counter('cpu_seconds_total', 'Time of the processor that the process has used.', 'mode', () => {
      const { system, user } = process.cpuUsage()
      return { user: user / 1e6, system: system / 1e6 }
    })
  }

  /** In seconds; where nothing was measured the monitor says 0. */
  #delayAt(percent: number): number {
    return Math.max(0, this.#delay.percentile(percent) / 1e9 - loopResolution / 1000)
  }

  #gauge(name: string, help: string, read: () => number | Values, label?: string): void {
    new Gauge({
      name: `faultline_${name}`,
      help,
      labelNames: label === undefined ? [] : [label],
      registers: [this.#registry],
      collect() {
        const values = read()
        if (typeof values === 'number') this.set(values)
        else for (const [value, amount] of Object.entries(values)) this.set({ [label ?? '']: value }, amount)
      },
    })
  }

  /** @param read gives counts since the beginning; without a label under the empty text */
  #counter(name: string, help: string, label: string | undefined, read: () => Values): void {
    new Counter({
      name: `faultline_${name}`,
      help,
      labelNames: label === undefined ? [] : [label],
      registers: [this.#registry],
      collect() {
        // The library counts by itself; what is read was counted elsewhere.
        this.reset()
        for (const [value, amount] of Object.entries(read())) {
          if (label === undefined) this.inc(amount)
          else this.inc({ [label]: value }, amount)
        }
      },
    })
  }
}
