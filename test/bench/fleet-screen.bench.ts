import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { TestBrowser } from '../e2e/support/chromium.ts'
import { WorkbenchProcess } from '../e2e/support/workbench-process.ts'

/** How smooth the Bench stays with many devices that all publish once a second. Prints, and asserts no time. */

const scripted = Number(process.env['SCRIPTED'] ?? 1000)
const load = Number(process.env['LOAD'] ?? 10_000)
const soon = { timeout: 240_000, interval: 250 }

const meter = `import { after, device, every } from 'faultline'

export default device(({ id, random }) => ({
  connected({ client }) {
    after(random.integer(0, 1000), () => every('1s', () => client.publish(\`meter/\${id}/power\`, { watts: 1 }, { qos: 1 })))
  },
}))
`

const fleet = `import { fleet } from 'faultline'

export default fleet({ topic: 'load/{id}', every: '10s', payload: '{"message":{count}}', qos: 1 })
`

/** Runs in the page: frames of so many milliseconds. */
function countFrames(ms: number): Promise<{ fps: number; p99: number; worst: number }> {
  return new Promise((resolve) => {
    const gaps: number[] = []
    const start = performance.now()
    let last = start
    const frame = () => {
      const now = performance.now()
      gaps.push(now - last)
      last = now
      if (now - start < ms) {
        requestAnimationFrame(frame)
        return
      }
      gaps.sort((a, b) => a - b)
      const at = (share: number) => gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * share))] ?? 0
      resolve({ fps: (gaps.length * 1000) / (now - start), p99: at(0.99), worst: at(1) })
    }
    requestAnimationFrame(frame)
  })
}

let workbench: WorkbenchProcess
let browser: TestBrowser
let page: Page

beforeAll(async () => {
  workbench = await WorkbenchProcess.start({
    scripts: { meter, load: fleet },
    entries: { meter: { script: 'meter', count: scripted }, load: { script: 'load', count: 0 } },
  })
  browser = await TestBrowser.start()
  page = browser.page
  page.setDefaultTimeout(soon.timeout)
}, 120_000)

afterAll(async () => {
  await browser?.close()
  expect(await workbench?.stop()).toBe(0)
}, 120_000)

const row = (name: string) => page.getByTestId(`fleet-${name}`)
const rowSays = (name: string, text: string) =>
  vi.waitFor(async () => expect(await row(name).textContent()).toContain(text), soon)

async function measure(what: string): Promise<void> {
  const { fps, p99, worst } = await page.evaluate(countFrames, 5000)
  console.log(`${what}: ${fps.toFixed(1)} frames/s, p99 ${p99.toFixed(0)} ms, worst ${worst.toFixed(0)} ms`)
  expect(fps).toBeGreaterThan(0)
}

/** Measures while the wheel turns. */
async function measureScrolling(what: string): Promise<void> {
  await page.locator('.device-scroll').hover()
  let scrolling = true
  const scrolled = (async () => {
    while (scrolling) await page.mouse.wheel(0, 390)
  })()
  await measure(what)
  scrolling = false
  await scrolled
  await page.locator('.device-scroll').evaluate((element) => element.scrollTo(0, 0))
}

describe('the list of devices', () => {
  it('is painted while scripted devices publish', async () => {
    await page.goto('about:blank')
    await measure('an empty page, for comparison')
    await page.goto(workbench.pageUrl)
    await rowSays('meter', `${scripted.toLocaleString('en-US')} online`)
    await measure(`${scripted} scripted devices, closed`)
    await row('meter').getByTitle('Open the fleet').click()
    await measure(`${scripted} scripted devices, open`)
    await measureScrolling(`${scripted} scripted devices, scrolled through`)
    await row('meter').getByTitle('Close the fleet').click()
  })

  it('is painted while load clients publish as well', async () => {
    await row('load').click()
    await page.getByLabel('count', { exact: true }).fill(String(load))
    await page.getByLabel('ramp time', { exact: true }).fill('20s')
    await page.getByRole('button', { name: 'Set count' }).click()
    await rowSays('load', `${load.toLocaleString('en-US')} online`)
    await measure(`and ${load} load clients, closed`)
    await row('load').getByTitle('Open the fleet').click()
    await measureScrolling(`and ${load} load clients, scrolled through`)
  })
})
