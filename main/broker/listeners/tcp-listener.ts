import { Emitter } from '../../../app/base/emitter.ts'
import { remoteOf } from '../../../app/mqtt/remote-of.ts'
import { urlOf } from './addresses.ts'
import type { Arrival, Listener, Refusal } from './listener.ts'
import { openPort, type PortOptions } from './port.ts'

/**
 * Listens for MQTT over TCP.
 *
 * @throws FaultlineError as `openPort`
 */
export async function listenTcp(options: PortOptions): Promise<Listener> {
  const arrivals = new Emitter<Arrival>()
  const problems = new Emitter<Error>()
  const { port, close } = await openPort(options, {
    paused: true,
    allowHalfOpen: true,
    onSocket(socket) {
      const remote = remoteOf(socket) ?? 'unknown'
      const info = { transport: 'tcp', remote, certificate: undefined, tls: undefined } as const
      if (arrivals.hasListeners) arrivals.fire({ kind: 'socket', info, socket, carrier: socket })
      else socket.destroy()
    },
    onProblem: (error) => problems.fire(error),
  })
  return {
    transport: 'tcp',
    host: options.host,
    port,
    url: urlOf('tcp', options.host, port),
    onArrival: arrivals.event,
    onRefused: new Emitter<Refusal>().event,
    onProblem: problems.event,
    close: async () => close(),
  }
}
