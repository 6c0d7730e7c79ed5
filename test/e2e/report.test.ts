import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CommandLine, root } from '../helpers/command-line.ts'
import { TestBrowser } from './support/chromium.ts'
import { screenshot } from './support/screenshot.ts'

const soon = { timeout: 60_000 }

const files = {
  'devices/pump.device.ts': `import { device } from 'faultline'

export default device(({ id }) => ({
  client: { will: { topic: \`plant/\${id}/status\`, payload: 'offline', qos: 1 } },
  async connected({ client }) {
    await client.publish(\`plant/\${id}/status\`, 'online', { qos: 1, retain: true })
  },
}))
`,
  'scenarios/back-again.scenario.ts': `import { log, scenario } from 'faultline'

export default scenario('a pump that loses power comes back', {
  seed: 42,
  devices: { pump: { script: 'pump' } },
  thresholds: { 'delivery.lost': '== 0' },
}, async ({ devices, observer, step, expect }) => {
  const [pump] = devices.pump
  const watch = await observer.subscribe('plant/#', { qos: 1 })
  await step('its power is cut', () => pump.powerLoss())
  await expect(pump.will).toBePublished({ because: 'connection lost', within: '60s' })
  await step('its power returns', () => pump.powerOn())
  await expect(watch).toReceive({ topic: \`plant/\${pump.id}/status\`, payload: 'online' }, { within: '60s' })
  log('all is well')
})
`,
  'scenarios/in-vain.scenario.ts': `import { scenario } from 'faultline'

export default scenario('somebody hopes in vain', { seed: 'third try' }, async ({ link, observer, step, expect }) => {
  const watch = await observer.subscribe('plant/#', { qos: 2 })
  await step('one thing is said late', async () => {
    await link(observer).latency('20ms')
    await observer.publish('plant/said', 'this <b>&amp;</b>', { qos: 2 })
  })
  await expect.soft(watch).toReceive({ topic: 'plant/said', payload: 'that' }, { within: '200ms' })
  await step('nothing more is said', () => expect(watch).toReceive({ topic: 'plant/heard' }, { within: '200ms' }))
})
`,
}

let folder: string
let command: CommandLine
let browser: TestBrowser
let page: Page
const requests: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faultline-report-'))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  const words = [join(root, 'main/hosts/cli/faultline.mjs'), 'run', '--reporter', 'html', '--output', 'report.html']
  command = new CommandLine(process.execPath, words, { cwd: folder })
  browser = await TestBrowser.start()
  page = browser.page
  await page.context().setOffline(true)
  page.on('request', (request) => requests.push(request.url()))
  expect(await command.exited, command.stderr).toBe(1)
})

afterAll(async () => {
  await command?.end()
  await browser?.close()
  await rm(folder, { recursive: true, force: true })
})

const run = (name: string): Locator => page.locator('details.run').filter({ hasText: name })
const isOpen = (name: string) => run(name).evaluate((element) => element.hasAttribute('open'))

describe('the HTML report', () => {
  it('opens from the disk, without a network, and needs no other file', async () => {
    const url = pathToFileURL(join(folder, 'report.html')).href
    await page.goto(url)
    await page.getByRole('heading', { name: '1 passed, 1 failed' }).waitFor(soon)
    expect(await page.title()).toBe('Faultline: 1 passed, 1 failed')
    expect(await page.locator('header').innerText()).toMatch(/2 runs of 2 files · [\d.]+ m?s/)
    expect(requests).toEqual([url])
    expect(browser.complaints).toEqual([])
  })

  it('shows of a run that failed its timeline, what failed where, the packets around it, its seed and its recording', async () => {
    const failed = run('somebody hopes in vain')
    expect(await isOpen('somebody hopes in vain')).toBe(true)
    const text = await failed.innerText()
    expect(text).toMatch(/expect\.soft\(watch\)\.toReceive scenarios\/in-vain\.scenario\.ts:9:\d+, soft/)
    expect(text).toMatch(/scenarios\/in-vain\.scenario\.ts:10:\d+, in step “nothing more is said”/)
    expect(text).toMatch(/recording\s+recordings\/\S+-in-vain\.faultline\n/)
    expect(text).toContain("faultline run scenarios/in-vain.scenario.ts --seed 'third try'\n")
    const failure = failed.locator('.failure').first()
    expect(await failure.locator('dd').first().innerText()).toContain('payload "that"')
    expect(await failure.locator('pre').innerText()).toMatch(/PUBLISH .*"this <b>&amp;<\/b>".*\n.*PUBREC /)
    const rows = failed.locator('.timeline .row:visible')
    expect(await rows.locator('.name').allInnerTexts()).toEqual([
      'one thing is said late',
      expect.stringContaining('latency 20 ms'),
      'expect.soft(watch).toReceive',
      'nothing more is said',
      'expect(watch).toReceive',
    ])
    expect(await rows.filter({ has: page.locator('.bar') }).count()).toBe(4)
  })

  it('is unfolded and folded with the keyboard, and leaves out what passed where that is asked for', async () => {
    const passed = run('a pump that loses power comes back')
    expect(await isOpen('a pump that loses power comes back')).toBe(false)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    await passed.waitFor({ state: 'hidden', ...soon })
    expect(await run('somebody hopes in vain').isVisible()).toBe(true)
    await page.keyboard.press('Space')
    await passed.waitFor(soon)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await passed.getByText('its power returns').waitFor(soon)
    for (let hops = 0; hops < 2; hops++) {
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
    }
    await passed.getByText('all is well').waitFor(soon)
    await passed.getByRole('cell', { name: /because .*connection lost/ }).waitFor(soon)
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    await passed.getByText('its power returns').waitFor({ state: 'hidden', ...soon })
  })

  it('is dark or light as the reader has it, fits a narrow window, and is printed on white', async () => {
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    expect(await ground()).toBe('rgb(15, 18, 22)')
    expect(await overflow()).toBeLessThanOrEqual(0)
    // High enough for the timeline.
    await page.setViewportSize({ width: 1440, height: 1300 })
    await page.locator('h1').click()
    await screenshot(page, 'report-dark')
    await page.setViewportSize({ width: 800, height: 900 })
    expect(await overflow()).toBeLessThanOrEqual(0)
    await screenshot(page, 'report-narrow')
    await page.emulateMedia({ media: 'print' })
    expect(await ground()).toBe('rgb(251, 251, 252)')
    expect(await page.locator('.filter').isVisible()).toBe(false)
    await page.emulateMedia({ media: 'screen', colorScheme: 'light' })
    await page.setViewportSize({ width: 1440, height: 900 })
    expect(await ground()).toBe('rgb(251, 251, 252)')
    await screenshot(page, 'report-light')
    expect(requests).toHaveLength(1)
    expect(browser.complaints).toEqual([])
  })
})
