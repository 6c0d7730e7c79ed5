import type { handledMessage } from '../handled-message.ts'
import type { Command, StateChange } from '../messages.ts'
import type { RunMark } from '../watchdog.ts'
import type { ClientMemories } from './client-memory.ts'
import type { ConsoleOutlet } from './console-outlet.ts'
import type { Engine } from './engine.ts'
import type { Fabricator } from './fabricator.ts'
import type { FlashBank } from './flash.ts'
import type { Libraries } from './libraries.ts'
import type { Meters } from './meters.ts'
import type { WorkspaceFiles } from './workspace-files.ts'

type Boot = Extract<Command, { type: 'boot' }>

/** The device, and the life that is to begin. */
export type DeviceOrder = Omit<Boot, 'type' | 'ticket'>

/** What all devices of a worker share. */
export interface Services {
  readonly engine: Engine
  readonly fabricator: Fabricator
  readonly files: WorkspaceFiles
  readonly flash: FlashBank
  readonly guest: string
  readonly libraries: Libraries
  readonly memories: ClientMemories
  readonly seed: string | number
  readonly mark: RunMark
  readonly meters: Meters
  readonly reportHandled: boolean
  /** Nothing in this worker is to be trusted any more. */
  broken: boolean
  changed(order: DeviceOrder, change: StateChange): void
  used(order: DeviceOrder, path: string, revision: string | undefined): void
  wrote(order: DeviceOrder, ...output: Parameters<ConstructorParameters<typeof ConsoleOutlet>[1]>): void
  secondClientGone(order: DeviceOrder, second: number, reason: string): void
  handled(order: DeviceOrder, ...message: Parameters<typeof handledMessage>): void
  ready(order: DeviceOrder): void
  poisoned(order: DeviceOrder, error: unknown): void
}
