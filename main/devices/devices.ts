import type { Clock } from '../../app/base/clock.ts'
import type { Event } from '../../app/base/emitter.ts'
import type {
  ActionSettings,
  ConsoleLine,
  DeviceAction,
  DeviceSnapshot,
  StateEntry,
} from '../../app/device/device-snapshot.ts'
import type { FaultChange } from './device-faults.ts'
import type { HandledMessage } from './handled-message.ts'
import type { MeterReading } from './meter.ts'

/** What a device connects to. */
export interface DeviceTarget {
  /** Where its socket goes: always this machine, for the Link is between. */
  readonly host: string
  readonly port: number
  /** What is behind the Link, without password; empty for the workbench's own broker. */
  readonly url: string
}

export interface DeviceDefinition {
  /** Unique in the workspace. */
  readonly id: string
  /** The entry of `faultline.json` that it comes from. @default its id */
  readonly fleet?: string
  /** @default the workbench's own broker */
  readonly target?: DeviceTarget
  /** Path of the script relative to the workspace, with `/`. */
  readonly script: string
  /** The script's text, TypeScript. */
  readonly source: string
  /** It is there without power when it is new, and waits for `powerOn`. @default it is powered on at once */
  readonly startsOff?: boolean
}

export interface DevicesOptions {
  readonly clock: Clock
  readonly seed: string | number
  /** The workspace's folder, absolute: what scripts import and read is there. Undefined: they may read nothing. */
  readonly workspace: string | undefined
  /** What the devices connect to. */
  readonly broker: { readonly host: string; readonly port: number }
  /** The bundles of `main/devices/guest/worker.ts` and `app/script-api/guest.ts`. */
  readonly assets: { readonly worker: URL; readonly guest: URL }
  /** Whether `onHandled` fires: it costs a message between threads for each. @default false */
  readonly reportHandled?: boolean
  /** Threads that share the devices among them. @default one for each core but one, from 2 to 4 */
  readonly workers?: number
  /**
   * Gives the target that reaches the same broker with another client certificate of the workspace.
   *
   * @throws FaultlineError `not-found` or `file-unreadable` for the certificate
   */
  readonly connectWith?: (target: DeviceTarget, certificate: string) => Promise<DeviceTarget>
}

export interface Devices {
  /**
   * Makes the devices those of the list. New ones are powered on, unless they start off; those that are gone disconnect in order; one whose
   * script is another one now is treated as by `reload`; all others run on.
   */
  set(definitions: readonly DeviceDefinition[]): void
  /** Starts a thread already, for devices that are about to come. */
  prepare(): void
  /**
   * Resolves when it is done: the socket closed, or the script booted and its connection under way. A `reboot` that keeps
   * the device off for a while is done when its power is off.
   *
   * @throws FaultlineError `not-found`, `invalid-argument` where a setting is missing, or `wrong-state` where the action
   * makes no sense: see `canAct`, and a program that hangs does nothing until it is healed
   */
  act(id: string, action: DeviceAction, settings?: ActionSettings): Promise<void>
  /** Tells the device of this Client Identifier why the connection that it asks for is about to be closed. */
  explain(clientId: string, reason: string): Promise<void>
  list(): DeviceSnapshot[]
  /** Undefined where there is none of this id. */
  get(id: string): DeviceSnapshot | undefined
  /**
   * The newest lines of a device's console, oldest first; `dropped` counts those that are gone.
   *
   * @throws FaultlineError `not-found`
   */
  console(id: string): { lines: ConsoleLine[]; dropped: number }
  /**
   * The newest changes of a device's state, oldest first; `dropped` counts those that are gone.
   *
   * @throws FaultlineError `not-found`
   */
  history(id: string): { entries: StateEntry[]; dropped: number }
  /**
   * Gives a script's devices new code. A restart is a power loss and a power on, as when firmware is flashed: no
   * DISCONNECT, so the will is published, and RAM is fresh. A device that is off, without power or offline on purpose
   * stays so and has the new code when it is next started; one that was in `script error` starts.
   *
   * @returns how many devices were restarted
   */
  reload(script: string, source: string): Promise<number>
  /**
   * Restarts the devices that use one of these files in another version than it has now, as `reload` does.
   *
   * @param paths relative to the workspace, with `/`
   * @returns how many devices were restarted
   */
  filesChanged(paths: readonly string[]): Promise<number>
  /** Resolves when devices have read what has come to their sockets until now, and what they have told is heard. */
  sync(): Promise<void>
  /** How many devices have read a file of the workspace, or looked for it, since they booted. */
  usersOf(path: string): number
  /** Fires when a device reads a file of the workspace that none has read before, or looks for it; 2000 at a time. */
  readonly onFileUsed: Event<string>
  /** Fires when a file of `onFileUsed`, which no device uses any more, makes room for another. */
  readonly onFileLeft: Event<string>
  /** At most every 50 ms; the last state of each device is always told. */
  readonly onChanged: Event<{ changed: DeviceSnapshot[]; removed: string[] }>
  readonly onConsole: Event<ConsoleLine[]>
  /** What the devices of a fleet have done since the last time: some times a second, and only if there is something. */
  readonly onMetered: Event<{ readonly fleet: string; readonly reading: MeterReading }>
  /**
   * A device's script has been given a message: its `message` is called. Not for a message that comes while it has no such
   * handler, nor for a response to `client.request`. Only with `reportHandled`.
   */
  readonly onHandled: Event<HandledMessage & { readonly device: string }>
  /** What a device's `connected` began is done, by its id; each time that it has connected. Only with `reportHandled`. */
  readonly onReady: Event<string>
  /** Each beginning and each end of a fault, once; before it touches the device's connection: a capture shows the cause first. */
  readonly onFault: Event<DeviceFault>
  /** Disconnects all devices in order and ends the workers, within a second. */
  close(): Promise<void>
}

/** Something begins to be wrong with a device, or ends. */
export interface DeviceFault extends FaultChange {
  readonly id: string
  readonly clientId: string
}
