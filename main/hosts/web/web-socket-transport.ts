import { decode, encode } from '@msgpack/msgpack'
import type { RawData, WebSocket } from 'ws'
import { Inbox } from '../../../app/contract/inbox.ts'
import type { Transport } from '../../../app/contract/transport.ts'

/** Status codes of a WebSocket's close [RFC 6455 §7.4.1]. */
const normalClosure = 1000
const invalidData = 1007

/** How many octets may wait for a page that does not read, as one that is stopped in a debugger. */
const mostBuffered = 64 * 1024 * 1024

/** The workbench's end of a WebSocket: each message of the contract is one binary frame of MessagePack. */
export function webSocketTransport(socket: WebSocket, onProblem: (error: unknown) => void): Transport {
  const inbox = new Inbox()
  socket.on('message', (data: RawData, isBinary: boolean) => {
    let message: unknown
    try {
      if (!isBinary) throw new Error('a text frame came where only binary frames are spoken')
      message = decode(data as Buffer)
    } catch (error) {
      onProblem(error)
      socket.close(invalidData, 'not a message of the contract')
      inbox.closed()
      return
    }
    inbox.receive(message)
  })
  // The close follows an error; only the reason would be lost.
  socket.on('error', onProblem)
  socket.on('close', () => inbox.closed())
  return {
    send(message) {
      if (inbox.isClosed || socket.readyState !== socket.OPEN) return
      if (socket.bufferedAmount > mostBuffered) {
        // It connects again by itself and reads everything anew; until then nothing piles up for it.
        onProblem(new Error('the page has stopped reading; its connection was ended'))
        socket.terminate()
        return
      }
      socket.send(encode(message, { ignoreUndefined: true }))
    },
    onMessage: inbox.onMessage,
    onClose: inbox.onClose,
    close() {
      socket.close(normalClosure)
      inbox.closed()
    },
  }
}
