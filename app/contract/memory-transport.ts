import { Inbox } from './inbox.ts'
import type { Transport } from './transport.ts'

/**
 * Two ends in one thread, for a workbench and a screen in the same process. Values are copied as a MessagePort would
 * copy them and arrive in a later microtask, so that nothing works here that would not work over a wire.
 *
 * @param copy `structuredClone`, handed in because this part of the house knows no platform.
 */
export function createMemoryTransports(copy: (value: unknown) => unknown): [Transport, Transport] {
  const a = new Inbox()
  const b = new Inbox()
  const end = (own: Inbox, other: Inbox): Transport => ({
    send(message) {
      if (own.isClosed) return
      const copied = copy(message)
      void Promise.resolve().then(() => other.receive(copied))
    },
    onMessage: own.onMessage,
    onClose: own.onClose,
    close() {
      own.closed()
      // Later, so that what was sent before still arrives, as it does over a wire.
      void Promise.resolve().then(() => other.closed())
    },
  })
  return [end(a, b), end(b, a)]
}
