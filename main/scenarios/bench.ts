import type { Disposable } from '../../app/base/disposable.ts'
import type { Event } from '../../app/base/emitter.ts'
import type { NewRule, WireState } from '../../app/contract/wire.ts'
import type { ActionSettings, ConsoleLine, DeviceAction, DeviceSnapshot } from '../../app/device/device-snapshot.ts'
import type { FleetSnapshot } from '../../app/device/fleet.ts'
import type { ScenarioPlan } from '../../app/scenario/plan.ts'
import type { Answer, Ask, BrokerOrder } from '../../app/script-api/scenario-crossing.ts'
import type { SessionSnapshot } from '../../app/session/session-snapshot.ts'

/**
 * What a scenario runs on: a broker, devices, links, a capture, and clients of its own; a fresh one for each run. The
 * workbench makes it of its parts; here is only what a run needs of it.
 */
export interface Bench {
  /** Where clients reach the scenario's broker, or the Link to its target. */
  readonly mqttUrl: string
  /** Client Identifiers are the devices' ids unless their scripts say otherwise: `DeviceSnapshot.clientId`. */
  readonly devices: {
    list(): readonly DeviceSnapshot[]
    /** Undefined where there is none of this id. To ask for each of very many in turn is cheap: `list` makes one of each. */
    get(id: string): DeviceSnapshot | undefined
    readonly onChanged: Event<{ readonly changed: readonly DeviceSnapshot[]; readonly removed: readonly string[] }>
    /** @throws FaultlineError as `Devices.act` */
    act(id: string, action: DeviceAction, settings: ActionSettings): Promise<void>
    /** Of its script's `message`: one call of it each, when it was called. */
    readonly onHandled: Event<HandledMessage>
    readonly onConsole: Event<readonly ConsoleLine[]>
  }
  readonly fleets: {
    list(): readonly FleetSnapshot[]
    readonly onChanged: Event<unknown>
    rampTo(group: string, count: number, overMs: number): Promise<void>
    storm(group: string, reconnect: 'all at once' | 'as scripted'): Promise<void>
  }
  /** The clients that the scenario drives: `observer` is there when the bench is. */
  readonly clients: {
    open(id: string, settings: Extract<Ask, { do: 'open client' }>['settings']): Promise<ClientAnswer>
    connect(id: string): Promise<ClientAnswer>
    disconnect(id: string): Promise<void>
    /** Ends its connection by RST, without DISCONNECT. */
    drop(id: string): Promise<void>
    /** Resolves with the granted QoS of each filter. @throws FaultlineError `wrong-state` where it was refused or is offline */
    subscribe(order: Omit<Extract<Ask, { do: 'subscribe' }>, 'do'>): Promise<readonly number[]>
    unsubscribe(id: string, filters: readonly string[]): Promise<void>
    publish(order: Omit<Extract<Ask, { do: 'publish' }>, 'do'>, payload: Uint8Array): Promise<void>
    /**
     * What arrived at one of them, when its client had it: of a message that a fault delays not before it has come. A
     * PUBLISH that is sent again at QoS 1 arrives again.
     */
    readonly onReceived: Event<ReceivedByClient>
    /** Whether it is connected, and how its last connection ended. */
    state(
      id: string,
    ): { readonly online: boolean; readonly reason: string; readonly reasonCode: number | undefined } | undefined
  }
  readonly wire: {
    state(): WireState
    readonly onChanged: Event<WireState>
    addRule(rule: NewRule): string
    removeRule(id: string): void
    addBreakpoint(filter: string): string
    removeBreakpoint(id: string): void
    hold(on: boolean): void
    /** @param breakpoint only what it holds goes on, also where it is removed already */
    letGo(breakpoint?: string): number
    decide(packet: number, action: 'deliver' | 'drop' | 'twice'): void
    speed(factor: number): void
    cut(clients: string, how: 'rst' | 'fin'): number
    heal(clients: string): number
  }
  readonly broker: {
    /** False: it is somebody else's, and all below but `order('publish')` is refused with `wrong-state` and a hint. */
    readonly own: boolean
    order(order: BrokerOrder, payload: Uint8Array | undefined): Promise<void>
    /** False while it is stopped or killed: it has no Sessions then that anybody could look at. Of a target always true. */
    readonly running: boolean
    sessions(): readonly SessionSnapshot[]
    /** Messages of QoS 1 and 2 that it had for a Session and has never sent, since the run began. */
    losses(): BrokerLosses
    /** At once after every change, or gathered for at most 50 ms. */
    readonly onSessions: Event<unknown>
  }
  /** Everything that was on the wire, from the first packet on, as `CaptureSource` of the workbench gives it. */
  readonly capture: {
    readonly first: number
    readonly next: number
    readonly onRecorded: Event<void>
    /** A `packBatch` block, see app/capture/batch.ts. */
    read(from: number, limit: number): Uint8Array
    /** The Client Identifier of a Network Connection, where it is known. */
    clientId(connection: number): string | undefined
    /** Wall time at which the capture's time is 0. */
    readonly startedAt: number
    /** The capture's time now, in nanoseconds: it goes on evenly, whatever becomes of the wall clock. */
    readonly time: number
  }
  /**
   * Resolves when devices and load clients have read what has come to their sockets until now, and what became of it is
   * known here.
   */
  sync(): Promise<void>
  /** Writes all that was captured until now to a recording. @param path absolute */
  record(path: string): Promise<void>
  /** Ends everything and frees its ports and its files; never throws, and says to `log` what went wrong. */
  close(): Promise<void>
}

/** Copies of messages by why they were never sent. */
export interface BrokerLosses {
  readonly queueFull: number
  /** Their Message Expiry Interval had passed. */
  readonly expired: number
  /** Larger than their client takes. */
  readonly tooLarge: number
  /** They waited in a Session when it ended, or when a broker ended that keeps nothing. */
  readonly sessionEnded: number
}

/** Wills that a target has published, as far as that can be seen. */
export interface SeenWills {
  readonly count: number
  /** Why there may have been more, in words; undefined where there were none that could have been published. */
  readonly unsure: string | undefined
}

export interface ClientAnswer {
  readonly sessionPresent: boolean
}

export interface HandledMessage extends ArrivedMessage {
  readonly device: string
}

export interface ReceivedByClient extends ArrivedMessage {
  readonly client: string
}

export interface ArrivedMessage {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly dup: boolean
  readonly properties?: Readonly<Record<string, unknown>> | undefined
}

export interface BenchOptions {
  readonly plan: ScenarioPlan
  /** Absolute path of the workspace whose devices, certificates and files the scenario uses. */
  readonly workspace: string
  readonly log: (line: string) => void
  /** Aborted when nobody wants it any more, while it is opened. */
  readonly signal?: AbortSignal | undefined
  /** Hears what was captured until then when it cannot be opened, and why; what there is is closed after it. */
  readonly salvage?: ((wreck: Wreck, error: unknown) => Promise<void>) | undefined
}

/** What there is of a bench that cannot be opened. */
export type Wreck = Pick<Bench, 'capture' | 'record'>

/**
 * @throws DeviceFailed for what devices fail at by themselves: their scripts, or that the broker refuses them; FaultlineError for
 * what the environment fails at: `port-in-use`, `not-found` for a device's script, ...; the reason of `signal` when that is aborted. Whatever was opened by then is closed again.
 */
export type OpenBench = (options: BenchOptions) => Promise<Bench>

/** A scenario's file in its sandbox, in a worker thread of its own. */
export interface ScenarioScript extends Disposable {
  /**
   * The static part, as the user wrote it.
   *
   * @throws FaultlineError `script-syntax`, `script-threw` or `script-timeout`, whose `details` have `file`, `line`, `column` and
   * `stack`, undefined where nothing is known
   */
  plan(): Promise<{ readonly name: unknown; readonly options: unknown }>
  /**
   * Runs the body; resolves when it has ended. `ask` is called for everything that it asks for, in its order, and may
   * answer later; what it rejects with is a fault of ours and ends the run.
   *
   * @throws FaultlineError as `plan`; what uses up its memory has thrown
   */
  run(groups: Readonly<Record<string, readonly string[]>>, ask: Asked): Promise<'returned' | 'failed'>
  /** Ends its worker; a `run` that waits is rejected with `connection-closed`. */
  dispose(): void
}

export type Asked = (
  ask: Ask,
  place: { readonly file: string; readonly line: number; readonly column: number } | undefined,
  octets: Uint8Array | undefined,
) => Promise<Answer>

/** @param file relative to the workspace, with `/` */
export type OpenScript = (options: {
  readonly workspace: string
  readonly file: string
  readonly source: string
  readonly seed: string | number
}) => ScenarioScript
