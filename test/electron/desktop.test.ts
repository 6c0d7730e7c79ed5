import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type ElectronApplication, _electron as electron, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findElectron } from '../../main/hosts/electron/find-electron.ts'

const root = new URL('../../', import.meta.url)
const search = findElectron(new URL('package.json', root), process.env)

/** Chromium's sandbox cannot be had as root; the page's own confinement does not depend on it. */
const asRoot = process.platform === 'linux' && process.getuid?.() === 0

describe.skipIf('missing' in search)('the desktop window', () => {
  let app: ElectronApplication
  let page: Page

  beforeAll(async () => {
    if (!('program' in search)) return
    // Builds what is out of date.
    await promisify(execFile)(process.execPath, [
      fileURLToPath(new URL('main/hosts/cli/faultline.mjs', root)),
      '--version',
    ])
    const args = [fileURLToPath(new URL('dist/electron.js', root)), '--mqtt=0', ...(asRoot ? ['--no-sandbox'] : [])]
    app = await electron.launch({ executablePath: search.program, args })
    page = await app.firstWindow()
  })
  afterAll(() => app?.close())

  it('shows the devices of the demo workspace, over its port to the workbench', async () => {
    await page.getByTestId('client-pump-01').waitFor()
    expect(page.url()).toBe('faultline://app/')
  })

  it('gives the page nothing of Node and nothing of Electron', async () => {
    const found = await page.evaluate(() =>
      ['process', 'require', 'module', 'Buffer', 'electron'].filter((name) => name in window),
    )
    expect(found).toEqual([])
  })

  it('lets the page go nowhere else', async () => {
    await page.evaluate(() => {
      window.location.href = 'data:text/html,elsewhere'
    })
    expect(await page.evaluate(() => window.open('https://example.invalid/'))).toBeNull()
    await page.getByTestId('client-pump-01').waitFor()
    expect(page.url()).toBe('faultline://app/')
    expect(app.windows()).toHaveLength(1)
  })

  it('grants the page no permission', async () => {
    expect(await page.evaluate(() => Notification.requestPermission())).toBe('denied')
  })

  it('has a menu with the way to another workspace', async () => {
    const labels = await app.evaluate(({ Menu }) =>
      Menu.getApplicationMenu()?.items.flatMap((item) => item.submenu?.items.map(({ label }) => label) ?? []),
    )
    expect(labels).toContain('Open &Workspace…')
  })
})
