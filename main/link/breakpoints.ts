import type { CapturedPacket } from '../../app/capture/captured.ts'
import { compileFilter } from '../../app/capture/filter.ts'
import type { CompiledFilter, ConnectionNames } from '../../app/capture/subject.ts'
import type { Breakpoint } from '../../app/contract/wire.ts'
import { notFound } from './not-found.ts'

/** What holds a packet. */
export interface Holder {
  /** As people are told: the filter of a breakpoint, or `hold everything`. */
  readonly by: string
  /** The id of the breakpoint; undefined where everything is held. */
  readonly breakpoint: string | undefined
}

interface Row {
  readonly id: string
  readonly filter: CompiledFilter
  enabled: boolean
  hits: number
}

/** Says which packets are to be held. */
export class Breakpoints {
  readonly #rows = new Map<string, Row>()
  #last = 0
  /** Every packet is held. */
  holding = false

  /** Whether there is any that could hold a packet. */
  get armed(): boolean {
    return this.holding || [...this.#rows.values()].some(({ enabled }) => enabled)
  }

  /** @throws FaultlineError `invalid-argument` where the filter cannot be read. */
  add(text: string): string {
    const id = `breakpoint-${++this.#last}`
    this.#rows.set(id, { id, filter: compileFilter(text), enabled: true, hits: 0 })
    return id
  }

  /** @throws FaultlineError `not-found` */
  enable(id: string, enabled: boolean): void {
    const row = this.#rows.get(id)
    if (row === undefined) throw notFound('breakpoint', id)
    row.enabled = enabled
  }

  /** @throws FaultlineError `not-found` */
  remove(id: string): void {
    if (!this.#rows.delete(id)) throw notFound('breakpoint', id)
  }

  clear(): void {
    this.holding = false
    this.#rows.clear()
  }

  /** What holds this packet; undefined when nothing does. The first breakpoint that matches counts it. */
  heldBy(record: CapturedPacket, names: ConnectionNames): Holder | undefined {
    for (const row of this.#rows.values()) {
      if (!row.enabled || !row.filter.matches(record, names)) continue
      row.hits += 1
      return { by: row.filter.text.trim() || 'every packet', breakpoint: row.id }
    }
    return this.holding ? { by: 'hold everything', breakpoint: undefined } : undefined
  }

  state(): Breakpoint[] {
    return [...this.#rows.values()].map(({ id, filter, enabled, hits }) => ({ id, filter: filter.text, enabled, hits }))
  }
}
