import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import process from 'node:process'
import { createEngine } from '../../main/broker/engine/engine.ts'
import type { Limits } from '../../main/broker/engine/limits.ts'
import { socketConnection } from '../../main/link/socket-connection.ts'
import { systemClock } from '../../main/workbench/system-clock.ts'
import type { Address } from './conformance-client.ts'
import { launchMosquitto } from './mosquitto-broker.ts'

export interface BrokerUnderTest extends Address {
  stop(): Promise<void>
}

const target = process.env['CONFORMANCE_TARGET'] ?? 'faultline'

/** The broker that the conformance tests talk to; `another` is one that `CONFORMANCE_TARGET=host:port` names. */
export const brokerUnderTest = target === 'faultline' || target === 'mosquitto' ? target : 'another'

/**
 * Starts it: our engine behind a socket, nothing between. `CONFORMANCE_TARGET=mosquitto` makes it Debian's, and
 * `CONFORMANCE_TARGET=host:port` any that runs there.
 *
 * @param limits for our engine only
 */
export async function openBrokerUnderTest(limits: Partial<Limits> = {}): Promise<BrokerUnderTest> {
  if (brokerUnderTest === 'another') {
    const [host = '', port = ''] = target.split(':')
    return { host, port: Number(port), stop: async () => {} }
  }
  if (brokerUnderTest === 'faultline') return openEngine(limits)
  const { port, stop } = await launchMosquitto([
    'set_tcp_nodelay true',
    'max_inflight_messages 1000',
    'max_queued_messages 0',
  ])
  return { host: '127.0.0.1', port, stop }
}

async function openEngine(limits: Partial<Limits>): Promise<BrokerUnderTest> {
  const engine = await createEngine({ clock: systemClock, limits })
  let connections = 0
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    connections += 1
    engine.accept(socketConnection(socket), connections)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    async stop() {
      server.close()
      await engine.close()
    },
  }
}
