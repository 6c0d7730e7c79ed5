import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import process from 'node:process'
import { onTestFinished } from 'vitest'
import { freePort, reach } from './ports.ts'
import { until } from './until.ts'

export interface RedisServer {
  /** Of its database 0. */
  readonly url: string
  readonly port: number
  /** Ends all connections to it, whatever is under way on them. */
  cut(): Promise<void>
  stop(): Promise<void>
}

/** Debian's redis-server on a free port of 127.0.0.1, which keeps nothing. It ends with the test. */
export async function startRedis(): Promise<RedisServer> {
  for (let attempt = 1; ; attempt++) {
    const running = await launch(await freePort()).catch((error: Error) => error)
    if (!(running instanceof Error)) {
      onTestFinished(() => running.stop())
      return running
    }
    // Between the search for a port and the listening somebody else may have taken it.
    if (attempt === 5) throw running
  }
}

async function launch(port: number): Promise<RedisServer> {
  const words = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const child = spawn('redis-server', words, { stdio: ['ignore', 'ignore', 'inherit'] })
  // A test run that is broken off must not leave it behind.
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  let hasEnded = false
  const exited = once(child, 'exit').then(() => {
    hasEnded = true
    process.off('exit', kill)
  })
  await until('redis-server listens', () => {
    if (hasEnded) throw new Error('redis-server ended at once')
    return reach(port).then(
      () => true,
      () => false,
    )
  })
  return {
    url: `redis://127.0.0.1:${port}/0`,
    port,
    async cut() {
      const socket = connect(port, '127.0.0.1')
      socket.write('CLIENT KILL TYPE normal\r\n')
      await once(socket, 'data')
      socket.destroy()
    },
    async stop() {
      kill()
      await exited
    },
  }
}
