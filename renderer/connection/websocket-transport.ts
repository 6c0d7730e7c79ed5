import { decode, encode } from '@msgpack/msgpack'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import { Inbox } from '../../app/contract/inbox.ts'
import type { Transport } from '../../app/contract/transport.ts'

/** Status codes of a WebSocket's close [RFC 6455 §7.4.1]. */
const normalClosure = 1000
/** A browser lets a page close with 1000 or 3000 to 4999 only. */
const notOfTheContract = 4007

/**
 * Opens the screen's end of the contract over a browser's WebSocket: each message is one binary frame of MessagePack.
 * @throws FaultlineError `connection-closed` when nobody answers, or refuses.
 */
export function openWebSocketTransport(url: string): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url)
    socket.binaryType = 'arraybuffer'
    const transport = webSocketTransport(socket)
    socket.addEventListener('open', () => resolve(transport), { once: true })
    socket.addEventListener('close', () => reject(notAnswered()), { once: true })
  })
}

function webSocketTransport(socket: WebSocket): Transport {
  const inbox = new Inbox()
  socket.addEventListener('message', (event: MessageEvent<unknown>) => {
    let message: unknown
    try {
      message = decodeFrame(event.data)
    } catch (error) {
      console.error(`the workbench sent a frame that cannot be read: ${messageOf(error)}`)
      socket.close(notOfTheContract, 'not a message of the contract')
      inbox.closed()
      return
    }
    inbox.receive(message)
  })
  socket.addEventListener('close', () => inbox.closed())
  return {
    send(message) {
      if (inbox.isClosed || socket.readyState !== WebSocket.OPEN) return
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

function decodeFrame(data: unknown): unknown {
  if (!(data instanceof ArrayBuffer)) throw new Error('a text frame came where only binary frames are spoken')
  return decode(new Uint8Array(data))
}

function notAnswered(): FaultlineError {
  return new FaultlineError({
    code: 'connection-closed',
    message: 'the workbench does not answer',
    hint: 'look whether it still runs where you started it',
  })
}
