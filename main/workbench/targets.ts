import type { Clock } from '../../app/base/clock.ts'
import { Emitter } from '../../app/base/emitter.ts'
import { FaultlineError } from '../../app/base/errors.ts'
import type { Tap } from '../../app/capture/tap.ts'
import type { TargetSnapshot } from '../../app/contract/targets.ts'
import { parseTarget, type TargetAddress } from '../../app/device/target-address.ts'
import type { Listener } from '../broker/listeners/listener.ts'
import { listenTcp } from '../broker/listeners/tcp-listener.ts'
import type { DeviceTarget } from '../devices/devices.ts'
import { targetConnection } from '../link/target-connection.ts'
import { TargetTls } from '../link/target-tls.ts'
import type { Wire } from '../link/wire.ts'
import type { TargetSettings } from '../workspace/settings.ts'
import { connectionOf } from './arrivals.ts'

export interface TargetsOptions {
  readonly clock: Clock
  readonly wire: Wire
  readonly tap: Tap
  /** The number of the next Network Connection. */
  readonly nextConnection: () => number
  /** The text of a file of the workspace. @throws FaultlineError */
  readonly readFile: (path: string) => Promise<string>
  /** Tells a device why the connection that it asks for is about to be closed; settles when it knows. */
  readonly explain: (connection: number, reason: string) => Promise<void>
  /** A device could not be taken in. */
  readonly onProblem: (error: Error) => void
}

type Settings = Exclude<TargetSettings, string>

interface Gateway {
  readonly settings: Settings
  readonly target: DeviceTarget
  readonly listener: Listener
}

/** How the last attempt to reach a broker ended. */
type Outcome = Pick<TargetSnapshot, 'state' | 'reason'>

const untried: Outcome = { state: 'untried', reason: '' }

const loopback = '127.0.0.1'

/**
 * The way of the workbench's devices to brokers that are not its own. For each broker, and each client certificate, there
 * is a gateway: a listener of this machine from which every socket goes through a Link to the broker, so that capture,
 * breakpoints and faults work there as they do everywhere. A gateway stays until the workbench closes.
 */
export class Targets {
  readonly #options: TargetsOptions
  readonly #gateways = new Map<string, Promise<Gateway>>()
  /** Those that listen. */
  readonly #open = new Map<string, Gateway>()
  readonly #outcomes = new Map<string, Outcome>()
  readonly #changed = new Emitter<void>()
  #closed = false

  /** A broker was reached that was not, or the other way round. */
  readonly onChanged = this.#changed.event

  constructor(options: TargetsOptions) {
    this.#options = options
  }

  /**
   * Opens the gateways that are not open yet.
   *
   * @throws FaultlineError `invalid-argument` for a URL that is none
   */
  async prepare(targets: Iterable<TargetSettings>): Promise<void> {
    await Promise.all([...targets].map((target) => this.#gateway(settingsOf(target))))
  }

  /** What devices connect to in order to reach a target that was prepared. */
  get(target: TargetSettings): DeviceTarget {
    const gateway = this.#open.get(keyOf(settingsOf(target)))
    if (gateway === undefined) throw new Error(`target ${settingsOf(target).url} was not prepared`)
    return gateway.target
  }

  /**
   * What is known of them, each broker once. Of several ways to one broker, such as with different certificates, one that
   * leads there shows that it can be reached.
   */
  describe(targets: Iterable<TargetSettings>): TargetSnapshot[] {
    const byUrl = new Map<string, Outcome>()
    for (const target of targets) {
      const { url } = parseTarget(settingsOf(target).url)
      const outcome = this.#outcomes.get(keyOf(settingsOf(target))) ?? untried
      const known = byUrl.get(url)
      if (known === undefined || known.state === 'untried' || outcome.state === 'reached') byUrl.set(url, outcome)
    }
    return [...byUrl].map(([url, outcome]) => ({ url, ...outcome }))
  }

  /**
   * Gives the target that reaches the same broker with another client certificate of the workspace.
   *
   * @param certificate `pump` stands for `certificates/pump.crt` and `certificates/pump.key`
   * @throws FaultlineError `wrong-state` where the target does not speak TLS, `not-found`, `forbidden` or
   * `file-unreadable` for the files
   */
  async connectWith(target: DeviceTarget, certificate: string): Promise<DeviceTarget> {
    const gateway = [...this.#open.values()].find((open) => open.target.port === target.port)
    if (gateway === undefined || !parseTarget(gateway.settings.url).tls) {
      throw new FaultlineError({
        code: 'wrong-state',
        message: `there is no TLS on the way to ${target.url || "the workbench's own broker"}, and so no certificate`,
        hint: 'use a target of mqtts:// or wss://',
      })
    }
    // What is missing is said now, to who asked for it, and not at each attempt to connect.
    for (const path of Object.values(certificateFiles(certificate))) await this.#options.readFile(path)
    return (await this.#gateway({ ...gateway.settings, certificate })).target
  }

  /** Stops listening. Links that are open stay. */
  async close(): Promise<void> {
    this.#closed = true
    this.#changed.dispose()
    // One that could not be opened has nothing to close.
    const gateways = await Promise.allSettled(this.#gateways.values())
    await Promise.all(
      gateways.flatMap((gateway) => (gateway.status === 'fulfilled' ? [gateway.value.listener.close()] : [])),
    )
  }

  #gateway(settings: Settings): Promise<Gateway> {
    if (this.#closed) {
      return Promise.reject(new FaultlineError({ code: 'wrong-state', message: 'the workbench is being closed' }))
    }
    const key = keyOf(settings)
    let gateway = this.#gateways.get(key)
    if (gateway === undefined) {
      gateway = this.#openGateway(settings, key)
      this.#gateways.set(key, gateway)
      // What could not be opened may be tried again.
      gateway.catch(() => this.#gateways.delete(key))
    }
    return gateway
  }

  async #openGateway(settings: Settings, key: string): Promise<Gateway> {
    const address = parseTarget(settings.url)
    const { ca, certificate } = settings
    const own = certificate === undefined ? { certificate, key: undefined } : certificateFiles(certificate)
    const tls = new TargetTls({ files: { ca, ...own }, insecure: settings.insecure, read: this.#options.readFile })
    const listener = await listenTcp({ host: loopback, port: 0 })
    listener.onProblem((error) => this.#options.onProblem(error))
    listener.onArrival((arrival) => {
      const connection = this.#options.nextConnection()
      const broker = this.#connection(connection, address, tls, key)
      this.#options.wire.open({ connection, client: connectionOf(arrival), broker })
    })
    const target = { host: loopback, port: listener.port, url: address.url }
    const gateway: Gateway = { settings, target, listener }
    this.#open.set(key, gateway)
    return gateway
  }

  #connection(connection: number, target: TargetAddress, tls: TargetTls, key: string) {
    const { clock, explain, tap } = this.#options
    const { url } = target
    return targetConnection({
      target,
      tls,
      clock,
      reached: (security) => {
        this.#note(key, { state: 'reached', reason: '' })
        tap.event(connection, { type: 'target reached', url, ...(security === undefined ? {} : { security }) })
      },
      failed: (reason) => {
        this.#note(key, { state: 'failed', reason })
        tap.event(connection, { type: 'target failed', url, reason })
        return explain(connection, reason)
      },
    })
  }

  /** Devices try again and again: only what is new is told. */
  #note(key: string, outcome: Outcome): void {
    const { state, reason } = this.#outcomes.get(key) ?? untried
    if (state === outcome.state && reason === outcome.reason) return
    this.#outcomes.set(key, outcome)
    this.#changed.fire()
  }
}

function settingsOf(target: TargetSettings): Settings {
  return typeof target === 'string' ? { url: target, insecure: false } : target
}

/** Two that differ in nothing but how they are written share a gateway. */
function keyOf({ url, ca, certificate, insecure }: Settings): string {
  return JSON.stringify([parseTarget(url).url, ca, certificate, insecure])
}

function certificateFiles(name: string) {
  return { certificate: `certificates/${name}.crt`, key: `certificates/${name}.key` }
}
