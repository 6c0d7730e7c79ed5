import { createServer, type Server, type Socket } from 'node:net'
import { Emitter, type Event } from '../../app/base/emitter.ts'
import { FaultlineError } from '../../app/base/errors.ts'

export interface Listener {
  /** The port that it listens on, also where any was asked for. */
  readonly port: number
  /** A client has connected. The socket is paused; one that nobody takes is closed. */
  readonly onSocket: Event<Socket>
  /** A client could not be taken in, for example because the system has no file descriptors left. */
  readonly onProblem: Event<Error>
  /** Stops listening; the port is free when the promise settles. Sockets that were handed over stay. */
  close(): Promise<void>
}

/**
 * Listens for TCP connections.
 *
 * @param options.port 0 to 65535; 0 takes any that is free.
 * @throws FaultlineError `port-in-use`, `forbidden` (a privileged port) or `invalid-argument` (no such address or port)
 */
export async function listen(options: { readonly host: string; readonly port: number }): Promise<Listener> {
  const sockets = new Emitter<Socket>()
  const problems = new Emitter<Error>()
  const server = createServer({ noDelay: true, allowHalfOpen: true, pauseOnConnect: true })
  server.on('connection', (socket) => {
    if (sockets.hasListeners) sockets.fire(socket)
    else socket.destroy()
  })
  await started(server, options)
  server.on('error', (error) => problems.fire(error))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    onSocket: sockets.event,
    onProblem: problems.event,
    async close() {
      // Its callback would wait for every socket to close; the port is free as soon as it returns.
      if (server.listening) server.close()
    },
  }
}

/** Clients that may wait to be taken in: a fleet connects faster than one turn of the event loop sees. */
const backlog = 4096

function started(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException) => reject(listenError(error, host, port))
    try {
      server.once('error', refused)
      server.listen({ host, port, backlog }, () => {
        server.off('error', refused)
        resolve()
      })
    } catch (error) {
      // A port out of range is thrown, not emitted.
      reject(listenError(error as NodeJS.ErrnoException, host, port))
    }
  })
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): FaultlineError {
  const details = { host, port }
  const other = 'choose another with --mqtt, or 0 for any'
  switch (error.code) {
    case 'EADDRINUSE':
      return new FaultlineError(
        { code: 'port-in-use', message: `port ${port} is in use by another program`, hint: other, details },
        { cause: error },
      )
    case 'EACCES':
      return new FaultlineError(
        {
          code: 'forbidden',
          message: `port ${port} is reserved by the system for privileged programs`,
          hint: other,
          details,
        },
        { cause: error },
      )
    case 'ERR_SOCKET_BAD_PORT':
      return new FaultlineError(
        {
          code: 'invalid-argument',
          message: `${port} is not a port`,
          hint: 'a port is a number from 0 to 65535',
          details,
        },
        { cause: error },
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new FaultlineError(
        {
          code: 'invalid-argument',
          message: `${host} is not an address of this machine`,
          hint: '127.0.0.1 is for this machine only, 0.0.0.0 for everybody who can reach it',
          details,
        },
        { cause: error },
      )
    default:
      return new FaultlineError(
        { code: 'internal', message: `cannot listen on ${host}:${port}: ${error.message}`, details },
        { cause: error },
      )
  }
}
