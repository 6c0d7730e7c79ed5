import { connect } from 'node:net'

/**
 * Whether what listens there answers as a Redis without TLS. To the first octets of TLS such a one mostly says nothing, as a slow
 * network does; to PING it answers, if only that it wants a password first. Nothing that is secret is sent.
 *
 * @param signal ends it, and then the answer is no
 */
export function answersWithoutTls(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal })
    const end = (isPlain: boolean) => {
      resolve(isPlain)
      socket.destroy()
    }
    socket.once('connect', () => socket.write('PING\r\n'))
    // An answer or an error of RESP; whoever speaks TLS has an alert to give, or nothing.
    socket.once('data', (octets) => end(octets[0] === 0x2b || octets[0] === 0x2d))
    // Why it cannot be reached says the connection that was to be made.
    socket.on('error', () => end(false))
    socket.once('close', () => end(false))
  })
}
