import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { onTestFinished } from 'vitest'
import { createEngine, type Engine } from '../../main/broker/engine/engine.ts'
import type { EngineOptions } from '../../main/broker/engine/engine-options.ts'
import { socketConnection } from '../../main/link/socket-connection.ts'
import { systemClock } from '../../main/workbench/system-clock.ts'

export interface EngineBench {
  readonly host: string
  readonly port: number
  readonly engine: Engine
}

/** Our engine behind a socket, nothing between. It ends with the test. */
export async function openEngine(options: Partial<EngineOptions> = {}): Promise<EngineBench> {
  const engine = await createEngine({ clock: systemClock, ...options })
  let connections = 0
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    connections += 1
    engine.accept(socketConnection(socket), connections)
  })
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 })
  await once(server, 'listening')
  onTestFinished(async () => {
    server.close()
    await engine.close()
  })
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port, engine }
}
