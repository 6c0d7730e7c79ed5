import { isIP } from 'node:net'
import type { TransportName } from '../../../app/mqtt/network-connection.ts'

const schemes: Readonly<Record<TransportName, string>> = { tcp: 'mqtt', tls: 'mqtts', ws: 'ws', wss: 'wss' }

/** Whether only programs on this machine reach what listens there. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** Where programs on this machine reach it, also where it listens on every address. */
export function urlOf(transport: TransportName, host: string, port: number, path = ''): string {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `${schemes[transport]}://${isIP(reached) === 6 ? `[${reached}]` : reached}:${port}${path}`
}

/** What has to be said of a listener that others than this machine reach; undefined where nobody does. */
export function exposureOf({ transport, host, port }: { transport: TransportName; host: string; port: number }) {
  if (isLoopback(host)) return undefined
  const everywhere = host === '0.0.0.0' || host === '::'
  const where = everywhere ? 'every network of this machine' : host
  const plain =
    transport === 'tcp' || transport === 'ws' ? ', and all of it, passwords too, can be read on the way' : ''
  return `ATTENTION: ${schemes[transport]} on port ${port} is open to ${where}: whoever reaches it can use this broker${plain}`
}
