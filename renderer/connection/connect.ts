import { FaultlineError } from '../../app/base/errors.ts'
import type { Transport } from '../../app/contract/transport.ts'
import { messagePortTransport } from './message-port-transport.ts'
import { openWebSocketTransport } from './websocket-transport.ts'

/** Opens a new connection to the workbench each time it is called. */
export type Connect = () => Promise<Transport>

/** What the desktop window's preload posts, with the port. */
const portMessage = 'faultline-port'

/**
 * Picks the way to the workbench: a page that was opened with a token came from the web host and speaks over a
 * WebSocket; any other is in the desktop window and gets a MessagePort from its preload.
 *
 * Call it before the page's `load` event, or the port may come too early.
 */
export function chooseConnection(page: Window): Connect {
  const token = new URLSearchParams(page.location.search).get('token')
  return token === null ? portConnection(page) : () => openFromWebHost(page.location, token)
}

async function openFromWebHost(location: Location, token: string): Promise<Transport> {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  try {
    return await openWebSocketTransport(`${scheme}://${location.host}/contract?token=${encodeURIComponent(token)}`)
  } catch (error) {
    // A page may not learn why its WebSocket was refused; the page's own address tells.
    if (await isForbidden(location)) throw newToken()
    throw error
  }
}

async function isForbidden(location: Location): Promise<boolean> {
  const answer = await fetch(`${location.pathname}${location.search}`, { method: 'HEAD', cache: 'no-store' }).catch(
    // Nobody answers at all: then it is not the token.
    () => undefined,
  )
  return answer?.status === 403
}

function newToken(): FaultlineError {
  return new FaultlineError({
    code: 'forbidden',
    message: 'the workbench was started anew, and this page cannot connect to it: it belongs to the run before',
    hint: 'open the new link that stands in the terminal in the line that begins with “ready”',
  })
}

/** Each port is good for one connection; after it is lost the window's next one is waited for. */
function portConnection(page: Window): Connect {
  const ports: MessagePort[] = []
  const waiting: ((port: MessagePort) => void)[] = []
  page.addEventListener('message', (event: MessageEvent<unknown>) => {
    const [port] = event.ports
    // Only this page's own preload posts from the page's own window.
    if (event.source !== page || event.data !== portMessage || port === undefined) return
    const resolve = waiting.shift()
    if (resolve === undefined) ports.push(port)
    else resolve(port)
  })
  return async () => {
    const port = ports.shift() ?? (await new Promise<MessagePort>((resolve) => waiting.push(resolve)))
    return messagePortTransport(port)
  }
}
