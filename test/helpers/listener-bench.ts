import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { NetworkConnection } from '../../app/mqtt/network-connection.ts'
import type { ConnectionInfo } from '../../main/broker/connection-info.ts'
import type { Listener, Refusal, TlsMaterial } from '../../main/broker/listeners/listener.ts'
import { socketConnection } from '../../main/link/socket-connection.ts'
import { connectionOf } from '../../main/workbench/arrivals.ts'
import { patience } from './until.ts'

/** What a listener is given of a workspace's certificates. */
export async function materialOf(workspace: string, name = 'server'): Promise<TlsMaterial> {
  const file = (path: string) => readFile(join(workspace, 'certificates', path), 'utf8')
  const [certificate, key, clientAuthorities, revoked] = await Promise.all(
    [`${name}.crt`, `${name}.key`, 'ca.crt', 'ca.crl'].map(file),
  )
  return { certificate: certificate ?? '', key: key ?? '', clientAuthorities, revoked }
}

export interface LedListener {
  /** Of those who got through. */
  readonly through: ConnectionInfo[]
  readonly refused: Refusal[]
}

/** Everybody who gets through the listener is led to a broker on this port, which nobody here wrote. */
export function leadTo(listener: Listener, brokerPort: number): LedListener {
  const led: LedListener = { through: [], refused: [] }
  listener.onArrival((arrival) => {
    led.through.push(arrival.info)
    const client = connectionOf(arrival)
    const broker = socketConnection(connect({ host: '127.0.0.1', port: brokerPort }))
    join2(client, broker)
    join2(broker, client)
    client.resume()
    broker.resume()
  })
  listener.onRefused((refusal) => led.refused.push(refusal))
  onTestFinished(() => listener.close())
  return led
}

function join2(from: NetworkConnection, to: NetworkConnection): void {
  from.listen({
    octets: (octets) => void to.write(octets),
    ended: () => to.end(),
    drained: () => {},
    closed: () => to.reset(),
  })
}

/** Runs a program to its end. */
export function ran(program: string, args: readonly string[], input = ''): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { timeout: patience }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      resolve({ code, output: stdout + stderr })
    })
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })
}

/** Debian's mosquitto_pub publishes one message at QoS 1 over TLS. @param name of its certificate; undefined shows none */
export function publishOverTls(
  listener: Listener,
  workspace: string,
  name: string | undefined,
  ...more: string[]
): Promise<{ code: number; output: string }> {
  const file = (path: string) => join(workspace, 'certificates', path)
  const own = name === undefined ? [] : ['--cert', file(`${name}.crt`), '--key', file(`${name}.key`)]
  const where = ['-h', '127.0.0.1', '-p', String(listener.port), '--cafile', file('ca.crt')]
  return ran('mosquitto_pub', [...where, ...own, '-t', 'a', '-m', 'x', '-q', '1', ...more])
}
