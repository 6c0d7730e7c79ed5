import { toErrorData } from '../../app/base/errors.ts'
import type { EventValue, MethodName, Params, Result } from '../../app/contract/contract.ts'
import type { MessageSnapshot, MessageSummary } from '../../app/contract/messages.ts'
import { Store } from './store.ts'

export type Call = <M extends MethodName>(method: M, params: Params<M>) => Promise<Result<M>>

export interface MessageList {
  /** The newest first. */
  readonly messages: readonly MessageSummary[]
  /** All that the workbench has seen, and how many of the oldest it has let go of. */
  readonly total: number
  readonly forgotten: number
  /** Records that nobody has looked at, because they were gone too soon. */
  readonly missed: number
  /** Why the list stands still, if it does. */
  readonly problem?: string | undefined
}

const none: MessageList = { messages: [], total: 0, forgotten: 0, missed: 0 }

/** The Messages of one capture: a list that is kept up to date, and one of them in full. */
export class MessageStore {
  readonly #capture: string
  readonly #call: Call
  readonly #report: (error: unknown) => void
  readonly list = new Store<MessageList>(none)
  readonly selected = new Store<MessageSnapshot | undefined>(undefined)
  #following = false
  #id: number | undefined
  /** The selected one has changed since it was asked for. */
  #stale = false
  #loading = false
  /** Counts how often the list was begun: what is still under way of an earlier one is not for this one. */
  #beginnings = 0

  constructor(capture: string, call: Call, report: (error: unknown) => void) {
    this.#capture = capture
    this.#call = call
    this.#report = report
  }

  /** From now on the list is kept up to date. The workbench begins to follow messages when the first screen asks. */
  async follow(): Promise<void> {
    if (this.#following) return
    this.#following = true
    await this.#begin()
  }

  /** The connection to the workbench is a new one. */
  async resume(): Promise<void> {
    if (this.#following) await this.#begin()
  }

  /** Another run of the workbench: its numbers mean other things. */
  clear(): void {
    this.#beginnings += 1
    this.list.set(none)
    this.select(undefined)
  }

  take({ capture: _capture, changed, removed, ...counts }: EventValue<'messages.changed'>): void {
    this.list.set({ messages: mergeNewestFirst(this.list.value.messages, changed, removed), ...counts })
    if (changed.some(({ id }) => id === this.#id)) void this.#load()
  }

  readonly select = (id: number | undefined): void => {
    if (id === this.#id) return
    this.#id = id
    this.selected.set(undefined)
    void this.#load()
  }

  /** Selects the message that a packet belongs to; none where it belongs to none. */
  async selectOfPacket(packet: number): Promise<void> {
    try {
      await this.follow()
      const { id } = await this.#call('messages.ofPacket', { capture: this.#capture, packet })
      this.select(id)
    } catch (error) {
      this.#report(error)
    }
  }

  async #begin(): Promise<void> {
    try {
      const list = await this.#call('messages.follow', { capture: this.#capture })
      this.list.set(list)
      void this.#loadOlder(list.messages)
      await this.#load()
    } catch (error) {
      // Over the next connection it is asked again: see `resume`.
      if (toErrorData(error).code === 'connection-closed') return
      this.#following = false
      this.#report(error)
    }
  }

  /** A part after the other, so that the page never stands still. */
  async #loadOlder(newest: readonly MessageSummary[]): Promise<void> {
    this.#beginnings += 1
    const beginning = this.#beginnings
    try {
      for (let oldest = newest.at(-1); oldest !== undefined; ) {
        const params = { capture: this.#capture, before: oldest.id }
        const { messages } = await this.#call('messages.older', params)
        if (this.#beginnings !== beginning) return
        this.list.set({ ...this.list.value, messages: mergeNewestFirst(this.list.value.messages, messages, []) })
        oldest = messages.at(-1)
      }
    } catch (error) {
      // Over the next connection the list begins anew; a recording may have been closed meanwhile.
      const { code } = toErrorData(error)
      if (code !== 'connection-closed' && code !== 'not-found') this.#report(error)
    }
  }

  /** One question at a time: what changes meanwhile is asked for once more afterwards. */
  async #load(): Promise<void> {
    this.#stale = true
    if (this.#loading) return
    this.#loading = true
    while (this.#stale && this.#id !== undefined) {
      this.#stale = false
      await this.#loadOnce(this.#id)
    }
    this.#loading = false
  }

  async #loadOnce(id: number): Promise<void> {
    try {
      const message = await this.#call('messages.get', { capture: this.#capture, id })
      if (id === this.#id) this.selected.set(message)
    } catch (error) {
      // It may have left the workbench between the list and the question: then what was last heard stays.
      if (toErrorData(error).code !== 'not-found') this.#report(error)
    }
  }
}

/** Both lists are sorted by id, the highest first. */
function mergeNewestFirst(
  before: readonly MessageSummary[],
  changed: readonly MessageSummary[],
  removed: readonly number[],
): readonly MessageSummary[] {
  const news = new Map(changed.map((message) => [message.id, message]))
  const gone = new Set(removed)
  const kept = before.map((message) => {
    const newer = news.get(message.id)
    news.delete(message.id)
    return newer ?? message
  })
  const merged = [...news.values(), ...kept]
  if (news.size > 0) merged.sort((a, b) => b.id - a.id)
  return gone.size > 0 ? merged.filter(({ id }) => !gone.has(id)) : merged
}
