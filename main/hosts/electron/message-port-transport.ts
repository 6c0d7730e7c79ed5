import { Inbox } from '../../../app/contract/inbox.ts'
import type { Transport } from '../../../app/contract/transport.ts'

/** What is used of the shell's end of a message channel. */
export interface MainPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown
  on(event: 'close', listener: () => void): unknown
  start(): void
  close(): void
}

/** The workbench's end of a MessagePort. Values are copied by the structured clone algorithm, so no codec is needed. */
export function mainPortTransport(port: MainPort): Transport {
  const inbox = new Inbox()
  port.on('message', (event) => inbox.receive(event.data))
  port.on('close', () => inbox.closed())
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
