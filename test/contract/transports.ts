import { once } from 'node:events'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { WebSocket } from 'ws'
import { createMemoryTransports } from '../../app/contract/memory-transport.ts'
import type { Transport } from '../../app/contract/transport.ts'
import { type MainPort, mainPortTransport } from '../../main/hosts/electron/message-port-transport.ts'
import { startWebHost } from '../../main/hosts/web/web-host.ts'
import { messagePortTransport, type PortLike } from '../../renderer/connection/message-port-transport.ts'
import { openWebSocketTransport } from '../../renderer/connection/websocket-transport.ts'
import { createWebRoot } from '../helpers/web-root.ts'

/** Both ends of a way to carry the contract. */
export interface Line {
  readonly screen: Transport
  readonly workbench: Transport
  dispose(): Promise<void>
}

/** Something that offers lines; several at once, so that one can be seen to leave the others alone. */
export interface Carrier {
  open(): Promise<Line>
  dispose(): Promise<void>
}

export const carriers: Readonly<Record<string, () => Promise<Carrier>>> = {
  'in memory': async () => ({ open: openMemory, dispose: async () => {} }),
  MessagePort: async () => ({ open: openPorts, dispose: async () => {} }),
  WebSocket: createWebSocketCarrier,
}

async function openMemory(): Promise<Line> {
  const [workbench, screen] = createMemoryTransports(structuredClone)
  return { screen, workbench, dispose: async () => screen.close() }
}

/** Node's MessagePort has the browser's interface, and almost that of Electron's main process. */
async function openPorts(): Promise<Line> {
  const { port1, port2 } = new MessageChannel()
  const screen = messagePortTransport(asPagePort(port1))
  const workbench = mainPortTransport(asMainPort(port2))
  return { screen, workbench, dispose: async () => screen.close() }
}

function asPagePort(port: MessagePort): PortLike {
  return {
    postMessage: (message) => port.postMessage(message),
    addEventListener: (type, listener) => port.addEventListener(type, (event) => listener(event as MessageEvent)),
    start: () => port.start(),
    close: () => port.close(),
  }
}

function asMainPort(port: MessagePort): MainPort {
  return {
    postMessage: (message) => port.postMessage(message),
    on: (event: 'message' | 'close', listener: (event: { data: unknown }) => void) =>
      port.on(event, (data: unknown) => listener({ data })),
    start: () => port.start(),
    close: () => port.close(),
  }
}

/** The real web host, and the page's own transport over a client that behaves as the browser's. */
export async function createWebSocketCarrier(): Promise<
  Carrier & { readonly problems: unknown[]; sockets: WebSocket[] }
> {
  const webRoot = await createWebRoot()
  const attached: Transport[] = []
  const problems: unknown[] = []
  const host = await startWebHost({
    port: 0,
    webRoot: webRoot.url,
    onProblem: (error) => problems.push(error),
    workbench: {
      attach(transport) {
        attached.push(transport)
        return { dispose() {} }
      },
    },
  })
  const page = new URL(host.url)
  const address = `ws://${page.host}/contract${page.search}`
  const sockets: WebSocket[] = []
  class PageWebSocket extends WebSocket {
    constructor(url: string) {
      super(url, { origin: page.origin })
      sockets.push(this)
    }
  }
  Object.defineProperty(globalThis, 'WebSocket', { value: PageWebSocket, configurable: true })
  return {
    problems,
    sockets,
    async open() {
      const screen = await openWebSocketTransport(address)
      const workbench = attached.at(-1)
      const socket = sockets.at(-1)
      if (workbench === undefined || socket === undefined) throw new Error('the web host did not attach the socket')
      return {
        screen,
        workbench,
        async dispose() {
          if (socket.readyState === WebSocket.CLOSED) return
          const closed = once(socket, 'close')
          screen.close()
          await closed
        },
      }
    },
    async dispose() {
      Reflect.deleteProperty(globalThis, 'WebSocket')
      await host.close()
      await webRoot.remove()
    },
  }
}
