import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { FaultlineError, messageOf } from '../../../app/base/errors.ts'
import { isOwnHost } from './guard.ts'

/** Where the figures are served. */
export interface MetricsAddress {
  /** An address of this machine. */
  readonly host: string
  /** 0 is any. */
  readonly port: number
}

export interface MetricsHost {
  /** Such as `http://127.0.0.1:9100/metrics`. */
  readonly url: string
  /** Whether others than this machine may reach it. */
  readonly isExposed: boolean
  close(): Promise<void>
}

/**
 * Serves the figures of the workbench at `/metrics`, for Prometheus and what reads its text.
 *
 * @throws FaultlineError `port-in-use`, `forbidden`
 */
export async function startMetricsHost(
  address: MetricsAddress,
  metrics: { readonly contentType: string; text(): Promise<string> },
): Promise<MetricsHost> {
  const server = createServer()
  const port = await listen(server, address)
  const isExposed = !isLoopback(address.host)
  server.on('request', (request, response) => {
    const refusal = refusalOf(request, isExposed ? undefined : port)
    if (refusal !== undefined) answer(response, ...refusal)
    else void send(response, metrics, request.method === 'HEAD')
  })
  const name = address.host.includes(':') ? `[${address.host}]` : address.host
  return {
    url: `http://${name}:${port}/metrics`,
    isExposed,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function send(
  response: ServerResponse,
  metrics: { readonly contentType: string; text(): Promise<string> },
  headOnly: boolean,
): Promise<void> {
  try {
    const text = await metrics.text()
    response.writeHead(200, { 'Content-Type': metrics.contentType, 'Cache-Control': 'no-store' })
    response.end(headOnly ? undefined : text)
  } catch (error) {
    answer(response, 500, `the figures could not be read: ${messageOf(error)}`)
  }
}

/** @param ownPort where only this machine may ask; a page of elsewhere comes under another name (DNS rebinding) */
function refusalOf(
  { headers, method, url }: IncomingMessage,
  ownPort: number | undefined,
): readonly [status: number, reason: string] | undefined {
  if (ownPort !== undefined && !isOwnHost(headers.host, ownPort)) {
    return [421, 'only 127.0.0.1 and localhost are answered here']
  }
  if (method !== 'GET' && method !== 'HEAD') return [405, 'only GET and HEAD are answered here']
  const path = url?.split('?', 1)[0]
  return path === '/metrics' ? undefined : [404, 'the figures are at /metrics']
}

function answer(response: ServerResponse, status: number, reason: string): void {
  const allow = status === 405 ? { Allow: 'GET, HEAD' } : {}
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...allow })
  response.end(`${reason}\n`)
}

function isLoopback(host: string): boolean {
  return ['127.0.0.1', '::1', 'localhost'].includes(host)
}

function listen(server: Server, { host, port }: MetricsAddress): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, host, port)))
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): FaultlineError {
  if (error.code === 'EADDRINUSE') {
    return new FaultlineError({
      code: 'port-in-use',
      message: `port ${port} is in use by another program`,
      hint: 'choose another with --metrics, or 0 for any',
    })
  }
  return new FaultlineError({
    code: 'forbidden',
    message: `${host} port ${port} cannot be opened for --metrics: ${messageOf(error)}`,
    hint: 'choose a port above 1023, and an address of this machine; 127.0.0.1 is used unless told otherwise',
  })
}
