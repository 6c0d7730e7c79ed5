import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Disposable } from '../../../app/base/disposable.ts'
import { FaultlineError, messageOf } from '../../../app/base/errors.ts'
import type { Transport } from '../../../app/contract/transport.ts'
import { createToken, isOwnHost, isOwnOrigin, isToken } from './guard.ts'
import { securityHeaders } from './page-headers.ts'
import { type Asset, Site } from './site.ts'
import { webSocketTransport } from './web-socket-transport.ts'

/** Room for the longest script and for one block of captured packets; more is not of the contract. */
const maxMessageOctets = 64 * 1024 * 1024
/** How long a page may take to answer the close of its socket, in milliseconds. */
const closeGrace = 500

export interface WebHostOptions {
  readonly workbench: { attach(transport: Transport): Disposable }
  /** 0 is any. */
  readonly port: number
  /** The folder of the built screen. */
  readonly webRoot: URL
  /** Hears of what went wrong with one page and concerns nobody else. */
  onProblem(error: unknown): void
}

export interface WebHost {
  /** Where the page is, with its token. */
  readonly url: string
  readonly port: number
  /** Ends all sockets; a page that does not answer is cut off after half a second. */
  close(): Promise<void>
}

/**
 * Serves the screen and the contract to a browser on this machine, and to nobody else: it listens on the loopback
 * interface only, the page and its socket want the token, foreign pages are told apart by Host and Origin.
 *
 * @throws FaultlineError `port-in-use`, `forbidden` (a port that needs more rights), `file-unreadable` (nothing built).
 */
export async function startWebHost(options: WebHostOptions): Promise<WebHost> {
  const site = await Site.open(options.webRoot)
  const server = createServer()
  const port = await listen(server, options.port)
  server.on('error', options.onProblem)
  const door: Door = { token: createToken(), port }
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: maxMessageOctets })
  server.on('request', (request, response) => serve(request, response, door, site))
  server.on('upgrade', (request, socket, head) => {
    const refusal = refuseSocket(request, door)
    if (refusal !== undefined) return rejectUpgrade(socket, refusal)
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const transport = webSocketTransport(webSocket, options.onProblem)
      const attached = options.workbench.attach(transport)
      transport.onClose(() => attached.dispose())
    })
  })
  return {
    url: `http://127.0.0.1:${port}/?token=${door.token}`,
    port,
    close: () => close(server, sockets.clients),
  }
}

/** What a request has to know to be let in. */
interface Door {
  readonly token: string
  readonly port: number
}

interface Refusal {
  readonly status: number
  readonly reason: string
}

function serve(request: IncomingMessage, response: ServerResponse, door: Door, site: Site): void {
  const answer = answerTo(request, door, site)
  if ('status' in answer) refuse(response, answer)
  else send(answer, response, request.method === 'HEAD')
}

function answerTo({ headers, method, url: target }: IncomingMessage, door: Door, site: Site): Asset | Refusal {
  if (!isOwnHost(headers.host, door.port)) return foreignHost
  if (method !== 'GET' && method !== 'HEAD') return notRead
  const url = urlOf(target)
  const isPage = url?.pathname === '/'
  if (isPage && !isToken(url.searchParams.get('token'), door.token)) return noToken
  return (isPage ? site.page : site.asset(url?.pathname ?? '')) ?? nothing
}

function send({ octets, type, cacheControl }: Asset, response: ServerResponse, headOnly: boolean): void {
  response.writeHead(200, {
    ...securityHeaders,
    'Content-Type': type,
    'Content-Length': octets.length,
    'Cache-Control': cacheControl,
  })
  response.end(headOnly ? undefined : octets)
}

const foreignHost: Refusal = {
  status: 421,
  reason: 'Faultline answers only to 127.0.0.1 and localhost, at the port it printed when it started.',
}

const noToken: Refusal = {
  status: 403,
  reason:
    'This page wants its token. Open the whole URL that Faultline printed when it started: it is in the line that begins with "ready".',
}

const notRead: Refusal = { status: 405, reason: 'Only GET and HEAD are answered here.' }

const nothing: Refusal = { status: 404, reason: 'There is nothing here.' }

function refuse(response: ServerResponse, { status, reason }: Refusal): void {
  response.writeHead(status, {
    ...securityHeaders,
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    ...(status === notRead.status && { Allow: 'GET, HEAD' }),
  })
  response.end(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>Faultline</title><p style="font: 16px/1.5 sans-serif; max-width: 40em; margin: 4em auto">${reason}</p></html>\n`,
  )
}

function refuseSocket(request: IncomingMessage, door: Door): Refusal | undefined {
  const host = request.headers.host
  const url = urlOf(request.url)
  if (host === undefined || !isOwnHost(host, door.port)) return foreignHost
  if (url?.pathname !== '/contract') return { status: 404, reason: 'the contract is spoken at /contract' }
  if (!isOwnOrigin(request.headers.origin, host)) return { status: 403, reason: 'only the page of this workbench' }
  if (!isToken(url.searchParams.get('token'), door.token)) return { status: 403, reason: 'the token is wrong' }
  return undefined
}

function rejectUpgrade(socket: Duplex, { status, reason }: Refusal): void {
  // The refused end may be gone already; there is nobody left to tell.
  socket.on('error', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n${reason}\n`)
}

/** Undefined where the request's target is no path. */
function urlOf(target = ''): URL | undefined {
  // Joined as text: resolved against a base, `//name` would be another host and not a path.
  const whole = `http://127.0.0.1${target}`
  return target.startsWith('/') && URL.canParse(whole) ? new URL(whole) : undefined
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, port)))
    server.listen(port, '127.0.0.1', () => {
      server.removeAllListeners('error')
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function listenError(error: NodeJS.ErrnoException, port: number): FaultlineError {
  if (error.code === 'EADDRINUSE') {
    return new FaultlineError({
      code: 'port-in-use',
      message: `port ${port} is in use by another program`,
      hint: 'choose another with --http, or 0 for any',
    })
  }
  return new FaultlineError({
    code: 'forbidden',
    message: `port ${port} cannot be opened for the page: ${messageOf(error)}`,
    hint: 'choose another above 1023 with --http, or 0 for any',
  })
}

async function close(server: Server, clients: ReadonlySet<WebSocket>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  // "Going away" [RFC 6455 §7.4.1]: the page shows that the workbench has stopped and looks whether it comes back.
  for (const client of clients) client.close(1001, 'the workbench stops')
  server.closeIdleConnections()
  const cutOff = setTimeout(() => {
    for (const client of clients) client.terminate()
    server.closeAllConnections()
  }, closeGrace)
  await closed
  clearTimeout(cutOff)
}
