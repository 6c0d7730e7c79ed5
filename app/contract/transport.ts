import type { Disposable } from '../base/disposable.ts'

/**
 * All that a way of carrying messages must offer. Messages are plain values: numbers, strings, booleans, null, lists,
 * objects, Uint8Array; `undefined` fields may get lost on the way.
 */
export interface Transport {
  /** Does nothing once the transport is closed. */
  send(message: unknown): void
  /** Messages that arrive before the first listener are kept for it. */
  onMessage(listener: (message: unknown) => void): Disposable
  /** Called once, also when it was closed before. */
  onClose(listener: () => void): Disposable
  close(): void
}
