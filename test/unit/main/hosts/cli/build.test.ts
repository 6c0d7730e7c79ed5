import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../../helpers/temporary-folder.ts'

const builder = new URL('../../../../../main/hosts/cli/build.mjs', import.meta.url).href

/** A house with the same doors as ours and next to nothing in its rooms. */
const house: Readonly<Record<string, string>> = {
  'package.json': '{ "type": "module" }',
  'package-lock.json': '{}',
  'tsconfig.json': '{}',
  'app/script-api/guest.ts': 'export const guest: string = "guest"',
  'app/script-api/scenario-guest.ts': 'export const guest: string = "scenario guest"',
  'app/script-api/guest/library-text.ts': 'export class TextDecoder {}',
  'app/script-api/guest/library-cbor.ts': 'export const cbor: string = "cbor"',
  'app/script-api/guest/library-data.ts': 'export const data: string = "data"',
  'app/script-api/guest/library-protobuf.ts': 'export const protobuf: string = "protobuf"',
  'main/hosts/cli/main.ts': 'import { part } from "../../part.ts"\nexport const main: string = part',
  'main/part.ts': 'export const part = "first part"',
  'main/devices/guest/worker.ts': 'export const worker: string = "worker"',
  'main/devices/guest/scenario-worker.ts': 'export const worker: string = "scenario worker"',
  'main/devices/guest/fabricator.ts': 'export const worker: string = "fabricator"',
  'main/devices/load/worker.ts': 'export const load: string = "load"',
  'main/hosts/electron/main.ts': 'import { app } from "electron"\nexport const quit = () => app.quit()',
  'main/hosts/electron/preload.ts': 'import { ipcRenderer } from "electron"\nipcRenderer.on("x", () => {})',
  'renderer/vite.config.ts': 'export default {}',
  'renderer/index.html': '<!doctype html><script type="module" src="/main.ts"></script>',
  'renderer/main.ts': 'document.title = "screen"',
}

const outputs = [
  'device-worker.js',
  'electron.js',
  'fabricator.js',
  'faultline.js',
  'guest-cbor.js',
  'guest-data.js',
  'guest-protobuf.js',
  'guest-scenario.js',
  'guest.js',
  'load-worker.js',
  'parts',
  'preload.cjs',
  'scenario-worker.js',
  'stamp',
  'web',
]

// Each test builds in processes of its own, some of them twice.
describe('building on demand', { timeout: 30_000 }, () => {
  let root: string
  let dist: string

  beforeEach(async () => {
    root = await temporaryFolder()
    dist = join(root, 'dist')
    for (const [file, text] of Object.entries(house)) await put(file, text)
  })

  async function put(file: string, text: string): Promise<void> {
    await mkdir(dirname(join(root, file)), { recursive: true })
    await writeFile(join(root, file), text)
  }

  /** Starts as the launcher does, in a process of its own; what it said, and how it ended. */
  function start(): Promise<{ code: number | null; said: string[]; errors: string; pid: number }> {
    const script = `const { ensureBuilt } = await import(${JSON.stringify(builder)})
      await ensureBuilt(new URL(${JSON.stringify(pathToFileURL(`${root}/`).href)}), console.log)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script])
    let [output, errors] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text
    })
    return new Promise((resolve) =>
      child.on('close', (code) =>
        resolve({ code, said: output.split('\n').filter(Boolean), errors, pid: Number(child.pid) }),
      ),
    )
  }

  const cache = () => readdir(join(root, 'node_modules', '.cache', 'faultline'))

  it('builds everything at the first start, says so in one line, and leaves nothing else behind', async () => {
    const { code, said, errors } = await start()
    expect([code, errors]).toEqual([0, ''])
    expect(said).toEqual([expect.stringContaining('building')])
    expect((await readdir(dist)).filter((name) => !name.endsWith('.map')).sort()).toEqual(outputs)
    expect(await readFile(join(dist, 'preload.cjs'), 'utf8')).toContain('require("electron")')
    expect(existsSync(join(dist, 'web', 'index.html'))).toBe(true)
    expect(await cache()).toEqual([])
  })

  describe('what a command loads when it is the one', () => {
    const parts = async () => (await readdir(dist)).filter((name) => /^faultline-\w+\.js$/.test(name))

    /** The first file of the build, as a process that starts now has it; what it loads then it loads when it is called. */
    async function begin(): Promise<() => Promise<string>> {
      const { main } = (await import(pathToFileURL(join(dist, 'faultline.js')).href)) as { main: () => Promise<string> }
      return main
    }

    beforeEach(async () => {
      await put('main/late.ts', 'export const late = "loaded late"')
      await put('main/hosts/cli/main.ts', 'export const main = async () => (await import("../../late.ts")).late')
      await start()
    })

    it('is left out of the first file', async () => {
      expect(await readFile(join(dist, 'faultline.js'), 'utf8')).not.toContain('loaded late')
      expect(await (await begin())()).toBe('loaded late')
    })

    it('is still there for whoever has begun when another build takes its place', async () => {
      const main = await begin()
      await put('main/late.ts', 'export const late = "loaded even later"')
      expect((await start()).code).toBe(0)
      expect(await main()).toBe('loaded late')
    })

    it('does not pile up from build to build', async () => {
      const [first] = await parts()
      for (const word of ['second', 'third']) {
        await put('main/late.ts', `export const late = "${word}"`)
        await start()
        expect(await parts()).toHaveLength(2)
      }
      expect(await parts()).not.toContain(first)
    })
  })

  it('builds nothing at the next start', async () => {
    await start()
    expect((await start()).said).toEqual([])
  })

  it.each([
    ['is changed', () => put('main/part.ts', 'export const part = "second part"')],
    ['has the same size and another time', () => utimes(join(root, 'main/part.ts'), 1, 1)],
    ['is added', () => put('main/new.ts', 'export {}')],
    ['is removed', () => rm(join(root, 'renderer/main.ts')).then(() => put('renderer/index.html', '<!doctype html>'))],
  ])('builds anew when a source %s', async (_, change) => {
    await start()
    await change()
    const { code, said } = await start()
    expect([code, said]).toEqual([0, [expect.stringContaining('building')]])
    const [, part] = /"(.*)"/.exec(await readFile(join(root, 'main/part.ts'), 'utf8')) ?? []
    expect(await readFile(join(dist, 'faultline.js'), 'utf8')).toContain(part)
  })

  it('builds once when two start at the same time, and both find a whole build', async () => {
    const both = await Promise.all([start(), start(), start()])
    expect(both.map(({ code }) => code)).toEqual([0, 0, 0])
    expect(both.flatMap(({ said }) => said.filter((line) => line.includes('building (')))).toHaveLength(1)
    expect((await readdir(dist)).filter((name) => !name.endsWith('.map')).sort()).toEqual(outputs)
  })

  it('says which line of which file is wrong, and keeps the build before', async () => {
    await start()
    await put('main/part.ts', 'export const part = ')
    const { code, errors } = await start()
    expect(code).not.toBe(0)
    expect(errors).toContain('main/part.ts:1')
    expect(await readFile(join(dist, 'faultline.js'), 'utf8')).toContain('first part')
    expect(await cache()).toEqual([])
  })

  it('goes on after a build that was killed', async () => {
    const { pid } = await start()
    await rm(dist, { recursive: true })
    const folder = join(root, 'node_modules', '.cache', 'faultline')
    await writeFile(join(folder, 'build.lock'), String(pid))
    await mkdir(join(folder, `build-${pid}`))
    expect((await start()).code).toBe(0)
    expect(existsSync(join(dist, 'faultline.js'))).toBe(true)
    expect(await cache()).toEqual([])
  })
})
