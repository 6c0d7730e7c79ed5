import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findElectron, findOrFetchElectron } from '../../../../../main/hosts/electron/find-electron.ts'

/** An installation of the package as npm leaves it, in which the program may or may not have been fetched. */
describe('looking for Electron', () => {
  let folder: string
  let from: URL

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-electron-'))
    from = pathToFileURL(join(folder, 'dist', 'electron.js'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  async function put(path: string, text: string): Promise<string> {
    const file = join(folder, 'node_modules', 'electron', path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
    return file
  }

  /** `installer` is what fetching the program runs. */
  async function installPackage(installer: string): Promise<void> {
    await put('package.json', '{ "name": "electron", "type": "commonjs" }')
    // Loading the package itself would download or throw: it must not happen.
    await put('index.js', "throw new Error('the package was loaded')")
    await put('install.js', installer)
  }

  it('finds the program that was fetched', async () => {
    await installPackage('')
    await put('path.txt', 'electron')
    const program = await put('dist/electron', '')
    expect(findElectron(from, {})).toEqual({ program })
  })

  it('says that the package is not there', () => {
    expect(findElectron(from, {})).toEqual({ missing: 'the package electron is not installed' })
  })

  it('says that the program was not fetched, or is gone', async () => {
    await installPackage('')
    expect(findElectron(from, {})).toEqual({ missing: 'its program has not been fetched' })
    await put('path.txt', 'electron')
    expect(findElectron(from, {})).toEqual({ missing: expect.stringContaining('does not exist') })
  })

  it('takes the one that the user has put elsewhere', async () => {
    const elsewhere = join(folder, 'elsewhere')
    await mkdir(elsewhere)
    await writeFile(join(elsewhere, 'electron'), '')
    const env = { ELECTRON_OVERRIDE_DIST_PATH: elsewhere }
    expect(findElectron(from, env)).toEqual({ program: join(elsewhere, 'electron') })
    expect(findElectron(from, { ELECTRON_OVERRIDE_DIST_PATH: folder })).toEqual({
      missing: expect.stringContaining('does not exist'),
    })
  })

  it('fetches it once where it is missing, and says so', async () => {
    await installPackage(`
      const { appendFileSync, mkdirSync, writeFileSync } = require('node:fs')
      appendFileSync(__dirname + '/tries', 'x')
      mkdirSync(__dirname + '/dist')
      writeFileSync(__dirname + '/dist/electron', '')
      writeFileSync(__dirname + '/path.txt', 'electron')`)
    const said: string[] = []
    const found = await findOrFetchElectron(from, {}, (line) => said.push(line))
    expect(found).toEqual({ program: join(folder, 'node_modules/electron/dist/electron') })
    expect(said).toHaveLength(1)
    expect(await findOrFetchElectron(from, {}, (line) => said.push(line))).toEqual(found)
    expect(said).toHaveLength(1)
  })

  it('tells why it could not be fetched, in one line', async () => {
    await installPackage(`
      console.error('    at somewhere (file.js:1:1)')
      console.error('RequestError: nobody answers')
      console.error('    at elsewhere (file.js:2:2)')
      process.exit(1)`)
    const found = await findOrFetchElectron(from, {}, () => {})
    expect(found).toEqual({
      missing: 'it could not be fetched: RequestError: nobody answers; npx install-electron fetches it',
    })
  })

  it('does not wait for a fetch that does not end', async () => {
    await installPackage('setInterval(() => {}, 1000)')
    const found = await findOrFetchElectron(from, {}, () => {}, 200)
    expect(found).toEqual({ missing: expect.stringContaining('within 0.2 s') })
  })
})
