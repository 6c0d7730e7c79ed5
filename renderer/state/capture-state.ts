import type { CaptureView } from './capture-view.ts'
import type { Call } from './message-store.ts'
import { RecordIndex } from './record-index.ts'
import { Store } from './store.ts'

/** Where somebody stands in a capture. Kept outside of the screens, so that it stays when another one was shown. */
export interface CaptureState {
  readonly view: CaptureView
  /** What is typed in the filter box, right or wrong. */
  readonly filterText: Store<string>
  /** The records that the filter matches. */
  readonly index: RecordIndex
  /** Number of the packet that is looked at among the handshakes. */
  readonly packet: Store<number | undefined>
}

/** One state for each view, made when it is first looked at. */
export class CaptureStates {
  readonly #call: Call
  readonly #states = new WeakMap<CaptureView, CaptureState>()

  constructor(call: Call) {
    this.#call = call
  }

  of(view: CaptureView): CaptureState {
    const known = this.#states.get(view)
    if (known !== undefined) return known
    const state: CaptureState = {
      view,
      filterText: new Store(''),
      index: new RecordIndex({
        source: view.capture,
        names: view.directory,
        search: (filter, from, to) => this.#call('capture.search', { capture: view.id, filter, from, to }),
      }),
      packet: new Store<number | undefined>(undefined),
    }
    this.#states.set(view, state)
    return state
  }
}
