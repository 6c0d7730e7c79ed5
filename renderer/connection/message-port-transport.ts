import { Inbox } from '../../app/contract/inbox.ts'
import type { Transport } from '../../app/contract/transport.ts'

/** What a browser's MessagePort and Node's have in common. */
export interface PortLike {
  postMessage(message: unknown): void
  addEventListener(type: 'message' | 'close', listener: (event: { readonly data?: unknown }) => void): void
  start(): void
  close(): void
}

/**
 * One end of the contract over a MessagePort, as the desktop window gives it. Values are copied by the structured clone
 * algorithm, so no codec is needed.
 */
export function messagePortTransport(port: PortLike): Transport {
  const inbox = new Inbox()
  port.addEventListener('message', (event) => inbox.receive(event.data))
  port.addEventListener('close', () => inbox.closed())
  port.start()
  return {
    send(message) {
      if (!inbox.isClosed) port.postMessage(message)
    },
    onMessage: inbox.onMessage,
    onClose: inbox.onClose,
    close() {
      port.close()
      inbox.closed()
    },
  }
}
