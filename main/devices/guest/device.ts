import type { Clock } from '../../../app/base/clock.ts'
import type { Disposable } from '../../../app/base/disposable.ts'
import { messageOf } from '../../../app/base/errors.ts'
import { createRandom, type Random } from '../../../app/base/random.ts'
import type { DeviceState, ScriptError } from '../../../app/device/device-snapshot.ts'
import type { BrokersReason, ClientSettings, Farewell, FromGuest, ToGuest } from '../../../app/script-api/crossing.ts'
import type { Address, Order } from '../messages.ts'
import { nodeClock } from '../node-clock.ts'
import type { DeviceClientEvents } from './client-events.ts'
import { ConsoleOutlet } from './console-outlet.ts'
import { withWrongPassword } from './credentials.ts'
import { DeviceClient } from './device-client.ts'
import { createDeviceSandbox } from './device-sandbox.ts'
import { Inbox } from './inbox.ts'
import { PublishedCalls } from './published-calls.ts'
import { reconnectDelay } from './reconnect.ts'
import { type Sandbox, SandboxBroken } from './sandbox.ts'
import { ScriptFault, stripTypes } from './script-source.ts'
import { SecondClient } from './second-client.ts'
import type { DeviceOrder, Services } from './services.ts'
import { Standstill } from './standstill.ts'
import { Timers } from './timers.ts'

/**
 * One life of a device, from power on to power loss: its script in a sandbox, its client, its timers. It ends by
 * `powerLoss` or `shutDown`; a script error stops it earlier and leaves it standing for its state to be seen.
 */
export class Device {
  readonly order: DeviceOrder
  readonly #services: Services
  readonly #clock: Clock
  readonly #console: ConsoleOutlet
  readonly #timers: Timers
  readonly #published: PublishedCalls
  readonly #jitter: Random
  #sandbox: Sandbox | undefined
  #client: DeviceClient | undefined
  #settings: ClientSettings | undefined
  /** The script runs: what happens in the meantime waits, because the sandbox cannot be entered twice. */
  #inside = false
  readonly #inbox: Inbox
  #state: DeviceState = 'booting'
  #failedAttempts = 0
  #retries = 0
  #retry: Disposable | undefined
  /** Why the connection that is being made will be closed, by somebody who knows more than the socket. */
  #explanation: string | undefined
  readonly #standstill = new Standstill()
  #broker: Address
  #wrongPassword: boolean
  /** By how many milliseconds the script's clock is ahead of the workbench's. */
  #skew: number
  #second: SecondClient | undefined
  /** The message that the script is being told of. */
  #told: readonly [ToGuest & { type: 'message' }, Uint8Array | undefined] | undefined

  constructor(services: Services, order: DeviceOrder) {
    this.order = order
    this.#services = services
    this.#clock = nodeClock(order.clockAhead)
    this.#console = new ConsoleOutlet(this.#clock, (lines, dropped) => services.wrote(order, lines, dropped))
    this.#timers = new Timers(this.#clock, (timer) => this.#inbox.deliver({ type: 'timer', timer }))
    this.#inbox = new Inbox({
      inside: () => this.#inside,
      still: () => this.#standstill.still,
      tell: (event, octets) => {
        services.mark.visitFor(event.type)
        this.#told = event.type === 'message' ? [event, octets] : undefined
        this.#visit(() => this.#sandbox?.enter(event, octets), event.type)
      },
    })
    this.#published = new PublishedCalls(services.meters.of(order.fleet), () => this.#clock.monotonic() / 1e6)
    this.#jitter = createRandom(services.seed, order.id, 'jitter')
    this.#broker = order.broker
    this.#wrongPassword = order.wrongPassword
    this.#skew = order.skewMs
  }

  /** Loads the script, runs its factory, and connects. */
  boot(): void {
    const { mark } = this.#services
    const { id, script, source } = this.order
    this.#visit(() => {
      mark.visitFor('start')
      mark.enter(this.order.number)
      const code = stripTypes({ file: script, text: source })
      this.#sandbox = this.#createSandbox()
      const settings = this.#sandbox.start(code)
      this.#settings = settings
      this.#client = this.#createClient(settings)
      mark.visitFor('power on')
      this.#sandbox.enter({ type: 'power on' })
    }, `${id} while it booted`)
    mark.leave()
    if (this.#client !== undefined) this.connect()
  }

  /** Connects after `disconnect`, or at once while backing off. */
  connect(): void {
    if (this.#client === undefined || this.#state === 'online' || this.#state === 'connecting') return
    if (this.#state === 'offline') {
      this.#failedAttempts = 0
      this.#retries = 0
    }
    this.#stopRetrying()
    this.#become('connecting', '')
    this.#client.connect()
  }

  /** @param farewell what DISCONNECT says besides, in MQTT 5 */
  disconnect(farewell?: Farewell): void {
    if (this.#client === undefined || this.#state === 'offline') return
    const wasOnline = this.#client.online
    this.#stopRetrying()
    this.#client.disconnect(farewell)
    this.#become('offline', 'disconnected')
    if (wasOnline) this.#inbox.deliver({ type: 'disconnected', reason: 'disconnected', willReconnect: false })
  }

  /** Ends the connection without DISCONNECT and makes another one, as it is told from now on. */
  connectAnew({ broker, reason, wrongPassword }: Extract<Order, { type: 'connect anew' }>): void {
    const client = this.#client
    this.#broker = broker
    this.#wrongPassword = wrongPassword
    if (client === undefined || this.#settings === undefined) return
    const wasOnline = client.online
    client.use(broker, this.#credentials(this.#settings))
    if (this.#state === 'offline') return
    this.#stopRetrying()
    this.#failedAttempts = 0
    this.#retries = 0
    this.#become('connecting', reason)
    client.connect()
    if (wasOnline) this.#inbox.deliver({ type: 'disconnected', reason, willReconnect: true })
  }

  /** Whoever is on the way to the broker tells why there is none before the socket does, which cannot say it. */
  explain(reason: string): void {
    if (this.#state === 'connecting') this.#explanation = reason
  }

  /** The script's clock jumps; its timers do not, because they count time and do not look at it. */
  setClock(skewMs: number): void {
    this.#skew = skewMs
  }

  /** The script dies, of nothing that it has done. */
  crash(): void {
    if (this.#client === undefined) return
    const place = { file: this.order.script, line: undefined, column: undefined }
    this.#crash({ message: 'crash was asked for', ...place, stack: undefined })
  }

  /** The program stands still, with everything that it has open. */
  hang(): void {
    this.#standstill.begin()
    this.#timers.pause()
    this.#client?.hang()
  }

  /** It goes on where it stood. */
  wake(): void {
    this.#client?.wake()
    this.#timers.resume()
    this.#standstill.end()
    this.#inbox.wake()
  }

  /** A second client connects with its Client Identifier. @param second its number */
  takeOver(second: number): void {
    const gone = (why: string) => this.#services.secondClientGone(this.order, second, why)
    if (this.#settings === undefined || this.#client === undefined) {
      gone('the program has ended before')
      return
    }
    const { clientId } = this.#client
    // The workbench knows whether it has one, but the connection may have ended since.
    if (clientId === '') {
      gone('its connection has ended before, and with it its Client Identifier')
      return
    }
    void this.#second?.end()
    const settings = { ...this.#credentials(this.#settings), clientId }
    this.#second = new SecondClient(settings, this.#broker, this.#clock, {
      say: (text) => this.#console.say('info', text),
      gone,
    })
  }

  /** The socket dies without DISCONNECT, and everything that was in RAM is gone. Resolves when the socket is closed. */
  async powerLoss(): Promise<void> {
    const client = this.#client
    client?.cut('reset')
    const stopped = this.#stop()
    await this.#gone(stopped, client)
  }

  /** Ends in order, with DISCONNECT. Resolves when the socket is closed, after half a second at the latest. */
  async shutDown(): Promise<void> {
    const client = this.#client
    // A program that stands still says nothing.
    if (this.#standstill.still) client?.cut('close')
    else client?.disconnect()
    const stopped = this.#stop()
    await this.#gone(stopped, client)
    client?.cut('close')
  }

  /** Whatever a socket does, nobody waits for its end for longer than half a second. */
  async #gone(stopped: Promise<void> | undefined, client: DeviceClient | undefined): Promise<void> {
    let patience: Disposable | undefined
    const late = new Promise<void>((resolve) => {
      patience = this.#clock.after(500, resolve)
    })
    await Promise.race([Promise.all([stopped, client?.gone()]), late])
    patience?.dispose()
  }

  #createSandbox(): Sandbox {
    return createDeviceSandbox(this.#services, this.order, {
      now: () => this.#clock.now() + this.#skew,
      send: (message, octets) => this.#obey(message, octets),
    })
  }

  #createClient(settings: ClientSettings): DeviceClient {
    const events: DeviceClientEvents = {
      connected: (sessionPresent, properties) => {
        this.#failedAttempts = 0
        this.#retries = 0
        this.#become('online', '')
        if (this.#wrongPassword) this.#console.say('info', 'the broker accepts a wrong password from it')
        const report = this.#services.reportHandled || undefined
        this.#inbox.deliver({ type: 'connected', sessionPresent, properties, report })
      },
      message: ({ payload, ...about }) => {
        const report = this.#services.reportHandled || undefined
        this.#inbox.deliver({ type: 'message', ...about, report }, payload)
      },
      lost: (reason, said) => this.#lost(reason, said),
      written: (call) => this.#published.written(call),
      settled: (call, outcome) => {
        this.#published.settled(call, outcome)
        this.#inbox.deliver({ type: 'settled', call, outcome })
      },
      note: (text) => this.#console.say('info', text),
    }
    const memory = this.#services.memories.open(this.order.number, settings.store)
    return new DeviceClient(
      this.#credentials(settings),
      this.#broker,
      this.#standstill.hold(events),
      this.#clock,
      memory,
    )
  }

  #credentials(settings: ClientSettings): ClientSettings {
    return this.#wrongPassword ? withWrongPassword(settings) : settings
  }

  /** Does what the script asked for, which is running while this is called. True when a call in it is complete already. */
  #obey(message: FromGuest, octets: Uint8Array | undefined): boolean {
    switch (message.type) {
      case 'log':
        this.#console.log(message.text)
        break
      case 'start timer':
        this.#timers.start(message.timer, message.ms, message.repeat)
        break
      case 'stop timers':
        for (const timer of message.timers) this.#timers.stop(timer)
        break
      case 'publish':
        return this.#publish(message, octets)
      case 'disconnect':
        this.disconnect(message)
        break
      case 'handled':
        if (this.#told !== undefined) this.#services.handled(this.order, ...this.#told)
        break
      case 'ready':
        this.#services.ready(this.order)
        break
      case 'subscribe':
      case 'unsubscribe':
        this.#client?.request(message)
    }
    return false
  }

  #publish({ text, ...request }: FromGuest & { type: 'publish' }, octets: Uint8Array | undefined): boolean {
    const payload = text === undefined ? (octets ?? new Uint8Array(0)) : Buffer.from(text)
    this.#published.asked(request.call, request.qos)
    const complete = this.#client?.request({ ...request, payload }) ?? false
    if (complete) this.#published.settled(request.call, { type: 'done' })
    return complete
  }

  #lost(seen: string, said: BrokersReason | undefined): void {
    const reason = this.#explanation ?? seen
    this.#services.meters.of(this.order.fleet).failed(reason)
    if (this.#state === 'connecting') this.#failedAttempts++
    const policy = this.#settings?.reconnect
    const givesUp = policy?.attempts !== undefined && this.#retries >= policy.attempts
    if (policy === undefined || givesUp) {
      const why = givesUp ? `gave up after ${countOf(this.#retries)}` : 'its script never tries again'
      this.#become('offline', `${reason}; ${why}`)
    } else {
      const wait = reconnectDelay(policy, ++this.#retries, this.#jitter)
      this.#retry = this.#clock.after(wait, () => this.#standstill.run(() => this.connect()))
      this.#become('backing off', reason, { nextAttemptAt: this.#clock.now() + wait })
    }
    this.#inbox.deliver({ type: 'disconnected', reason, willReconnect: this.#state === 'backing off', ...said })
  }

  #visit(run: () => void, what: string): void {
    if (this.#services.broken) return
    this.#inside = true
    try {
      run()
    } catch (error) {
      if (error instanceof ScriptFault) {
        this.#crash(error.error)
      } else {
        // Not even disposed of: nothing of QuickJS may be touched again in this worker.
        this.#sandbox = undefined
        this.#inbox.clear()
        const broken = error instanceof SandboxBroken ? error : new SandboxBroken(`${what}: ${messageOf(error)}`)
        this.#services.poisoned(this.order, broken)
      }
    } finally {
      this.#inside = false
    }
  }

  /** As a program that dies: the system closes its socket, no DISCONNECT is sent, so the will is published. */
  #crash(error: ScriptError): void {
    const where = error.line === undefined ? error.file : `${error.file}:${error.line}:${error.column}`
    const stack = error.stack === undefined ? '' : `\n${error.stack}`
    this.#console.say('error', `${error.message} (${where})${stack}`)
    this.#client?.cut('close')
    this.#stop()
    this.#become('script error', error.message, { error })
  }

  /** @returns when what else it had connected is gone */
  #stop(): Promise<void> | undefined {
    this.#stopRetrying()
    this.#standstill.drop()
    const second = this.#second?.end()
    this.#second = undefined
    this.#timers.dispose()
    this.#console.dispose()
    this.#client = undefined
    if (!this.#services.broken) this.#sandbox?.dispose()
    this.#sandbox = undefined
    this.#inbox.clear()
    return second
  }

  #stopRetrying(): void {
    this.#retry?.dispose()
    this.#retry = undefined
  }

  #become(state: DeviceState, reason: string, more: { nextAttemptAt?: number; error?: ScriptError } = {}): void {
    this.#state = state
    this.#explanation = undefined
    this.#services.changed(this.order, {
      state,
      reason,
      since: this.#clock.now(),
      clientId: this.#client?.clientId ?? this.#settings?.clientId ?? this.order.id,
      nextAttemptAt: more.nextAttemptAt,
      attempts: this.#failedAttempts,
      error: more.error,
    })
  }
}

function countOf(attempts: number): string {
  return attempts === 1 ? '1 attempt' : `${attempts} attempts`
}
