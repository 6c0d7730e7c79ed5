import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runDesktop } from '../../../main/hosts/electron/run-desktop.ts'

/** The window's process is any program that gets an entry and words; here Node runs entries that end in different ways. */
describe("the desktop window's process", () => {
  let folder: string
  let printed: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-desktop-'))
    printed = ''
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed += text
      return true
    })
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true, force: true })
  })

  async function run(code: string, program = process.execPath) {
    const entry = join(folder, 'entry.mjs')
    await writeFile(entry, code)
    return await runDesktop(program, pathToFileURL(entry), ['--mqtt=0'])
  }

  it('ends with the exit code of the workbench, and what it printed is passed on', async () => {
    expect(await run("console.log('ready mqtt://127.0.0.1:1'); process.exitCode = 0")).toEqual({ code: 0 })
    expect(printed).toBe('ready mqtt://127.0.0.1:1\n')
    expect(await run('process.exitCode = 5')).toEqual({ code: 5 })
  })

  it.each([
    ['its libraries are missing', 'process.exitCode = 127', '127'],
    ['its sandbox is refused', "process.kill(process.pid, 'SIGTRAP'); setInterval(() => {}, 100)", 'SIGTRAP'],
  ])('has never opened when %s', async (_, code, reason) => {
    expect(await run(code)).toEqual({ neverOpened: `it ended at once with ${reason}` })
  })

  it('has never opened when there is no such program', async () => {
    expect(await run('', join(folder, 'nothing'))).toEqual({ neverOpened: expect.stringContaining('ENOENT') })
  })

  it('has crashed when it ends by a signal after it was ready', async () => {
    const code =
      "process.stdout.write('ready x\\n', () => process.kill(process.pid, 'SIGSEGV')); setInterval(() => {}, 100)"
    expect(await run(code)).toEqual({ crashed: expect.stringContaining('SIGSEGV') })
  })

  it('gets its words, and is not turned into a plain Node by the terminal of an editor', async () => {
    vi.stubEnv('ELECTRON_RUN_AS_NODE', '1')
    const seen = join(folder, 'seen')
    await run(`
      import { writeFileSync } from 'node:fs'
      const { argv, env } = process
      writeFileSync(${JSON.stringify(seen)}, JSON.stringify([argv.slice(2), 'ELECTRON_RUN_AS_NODE' in env]))`)
    expect(JSON.parse(await readFile(seen, 'utf8'))).toEqual([['--mqtt=0'], false])
  })
})
