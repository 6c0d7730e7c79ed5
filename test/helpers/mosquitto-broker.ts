import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { freePort } from './ports.ts'

const run = promisify(execFile)

/** Debian has the broker where a user's shell does not look. */
const env = { ...process.env, PATH: [process.env['PATH'], '/usr/sbin', '/usr/local/sbin'].join(delimiter) }

export interface MosquittoBroker {
  readonly port: number
  /** With WebSocket a second one, for MQTT over TCP; else the same. */
  readonly plainPort: number
  /** Of its process. */
  readonly pid: number
  /** Everything that it has logged. */
  log(): string
  /** Ends it without waiting for the end of the test. Harmless when it has ended. */
  stop(): Promise<void>
}

/** What a listener with TLS needs, as PEM. */
export interface MosquittoTls {
  readonly key: string
  readonly certificate: string
  /** With it the clients must show a certificate that this authority has signed. */
  readonly clientAuthority?: string
}

/**
 * Debian's mosquitto, a broker that nobody here wrote: MQTT 3.1, 3.1.1 and 5 on a free port of 127.0.0.1. It ends with
 * the test.
 *
 * @param lines of its configuration, which belong to the one listener or to the broker; any client may connect unless
 * they say otherwise.
 */
export async function startMosquitto(lines: string[] = []): Promise<MosquittoBroker> {
  const running = await launchMosquitto(lines)
  onTestFinished(() => running.stop())
  return running
}

/** As `startMosquitto`, but ended by `stop` alone: for `beforeAll`. */
export async function launchMosquitto(lines: string[] = []): Promise<MosquittoBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-mosquitto-'))
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const running = await launch(folder, port, lines).catch((error: Error) => error)
    if (!(running instanceof Error)) return running
    // Between the search for a port and the listening somebody else may have taken it.
    if (attempt === 5 || !running.message.includes('Address already in use')) {
      await rm(folder, { recursive: true, force: true })
      throw running
    }
  }
}

/** One that speaks MQTT over WebSocket, on any path. */
export function startMosquittoWebSocket(lines: string[] = []): Promise<MosquittoBroker> {
  return startMosquitto(['protocol websockets', ...lines])
}

/** One that speaks TLS; with `lines` of `protocol websockets` it is WSS. */
export async function startMosquittoTls(tls: MosquittoTls, lines: string[] = []): Promise<MosquittoBroker> {
  const folder = await settingsFolder()
  const file = (name: string, text: string) => writeFile(join(folder, name), text)
  await Promise.all([
    file('broker.key', tls.key),
    file('broker.crt', tls.certificate),
    file('clients.crt', tls.clientAuthority ?? ''),
  ])
  return startMosquitto([
    `certfile ${join(folder, 'broker.crt')}`,
    `keyfile ${join(folder, 'broker.key')}`,
    ...(tls.clientAuthority === undefined
      ? []
      : [`cafile ${join(folder, 'clients.crt')}`, 'require_certificate true', 'use_identity_as_username true']),
    ...lines,
  ])
}

/** One that wants a user name and a password. */
export async function startMosquittoWithPasswords(
  users: Readonly<Record<string, string>>,
  lines: string[] = [],
): Promise<MosquittoBroker> {
  const file = join(await settingsFolder(), 'passwords')
  await writeFile(file, '')
  for (const [user, password] of Object.entries(users)) {
    await run('mosquitto_passwd', ['-b', file, user, password], { env })
  }
  return startMosquitto([`password_file ${file}`, 'allow_anonymous false', ...lines])
}

async function settingsFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-mosquitto-'))
  await chmod(folder, 0o755)
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function launch(folder: string, port: number, lines: readonly string[]): Promise<MosquittoBroker> {
  const path = join(folder, 'mosquitto.conf')
  const open = lines.some((line) => line.startsWith('allow_anonymous')) ? [] : ['allow_anonymous true']
  // As root it would change to a user of its own, which cannot read the folder.
  const user = process.getuid?.() === 0 ? ['user root'] : []
  const first = [...user, 'persistence false', 'log_dest stderr', 'log_type all', `listener ${port} 127.0.0.1`]
  // It does not start with WebSocket alone.
  const plainPort = lines.includes('protocol websockets') ? await freePort() : port
  const second = plainPort === port ? [] : [`listener ${plainPort} 127.0.0.1`]
  await writeFile(path, `${[...first, ...open, ...lines, ...second].join('\n')}\n`)
  const child = spawn('mosquitto', ['-c', path], { stdio: ['ignore', 'ignore', 'pipe'], env })
  // A test run that is broken off must not leave it behind.
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const exited = once(child, 'exit').then(() => process.off('exit', kill))
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  await running(child, () => log)
  return {
    port,
    plainPort,
    pid: Number(child.pid),
    log: () => log,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      await exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Settles when it has said that it listens; rejected with what it said when it ends first. */
function running(child: ChildProcess, log: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => reject(new Error(`mosquitto ended at once:\n${log()}`)))
    child.stderr?.on('data', () => {
      if (/mosquitto version \S+ running/.test(log())) resolve()
    })
  })
}
