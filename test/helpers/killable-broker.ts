import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { StoreChoice } from '../../main/broker/stores/open-store.ts'
import type { Address } from './conformance-client.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The program of a broker in a process of its own. */
export interface BrokerProgram {
  readonly path: string
  remove(): Promise<void>
}

export async function buildBroker(): Promise<BrokerProgram> {
  // Inside of the repository, because it takes its packages from there.
  const cache = join(root, 'node_modules/.cache/faultline')
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'broker-process-'))
  const path = join(folder, 'process.mjs')
  await build({
    entryPoints: { process: join(root, 'test/helpers/broker-process.ts') },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // It is started often, and loads only the store that it has.
    splitting: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    target: 'node20',
  })
  return { path, remove: () => rm(folder, { recursive: true, force: true }) }
}

/** A broker that can be killed and started again with the same store; on another port each time. */
export class KillableBroker implements Address {
  readonly host = '127.0.0.1'
  port = 0
  readonly #program: BrokerProgram
  readonly #store: StoreChoice
  readonly #killed: () => Promise<void>
  #child: ChildProcess | undefined

  /** @param killed what comes to pass in `restart` between its end and its start. @default nothing */
  constructor(program: BrokerProgram, store: StoreChoice, killed = async () => {}) {
    this.#program = program
    this.#store = store
    this.#killed = killed
  }

  static async start(
    program: BrokerProgram,
    store: StoreChoice,
    killed?: () => Promise<void>,
  ): Promise<KillableBroker> {
    const broker = new KillableBroker(program, store, killed)
    await broker.start()
    return broker
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [this.#program.path, JSON.stringify(this.#store)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child = child
    const exit = once(child, 'exit').then(([code]) => {
      throw new Error(`the broker ended with ${code} before it was ready`)
    })
    const [line] = await Promise.race([once(child.stdout, 'data'), exit])
    exit.catch(() => {})
    this.port = Number(String(line))
  }

  /** kill -9. */
  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  /** In order. */
  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  /** Stops its process where it is, and lets it go on. */
  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child?.kill('SIGCONT')
  }

  async restart(): Promise<void> {
    await this.kill()
    await this.#killed()
    await this.start()
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }
}
