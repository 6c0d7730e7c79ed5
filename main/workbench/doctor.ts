import { mkdtemp, rm, stat, statfs } from 'node:fs/promises'
import { createServer, connect as dial, type Server } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import type { Clock } from '../../app/base/clock.ts'
import { messageOf } from '../../app/base/errors.ts'
import { tryScripts } from './try-scripts.ts'

/** What was looked at on this machine. */
export interface Finding {
  readonly what: string
  /** `warn`: something does not work, and most does; `fail`: Faultline does not work so. */
  readonly state: 'ok' | 'warn' | 'fail'
  /** What was found, in words. */
  readonly found: string
  /** What to do; empty where nothing is to be done. */
  readonly advice: string
}

export interface DoctorOptions {
  readonly clock: Clock
  /** Absolute path of the workspace. */
  readonly workspace: string
  /** Of the broker and of the page. */
  readonly ports: { readonly mqtt: number; readonly http: number }
  readonly assets: { readonly worker: URL; readonly guest: URL }
}

/** From `engines` of package.json. */
const oldestNode = [20, 19] as const
const megabyte = 1024 * 1024
const disk = { enough: 1024 * megabyte, least: 100 * megabyte }
/** How long an octet may take there and back within this machine, in milliseconds. */
const roundTripWithin = 2000
/** Clocks are to be finer than that, in nanoseconds. */
const coarse = 100_000

/** Looks at what Faultline needs of a machine. Every finding is one that was tried; never throws. */
export async function examine({ assets, clock, ports, workspace }: DoctorOptions): Promise<Finding[]> {
  return [
    node(process.versions.node),
    await port('broker port', ports.mqtt, '--mqtt'),
    await port('page port', ports.http, '--http'),
    await loopback('loopback IPv4', '127.0.0.1', clock),
    await loopback('loopback IPv6', '::1', clock),
    await space(workspace),
    await writable(workspace),
    await sandbox(workspace, assets, clock),
    resolution(clock),
  ]
}

/** @param version such as `20.19.4` */
export function node(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [least, leastMinor] = oldestNode
  const isOld = major < least || (major === least && minor < leastMinor)
  const advice = isOld ? `install Node ${least}.${leastMinor} or a later one` : ''
  return finding('Node', isOld ? 'fail' : 'ok', version, advice)
}

/** @param option with which another one is chosen */
export async function port(what: string, number: number, option: string): Promise<Finding> {
  const server = createServer()
  const problem = await listening(server, number, '127.0.0.1')
  await closed(server)
  if (problem === undefined) return finding(what, 'ok', `${number} is free`)
  // Which program it is no system tells to everybody.
  if (problem.code === 'EADDRINUSE')
    return finding(
      what,
      'warn',
      `${number} is in use by a program of this machine`,
      `${option} 0 takes any that is free`,
    )
  const hint = problem.code === 'EACCES' ? `${option} with a port above 1023` : `${option} with another port`
  return finding(what, 'warn', `${number} cannot be had: ${problem.message}`, hint)
}

/** An octet there and back, through real sockets. */
export async function loopback(what: string, host: string, clock: Clock): Promise<Finding> {
  const isFour = host !== '::1'
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.pipe(socket)
  })
  const failed = (why: string) =>
    isFour
      ? finding(what, 'fail', why, `the broker and its devices meet at ${host}: see what blocks it, such as a firewall`)
      : finding(what, 'warn', why, `name 127.0.0.1 and not localhost where a client is to connect`)
  const problem = await listening(server, 0, host)
  if (problem !== undefined) return failed(`${host} cannot be listened on: ${problem.message}`)
  const address = server.address()
  try {
    const nanoseconds = await roundTrip(typeof address === 'object' ? (address?.port ?? 0) : 0, host, clock)
    return finding(what, 'ok', `${host}, there and back in ${(nanoseconds / 1e6).toFixed(1)} ms`)
  } catch (error) {
    return failed(messageOf(error))
  } finally {
    await closed(server)
  }
}

async function space(folder: string): Promise<Finding> {
  try {
    const { bavail, bsize } = await statfs(folder)
    const free = bavail * bsize
    const state = free < disk.least ? 'fail' : free < disk.enough ? 'warn' : 'ok'
    const advice =
      state === 'ok' ? '' : 'recordings and stores need room: free some, or use a workspace on another disk'
    return finding('disk', state, `${(free / 1024 / megabyte).toFixed(1)} GiB free`, advice)
  } catch (error) {
    return finding('disk', 'warn', `how much is free cannot be found out: ${messageOf(error)}`)
  }
}

/** By a folder that is made in it, and removed. */
export async function writable(folder: string): Promise<Finding> {
  const what = 'workspace'
  const about = await stat(folder).catch(() => undefined)
  if (about?.isDirectory() !== true) {
    const found = about === undefined ? `there is no ${folder}` : `${folder} is no folder`
    return finding(what, 'fail', found, 'name a folder, or make one with faultline init')
  }
  try {
    const probe = await mkdtemp(join(folder, '.faultline-doctor-'))
    await rm(probe, { recursive: true })
    return finding(what, 'ok', `${folder} can be written to`)
  } catch (error) {
    const advice = 'scripts cannot be saved and nothing be recorded there: change its rights, or name another'
    return finding(what, 'fail', `${folder} cannot be written to: ${messageOf(error)}`, advice)
  }
}

/** A worker thread, and in it a script in its sandbox. */
async function sandbox(workspace: string, assets: DoctorOptions['assets'], clock: Clock): Promise<Finding> {
  const what = 'sandbox'
  const since = clock.monotonic()
  const script = {
    file: 'devices/doctor.device.ts',
    text: "import { device } from 'faultline'\nexport default device(() => ({}))\n",
    id: 'doctor',
  }
  const advice = 'run npm ci anew; a thread needs about 100 MB of memory'
  try {
    const [tried] = await tryScripts([script], { clock, assets, workspace, seed: 1 })
    const ms = Math.round((clock.monotonic() - since) / 1e6)
    if (tried?.inspection.kind === 'failed') return finding(what, 'fail', tried.inspection.error.message, advice)
    return finding(what, 'ok', `a worker thread ran a script in ${ms} ms`)
  } catch (error) {
    return finding(what, 'fail', messageOf(error), advice)
  }
}

function resolution(clock: Clock): Finding {
  const times = Array.from({ length: 2000 }, () => clock.monotonic())
  const steps = times.flatMap((time, i) => (i > 0 && time > (times[i - 1] ?? 0) ? [time - (times[i - 1] ?? 0)] : []))
  const finest = Math.min(...steps, Number.POSITIVE_INFINITY)
  if (finest < coarse) return finding('clock', 'ok', `steps of ${Math.round(finest)} ns`)
  const found = steps.length === 0 ? 'it does not move' : `steps of ${(finest / 1e6).toFixed(1)} ms`
  return finding(
    'clock',
    'warn',
    found,
    'times of packets are no finer than that: look at the clock source of this system',
  )
}

function finding(what: string, state: Finding['state'], found: string, advice = ''): Finding {
  return { what, state, found, advice }
}

function listening(server: Server, number: number, host: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    server.once('error', resolve)
    server.listen({ port: number, host, exclusive: true }, () => resolve(undefined))
  })
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}

/** @returns nanoseconds */
function roundTrip(number: number, host: string, clock: Clock): Promise<number> {
  return new Promise((resolve, reject) => {
    const since = clock.monotonic()
    const socket = dial({ port: number, host, noDelay: true })
    const late = clock.after(roundTripWithin, () =>
      socket.destroy(new Error(`nothing came back in ${roundTripWithin} ms`)),
    )
    socket.on('connect', () => socket.write('.'))
    socket.on('data', () => {
      resolve(clock.monotonic() - since)
      socket.destroy()
    })
    socket.on('error', reject)
    socket.on('close', () => late.dispose())
  })
}
