import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Child } from './children.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** A workspace's own devices: what `faultline.json` says of them, and the scripts by name. */
export interface OwnDevices {
  readonly entries: Readonly<Record<string, { readonly script: string; readonly count: number }>>
  readonly scripts: Readonly<Record<string, string>>
}

/** `faultline serve` as a user starts it, on a copy of the shipped workspace, so that tests may edit its scripts. */
export class WorkbenchProcess {
  readonly mqttPort: number
  readonly pageUrl: string
  /** The folder that it works on. */
  readonly workspace: string
  readonly #child: Child

  /**
   * @param own instead of the shipped devices
   * @param http the port of the page; 0 takes any that is free
   * @param more words of the command line
   */
  static async start(own?: OwnDevices, http = 0, more: readonly string[] = []): Promise<WorkbenchProcess> {
    const parent = await mkdtemp(join(tmpdir(), 'faultline-e2e-'))
    const workspace = join(parent, 'plant-demo')
    // Not what `faultline run` has left behind in a checkout.
    const filter = (path: string) => !['.faultline', 'recordings'].includes(basename(path))
    await cp(join(root, 'simulations'), workspace, { recursive: true, filter })
    if (own !== undefined) await replaceDevices(workspace, own)
    const child = new Child(
      process.execPath,
      [
        join(root, 'main/hosts/cli/faultline.mjs'),
        'serve',
        workspace,
        '--mqtt',
        '0',
        '--http',
        String(http),
        '--no-open',
        ...more,
      ],
      ['ignore', 'pipe', 'pipe'],
    )
    const { mqttPort, pageUrl } = await ready(child)
    return new WorkbenchProcess(child, workspace, mqttPort, pageUrl)
  }

  private constructor(child: Child, workspace: string, mqttPort: number, pageUrl: string) {
    this.#child = child
    this.workspace = workspace
    this.mqttPort = mqttPort
    this.pageUrl = pageUrl
  }

  /** Ends it as Ctrl-C does, where it has not ended yet; gives the exit code. */
  async stop(): Promise<number | null> {
    const code = await this.#child.end('SIGINT')
    await rm(join(this.workspace, '..'), { recursive: true, force: true })
    return code
  }
}

async function replaceDevices(workspace: string, { entries, scripts }: OwnDevices): Promise<void> {
  const folder = join(workspace, 'devices')
  await rm(folder, { recursive: true })
  await mkdir(folder)
  for (const [name, text] of Object.entries(scripts)) await writeFile(join(folder, `${name}.device.ts`), text)
  await writeFile(join(workspace, 'faultline.json'), JSON.stringify({ name: 'fleet-demo', seed: 42, devices: entries }))
}

function ready({ process: child }: Child): Promise<{ mqttPort: number; pageUrl: string }> {
  return new Promise((resolve, reject) => {
    let output = ''
    let errors = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors += text
    })
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text
      const line = /^ready mqtt:\/\/127\.0\.0\.1:(\d+) (http:\S+)(?: \S+)*\n/.exec(output)
      if (line) resolve({ mqttPort: Number(line[1]), pageUrl: String(line[2]) })
    })
    child.once('exit', (code) =>
      reject(new Error(`faultline serve ended with ${code} before it was ready:\n${errors}`)),
    )
  })
}
