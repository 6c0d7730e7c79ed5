import type { EventValue } from '../../app/contract/contract.ts'
import { Store } from './store.ts'

export type ConsoleLine = EventValue<'devices.console'>['lines'][number]

export interface DeviceConsole {
  /** Oldest first. */
  readonly lines: readonly ConsoleLine[]
  /** Older lines that are gone. */
  readonly dropped: number
}

const mostLines = 1000
const nothing: DeviceConsole = { lines: [], dropped: 0 }

/** The consoles of the devices that somebody has looked at. */
export class ConsoleStore {
  readonly #consoles = new Map<string, Store<DeviceConsole>>()

  of(device: string): Store<DeviceConsole> {
    let console = this.#consoles.get(device)
    if (console === undefined) {
      console = new Store(nothing)
      this.#consoles.set(device, console)
    }
    return console
  }

  /** What the workbench keeps of a device's console. */
  replace(device: string, console: DeviceConsole): void {
    this.of(device).set(console)
  }

  /** New lines, of any device. */
  append(lines: readonly ConsoleLine[]): void {
    for (const device of new Set(lines.map((line) => line.device))) {
      const store = this.#consoles.get(device)
      if (store === undefined) continue
      const all = [...store.value.lines, ...lines.filter((line) => line.device === device)]
      const tooMany = Math.max(0, all.length - mostLines)
      store.set({ lines: all.slice(tooMany), dropped: store.value.dropped + tooMany })
    }
  }

  clear(): void {
    for (const store of this.#consoles.values()) store.set(nothing)
  }
}
