import type { Clock } from '../../app/base/clock.ts'
import { toErrorData } from '../../app/base/errors.ts'
import type { EventValue, Params, Result } from '../../app/contract/contract.ts'
import type { Call } from './message-store.ts'
import { Polled } from './polled.ts'
import { Store } from './store.ts'

export type TopicCounts = EventValue<'topics.changed'>
export type TopicRow = Result<'topics.list'>['rows'][number]
export type TopicDetail = Result<'topics.show'>
type Query = Params<'topics.list'>

/** Levels are opened by themselves while the tree is not longer than this. */
const mostOpened = 40

/** Which part of the tree somebody wants to see. */
export interface TopicChoice {
  readonly open: ReadonlySet<string>
  readonly search: string
}

const nothing: TopicChoice = { open: new Set(), search: '' }

/** The tree of topics: the lines in sight, and one topic in full, kept up to date while somebody looks. */
export class TopicBrowser {
  readonly #call: Call
  readonly #report: (error: unknown) => void
  readonly counts = new Store<TopicCounts | undefined>(undefined)
  readonly choice = new Store<TopicChoice>(nothing)
  readonly selected = new Store<string | undefined>(undefined)
  readonly page: Polled<Query, Result<'topics.list'>>
  readonly detail: Polled<string, TopicDetail>
  #looking = false
  /** Somebody has opened or closed a level: nothing opens by itself any more. */
  #touched = false
  #from = 0
  #limit = 0

  constructor(clock: Clock, call: Call, report: (error: unknown) => void) {
    this.#call = call
    this.#report = report
    this.page = new Polled(
      clock,
      (query) => call('topics.list', query),
      // A search over very many topics takes a while; the workbench gives it up when it is asked for another one.
      (next, asked) => next.search !== asked.search,
    )
    this.detail = new Polled(clock, (topic) => call('topics.show', { topic }))
    this.page.answer.subscribe(() => this.#openMore())
  }

  /** Somebody looks from now on. */
  start(): void {
    this.#looking = true
    void this.#watch()
    this.#look()
    this.detail.look(this.selected.value)
  }

  stop(): void {
    this.#looking = false
    void this.#watch()
    this.page.look(undefined)
    this.detail.look(undefined)
  }

  /** The connection to the workbench is a new one. */
  async resume(): Promise<void> {
    if (this.#looking) await this.#watch()
  }

  /** Another run of the workbench: what was seen there is gone. */
  clear(): void {
    this.counts.set(undefined)
    this.#touched = false
    this.choice.set(nothing)
    this.select(undefined)
    this.#look()
  }

  take(counts: TopicCounts): void {
    this.counts.set(counts)
    this.page.again()
    this.detail.again()
  }

  /** What changed is asked for at once. */
  refresh(): void {
    this.page.again()
    this.detail.again()
  }

  /** These lines are in sight. */
  scroll(from: number, limit: number): void {
    if (from === this.#from && limit === this.#limit) return
    this.#from = from
    this.#limit = limit
    this.#look()
  }

  search(search: string): void {
    this.choice.set({ ...this.choice.value, search })
    this.#look()
  }

  toggle(path: string): void {
    this.#touched = true
    const open = new Set(this.choice.value.open)
    if (!open.delete(path)) open.add(path)
    this.choice.set({ ...this.choice.value, open })
    this.#look()
  }

  readonly select = (topic: string | undefined): void => {
    this.selected.set(topic)
    if (this.#looking) this.detail.look(topic)
  }

  #look(): void {
    if (!this.#looking || this.#limit === 0) return
    const { open, search } = this.choice.value
    this.page.look({ open: [...open], from: this.#from, limit: this.#limit, search })
  }

  async #watch(): Promise<void> {
    try {
      this.counts.set(await this.#call('topics.watch', { on: this.#looking }))
    } catch (error) {
      // Over the next connection it is asked again: see `resume`.
      if (toErrorData(error).code !== 'connection-closed') this.#report(error)
    }
  }

  /** A small tree is shown whole. */
  #openMore(): void {
    const answer = this.page.answer.value
    if (this.#touched || answer?.result === undefined || answer.params.search !== '') return
    const more = levelsToOpen(answer.result.rows, answer.result.total)
    if (more.length === 0) return
    this.choice.set({ ...this.choice.value, open: new Set([...this.choice.value.open, ...more]) })
    this.#look()
  }
}

/** Levels that can be opened without the tree becoming long, the first ones first. */
export function levelsToOpen(rows: readonly TopicRow[], total: number): string[] {
  let length = total
  const paths: string[] = []
  for (const { path, level, depth, children, open } of rows) {
    // What the broker says of itself is not what is looked for.
    if (open || children === 0 || (depth === 0 && level.startsWith('$'))) continue
    length += children
    if (length > mostOpened) break
    paths.push(path)
  }
  return paths
}
