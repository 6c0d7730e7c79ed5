import { InvalidArgumentError } from 'commander'
import type { MetricsAddress } from '../web/metrics-host.ts'

export const metricsHelp =
  'port of the figures for Prometheus, at /metrics; 0 is any. HOST:PORT also answers others than this machine'

/**
 * Reads `9100` and `0.0.0.0:9100`.
 *
 * @param parsePort reads the port alone
 * @throws InvalidArgumentError
 */
export function parseMetricsAddress(text: string, parsePort: (text: string) => number): MetricsAddress {
  const at = text.lastIndexOf(':')
  const portOf = (digits: string) => {
    try {
      return parsePort(digits)
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error
      throw new InvalidArgumentError(`${error.message} HOST:PORT also answers others than this machine.`)
    }
  }
  if (at < 0) return { host: '127.0.0.1', port: portOf(text) }
  // Brackets are how an address of IPv6 is written before a port.
  const host = text.slice(0, at).replace(/^\[(.*)\]$/, '$1')
  if (host === '') throw new InvalidArgumentError('Before the colon an address of this machine is missing.')
  return { host, port: portOf(text.slice(at + 1)) }
}
