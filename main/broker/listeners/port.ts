import { createServer, type ListenOptions, type Server, type Socket } from 'node:net'
import { FaultlineError } from '../../../app/base/errors.ts'

export interface PortOptions {
  /** An address of this machine, or a name of one. */
  readonly host: string
  /** 0 to 65,535; 0 takes any that is free. */
  readonly port: number
  /** The option of the command line that chooses the port, for the hint where it cannot be had. @default '--mqtt' */
  readonly option?: string | undefined
}

export interface OpenPort {
  /** The one that was taken. */
  readonly port: number
  /** Frees it. Connections stay. */
  close(): void
}

/** How sockets are to be handed over. */
export interface PortUse {
  /** Nothing is read before somebody resumes them. */
  readonly paused: boolean
  /** A FIN of the client does not answer itself. */
  readonly allowHalfOpen: boolean
  onSocket(socket: Socket): void
  onProblem(error: Error): void
}

/** Clients that may wait to be taken in: a fleet connects faster than one turn of the event loop sees. */
const backlog = 4096

/**
 * Listens for TCP connections.
 *
 * @throws FaultlineError `port-in-use`, `forbidden` (a privileged port) or `invalid-argument` (no such address or port)
 */
export async function openPort(options: PortOptions, use: PortUse): Promise<OpenPort> {
  const server = createServer({ noDelay: true, allowHalfOpen: use.allowHalfOpen, pauseOnConnect: use.paused })
  server.on('connection', (socket) => use.onSocket(socket))
  await started(server, options)
  server.on('error', (error) => use.onProblem(error))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close() {
      // Its callback would wait for every socket to close; the port is free as soon as it returns.
      if (server.listening) server.close()
    },
  }
}

function started(server: Server, options: PortOptions): Promise<void> {
  const { host, port } = options
  return new Promise((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException) => reject(portError(error, options))
    const where: ListenOptions = { host, port, backlog }
    try {
      server.once('error', refused)
      server.listen(where, () => {
        server.off('error', refused)
        resolve()
      })
    } catch (error) {
      // A port out of range is thrown, not emitted.
      reject(portError(error as NodeJS.ErrnoException, options))
    }
  })
}

function portError(error: NodeJS.ErrnoException, { host, port, option = '--mqtt' }: PortOptions): FaultlineError {
  const details = { host, port }
  const other = `choose another with ${option}, or 0 for any`
  const known: Record<string, Pick<FaultlineError, 'code' | 'message' | 'hint'>> = {
    EADDRINUSE: { code: 'port-in-use', message: `port ${port} is in use by another program`, hint: other },
    EACCES: {
      code: 'forbidden',
      message: `port ${port} is reserved by the system for privileged programs`,
      hint: other,
    },
    ERR_SOCKET_BAD_PORT: {
      code: 'invalid-argument',
      message: `${port} is not a port`,
      hint: 'a port is a number from 0 to 65535',
    },
    EADDRNOTAVAIL: noAddress(host),
    ENOTFOUND: noAddress(host),
  }
  const found = known[error.code ?? ''] ?? {
    code: 'internal' as const,
    message: `cannot listen on ${host}:${port}: ${error.message}`,
    hint: undefined,
  }
  return new FaultlineError({ ...found, details }, { cause: error })
}

function noAddress(host: string): Pick<FaultlineError, 'code' | 'message' | 'hint'> {
  return {
    code: 'invalid-argument',
    message: `${host} is not an address of this machine`,
    hint: '127.0.0.1 is for this machine only, 0.0.0.0 for everybody who can reach it',
  }
}
