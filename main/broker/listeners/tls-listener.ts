import type { Clock } from '../../../app/base/clock.ts'
import { Emitter } from '../../../app/base/emitter.ts'
import { urlOf } from './addresses.ts'
import { Gate, handshakeTimeout } from './gate.ts'
import type { SecureListener, TlsOptions } from './listener.ts'
import { openPort, type PortOptions } from './port.ts'
import { TlsFront } from './tls-front.ts'

export interface TlsListenerOptions extends PortOptions {
  readonly tls: TlsOptions
  readonly clock: Clock
  /** For the TLS handshake, in milliseconds. @default 10,000 */
  readonly timeout?: number | undefined
}

/**
 * Listens for MQTT over TLS.
 *
 * @throws FaultlineError as `openPort` and `TlsFront`
 */
export async function listenTls(options: TlsListenerOptions): Promise<SecureListener> {
  const { clock, host, timeout = handshakeTimeout, tls } = options
  const gate = new Gate({ transport: 'tls', clock, timeout })
  const problems = new Emitter<Error>()
  const front = new TlsFront({
    ...tls,
    transport: 'tls',
    gate,
    protocols: ['mqtt'],
    onSecure: (socket, carrier, info) => gate.admit({ kind: 'socket', info, socket, carrier }),
  })
  const { port, close } = await openPort(options, {
    paused: false,
    allowHalfOpen: false,
    onSocket(carrier) {
      if (gate.enter(carrier) !== undefined) front.take(carrier)
    },
    onProblem: (error) => problems.fire(error),
  })
  return {
    transport: 'tls',
    host,
    port,
    url: urlOf('tls', host, port),
    onArrival: gate.onArrival,
    onRefused: gate.onRefused,
    onProblem: problems.event,
    present: (material) => front.present(material),
    async close() {
      close()
      gate.close()
    },
  }
}
