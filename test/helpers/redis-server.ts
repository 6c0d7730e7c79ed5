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
  /** Lets time run out at once for all keys that can expire and whose names match the pattern. */
  expire(pattern: string): Promise<void>
  stop(): Promise<void>
  /** Starts one that has nothing, at the same port, once this one has stopped. */
  again(): Promise<RedisServer>
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
    cut: () => tell(port, 'CLIENT KILL TYPE normal'),
    expire: (pattern) => tell(port, `EVAL "${expireScript}" 0 ${pattern}`),
    async stop() {
      kill()
      await exited
    },
    async again() {
      const next = await launch(port)
      onTestFinished(() => next.stop())
      return next
    },
  }
}

const expireScript = `
  for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
    if redis.call('PTTL', key) > 0 then redis.call('DEL', key) end
  end`.replaceAll('\n', ' ')

/** @throws what Redis answers when it is an error */
async function tell(port: number, command: string): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.write(`${command}\r\n`)
  const [answer] = await once(socket, 'data')
  socket.destroy()
  if (String(answer).startsWith('-')) throw new Error(`redis-server answered ${answer}`)
}
