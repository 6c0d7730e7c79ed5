import type { Clock } from '../../../app/base/clock.ts'
import type { Disposable } from '../../../app/base/disposable.ts'
import { messageOf } from '../../../app/base/errors.ts'
import { createRandom, type Random } from '../../../app/base/random.ts'
import type { DeviceState, ScriptError } from '../../../app/device/device-snapshot.ts'
import type { ClientSettings, FromGuest, ToGuest } from '../../../app/script-api/crossing.ts'
import type { Command, StateChange } from '../messages.ts'
import { nodeClock } from '../node-clock.ts'
import type { RunMark } from '../watchdog.ts'
import { ConsoleOutlet } from './console-outlet.ts'
import { DeviceClient } from './device-client.ts'
import type { Engine } from './engine.ts'
import type { Fabricator } from './fabricator.ts'
import { defaultLimits } from './limits.ts'
import { reconnectDelay } from './reconnect.ts'
import { Sandbox, SandboxBroken } from './sandbox.ts'
import { ScriptFault, stripTypes } from './script-source.ts'
import { Timers } from './timers.ts'

type Boot = Extract<Command, { type: 'boot' }>
export type DeviceOrder = Omit<Boot, 'type' | 'ticket'>

/** What all devices of a worker share. */
export interface Services {
  readonly engine: Engine
  readonly fabricator: Fabricator
  readonly guest: string
  readonly seed: string | number
  readonly broker: { readonly host: string; readonly port: number }
  readonly mark: RunMark
  /** Nothing in this worker is to be trusted any more. */
  broken: boolean
  changed(order: DeviceOrder, change: StateChange): void
  wrote(order: DeviceOrder, ...output: Parameters<ConstructorParameters<typeof ConsoleOutlet>[1]>): void
  poisoned(order: DeviceOrder, error: unknown): void
}

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
  readonly #jitter: Random
  #sandbox: Sandbox | undefined
  #client: DeviceClient | undefined
  #settings: ClientSettings | undefined
  /** The script runs: what happens in the meantime waits, because the sandbox cannot be entered twice. */
  #inside = false
  readonly #inbox: { readonly event: ToGuest; readonly octets: Uint8Array | undefined }[] = []
  #drain: NodeJS.Immediate | undefined
  #state: DeviceState = 'booting'
  #failedAttempts = 0
  #retries = 0
  #retry: Disposable | undefined

  constructor(services: Services, order: DeviceOrder) {
    this.order = order
    this.#services = services
    this.#clock = nodeClock(order.clockAhead)
    this.#console = new ConsoleOutlet(this.#clock, (lines, dropped) => services.wrote(order, lines, dropped))
    this.#timers = new Timers(this.#clock, (timer) => this.#deliver({ type: 'timer', timer }))
    this.#jitter = createRandom(services.seed, order.id, 'jitter')
  }

  /** Loads the script, runs its factory, and connects. */
  boot(): void {
    const { mark } = this.#services
    const { id, script, source } = this.order
    this.#visit(() => {
      mark.enter(this.order.number)
      const code = stripTypes({ file: script, text: source })
      this.#sandbox = this.#createSandbox()
      const settings = this.#sandbox.start(code)
      this.#settings = settings
      this.#client = this.#createClient(settings)
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

  disconnect(): void {
    if (this.#client === undefined || this.#state === 'offline') return
    const wasOnline = this.#client.online
    this.#stopRetrying()
    this.#client.disconnect()
    this.#become('offline', 'disconnected')
    if (wasOnline) this.#deliver({ type: 'disconnected', reason: 'disconnected', willReconnect: false })
  }

  /** The socket dies without DISCONNECT, and everything that was in RAM is gone. Resolves when the socket is closed. */
  async powerLoss(): Promise<void> {
    const client = this.#client
    client?.cut('reset')
    this.#stop()
    await this.#gone(client)
  }

  /** Ends in order, with DISCONNECT. Resolves when the socket is closed, after half a second at the latest. */
  async shutDown(): Promise<void> {
    const client = this.#client
    client?.disconnect()
    this.#stop()
    await this.#gone(client)
    client?.cut('close')
  }

  /** Whatever a socket does, nobody waits for its end for longer than half a second. */
  async #gone(client: DeviceClient | undefined): Promise<void> {
    let patience: Disposable | undefined
    const late = new Promise<void>((resolve) => {
      patience = this.#clock.after(500, resolve)
    })
    await Promise.race([client?.gone(), late])
    patience?.dispose()
  }

  #createSandbox(): Sandbox {
    const { engine, fabricator, guest, mark, seed } = this.#services
    const { id, number, script, source } = this.order
    const randomness = createRandom(seed, id, 'faker')
    return new Sandbox({
      engine,
      guest,
      source: { file: script, text: source },
      limits: defaultLimits,
      enter: () => mark.enter(number),
      leave: () => mark.leave(),
      host: {
        id,
        seed,
        now: () => this.#clock.now(),
        send: (message, octets) => this.#obey(message, octets),
        fabricate: (name, args) => fabricator.make(name, args, randomness),
      },
    })
  }

  #createClient(settings: ClientSettings): DeviceClient {
    return new DeviceClient(settings, this.#services.broker, {
      connected: (sessionPresent) => {
        this.#failedAttempts = 0
        this.#retries = 0
        this.#become('online', '')
        this.#deliver({ type: 'connected', sessionPresent })
      },
      message: ({ payload, ...about }) => this.#deliver({ type: 'message', ...about }, payload),
      lost: (reason) => this.#lost(reason),
      settled: (call, outcome) => this.#deliver({ type: 'settled', call, outcome }),
      note: (text) => this.#console.say('info', text),
    })
  }

  /** Does what the script asked for. It is running while this is called. */
  #obey(message: FromGuest, octets: Uint8Array | undefined): void {
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
      case 'publish': {
        const { text, ...request } = message
        const payload = text === undefined ? (octets ?? new Uint8Array(0)) : Buffer.from(text)
        this.#client?.request({ ...request, payload })
        break
      }
      case 'subscribe':
      case 'unsubscribe':
        this.#client?.request(message)
    }
  }

  #lost(reason: string): void {
    if (this.#state === 'connecting') this.#failedAttempts++
    const policy = this.#settings?.reconnect
    if (policy === undefined) {
      this.#become('offline', `${reason}; its script never tries again`)
    } else {
      const wait = reconnectDelay(policy, ++this.#retries, this.#jitter)
      this.#retry = this.#clock.after(wait, () => this.connect())
      this.#become('backing off', reason, { nextAttemptAt: this.#clock.now() + wait })
    }
    this.#deliver({ type: 'disconnected', reason, willReconnect: policy !== undefined })
  }

  #deliver(event: ToGuest, octets?: Uint8Array): void {
    this.#inbox.push({ event, octets })
    if (this.#inside || this.#inbox.length > 1) this.#drain ??= setImmediate(() => this.#empty())
    else this.#empty()
  }

  /** What comes while this runs has to wait for the next turn of the loop, in which every device has one. */
  #empty(): void {
    clearImmediate(this.#drain)
    this.#drain = undefined
    for (let left = this.#inbox.length; left > 0 && this.#sandbox !== undefined; left--) {
      const next = this.#inbox.shift()
      if (next !== undefined) this.#visit(() => this.#sandbox?.enter(next.event, next.octets), next.event.type)
    }
    if (this.#sandbox === undefined) this.#inbox.length = 0
    else if (this.#inbox.length > 0) this.#drain ??= setImmediate(() => this.#empty())
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

  #stop(): void {
    this.#stopRetrying()
    this.#timers.dispose()
    this.#console.dispose()
    this.#client = undefined
    if (!this.#services.broken) this.#sandbox?.dispose()
    this.#sandbox = undefined
    this.#inbox.length = 0
  }

  #stopRetrying(): void {
    this.#retry?.dispose()
    this.#retry = undefined
  }

  #become(state: DeviceState, reason: string, more: { nextAttemptAt?: number; error?: ScriptError } = {}): void {
    this.#state = state
    this.#services.changed(this.order, {
      state,
      reason,
      since: this.#clock.now(),
      clientId: this.#settings?.clientId ?? this.order.id,
      nextAttemptAt: more.nextAttemptAt,
      attempts: this.#failedAttempts,
      error: more.error,
    })
  }
}
