import type { Locator } from 'playwright-core'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { MosquittoSubscriber, mosquittoPublish } from './support/mosquitto.ts'
import { screenshot } from './support/screenshot.ts'
import { dashboard, page, setStage, workbench } from './support/stage.ts'

/**
 * How long anything may take to show up on a busy machine, in milliseconds: forty sandboxes and two hundred clients have
 * to start beside a browser.
 */
const soon = { timeout: 90_000, interval: 50 }

const meter = `import { device, every } from 'faultline'

export default device(({ id }) => ({
  async connected({ client }) {
    await client.subscribe(\`meter/\${id}/break\`)
    every('1s', () => client.publish(\`meter/\${id}/power\`, { watts: 1 }, { qos: 1 }))
  },
  message() {
    throw new Error('it broke')
  },
}))
`

const load = `import { fleet } from 'faultline'

export default fleet({ topic: 'load/{id}/a', every: '1s', payload: '{"n":{n},"message":{count}}', qos: 1 })
`

const gateway = `import { device } from 'faultline'

export default device(() => ({}))
`

setStage({
  devices: {
    scripts: { meter, load, gateway },
    entries: {
      gateway: { script: 'gateway', count: 1 },
      meter: { script: 'meter', count: 40 },
      load: { script: 'load', count: 0 },
    },
  },
  dashboard: { filter: '#' },
})

beforeAll(() => {
  page.setDefaultTimeout(soon.timeout)
  return client('dashboard').waitFor()
})

const client = (id: string): Locator => page.getByTestId(`client-${id}`)
const fleet = (id: string): Locator => page.getByTestId(`fleet-${id}`)
const panel = (): Locator => page.getByRole('complementary', { name: 'Fleet' })
const finder = (): Locator => page.getByRole('searchbox', { name: 'Find devices by id' })
const says = (row: Locator, text: string | RegExp) => row.filter({ hasText: text }).waitFor()
const selected = (row: Locator) =>
  vi.waitFor(async () => expect(await row.getAttribute('aria-selected')).toBe('true'), soon)
const press = (name: string) => panel().getByRole('button', { name, exact: true }).click()
const field = (name: string): Locator => panel().getByLabel(name, { exact: true })

/** What stands under this name in the panel. */
async function figure(name: string): Promise<number> {
  const text = await panel().locator('.fleet-figures > div').filter({ hasText: name }).locator('dd').textContent()
  return Number.parseFloat((text ?? '').replaceAll(',', ''))
}

/** The members of whom a line came that matches; the first group of the pattern is the member. */
function heardOf(pattern: RegExp, since = 0): Set<string> {
  const heard = new Set<string>()
  for (const line of dashboard.lines.slice(since)) {
    const match = pattern.exec(line)
    if (match?.[1] !== undefined) heard.add(match[1])
  }
  return heard
}

describe('a fleet of scripted devices', () => {
  it('is one row, which counts how its devices are', async () => {
    await says(fleet('meter'), 'meter ×40')
    await says(fleet('meter'), '40 online')
    expect(await client('meter-01').count()).toBe(0)
    await client('gateway').waitFor()
    await vi.waitFor(() => expect(heardOf(/^meter\/(meter-\d\d)\/power \{"watts":1\}$/).size).toBe(40), soon)
  })

  it('is opened, walked through and closed with the keyboard', async () => {
    await client('gateway').click()
    await page.keyboard.press('ArrowDown')
    await selected(fleet('meter'))
    await page.keyboard.press('ArrowRight')
    await client('meter-01').waitFor()
    expect(await fleet('meter').getAttribute('aria-expanded')).toBe('true')
    await page.keyboard.press('ArrowRight')
    await selected(client('meter-01'))
    await page.getByRole('complementary', { name: 'Inspector' }).getByText('meter-01').first().waitFor()
    await page.keyboard.press('End')
    await page.keyboard.press('Home')
    await selected(client('gateway'))
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('PageDown')
    await page.keyboard.press('ArrowLeft')
    await selected(fleet('meter'))
    await page.keyboard.press('ArrowLeft')
    await client('meter-01').waitFor({ state: 'detached' })
  })

  it('has rows only where somebody looks', async () => {
    await fleet('meter').getByTitle('Open the fleet').click()
    await client('meter-01').waitFor()
    expect(await page.getByRole('treeitem').count()).toBeLessThan(20)
    await page.locator('.device-scroll').evaluate((element) => element.scrollTo(0, element.scrollHeight))
    await client('dashboard').waitFor()
    await client('meter-40').waitFor()
    expect(await client('meter-01').count()).toBe(0)
    await page.locator('.device-scroll').evaluate((element) => element.scrollTo(0, 0))
    await fleet('meter').getByTitle('Close the fleet').click()
  })

  it('finds a device by its id, and counts what became of it', async () => {
    await finder().fill('METER-3')
    await says(fleet('meter'), '10 found')
    expect(await client('gateway').count()).toBe(0)
    await client('meter-37').click()
    await page.getByRole('button', { name: 'Power loss', exact: true }).click()
    await says(fleet('meter'), '1 power lost')
    await mosquittoPublish(workbench.mqttPort, 'meter/meter-31/break', 'now')
    await says(fleet('meter'), '38 online · 1 script error · 1 power lost')
    await finder().fill('nobody')
    await page.getByText('No device or client has “nobody” in its id.').waitFor()
    await finder().press('Escape')
    await says(fleet('meter'), '38 online')
  })

  it('ramps to another count, from the panel', async () => {
    await fleet('meter').click()
    await panel().getByRole('list', { name: 'Devices by state' }).filter({ hasText: 'script error1' }).waitFor()
    await field('count').fill('50')
    await field('ramp time').fill('2s')
    await page.keyboard.press('Enter')
    await says(fleet('meter'), 'meter ×50')
    await vi.waitFor(async () => expect(await figure('present')).toBe(50), soon)
    await says(fleet('meter'), '48 online')
    await vi.waitFor(() => expect(heardOf(/^meter\/meter-(4[1-9]|50)\/power/).size).toBe(10), soon)
  })

  it('says at the field why a count is none', async () => {
    await field('count').fill('10001')
    await press('Set count')
    await panel().getByRole('alert').filter({ hasText: 'write a whole number from 0 to 10,000' }).waitFor()
    expect(await field('count').getAttribute('aria-invalid')).toBe('true')
    await field('count').fill('50')
    await panel().getByRole('alert').waitFor({ state: 'detached' })
    expect(await field('every').count()).toBe(0)
  })
})

describe('a load fleet', () => {
  it('ramps from nobody to 200 clients, each of whom mosquitto_sub hears', async () => {
    await fleet('load').click()
    await field('count').fill('200')
    await field('ramp time').fill('2s')
    await press('Set count')
    await says(fleet('load'), 'load ×200')
    await vi.waitFor(async () => expect([await figure('present'), await figure('online')]).toEqual([200, 200]), soon)
    await vi.waitFor(() => expect(heardOf(/^load\/(load-\d+)\/a \{"n":\d+,"message":\d+\}$/).size).toBe(200), soon)
    await vi.waitFor(async () => expect(await figure('acknowledged')).toBeGreaterThan(400), soon)
    await vi.waitFor(async () => expect(await figure('latency p99')).toBeGreaterThan(0), soon)
  })

  it('counts its clients as nobody from outside', async () => {
    await page.getByRole('region', { name: 'Devices' }).getByText('1 outside').waitFor()
    await fleet('load').getByTitle('Open the fleet').click()
    await page
      .getByText(/^load client · /)
      .first()
      .waitFor()
    await fleet('load').getByTitle('Close the fleet').click()
    await screenshot(page, 'fleet-dark')
  })

  it('changes topic, rate, payload, QoS and RETAIN while it runs', async () => {
    const before = dashboard.lines.length
    await field('topic').fill('load/{id}/b')
    await field('every').fill('500ms')
    await field('payload').fill('new {id} {int 7 7}')
    await panel().getByText('QoS 2').click()
    await panel().getByLabel('retain').check()
    await press('Apply')
    await vi.waitFor(() => expect(heardOf(/^load\/(load-\d+)\/b new \1 7$/, before).size).toBe(200), soon)
    await panel().getByText('200 clients make 400/s').waitFor()
    expect(await field('every').inputValue()).toBe('500ms')
    // Who comes now is told what was retained, by all.
    const late = new MosquittoSubscriber(workbench.mqttPort, 'load/+/b', 'late')
    onTestFinished(() => late.kill())
    await vi.waitFor(() => expect(late.lines.length).toBeGreaterThanOrEqual(200), soon)
  })

  it('marks what is no longer as the workspace says, and can go back to that', async () => {
    await panel().getByText('changed · script: 1s').waitFor()
    await panel().getByText('changed · script: load/{id}/a').waitFor()
    await panel().getByText('changed · script: QoS 1').waitFor()
    await panel().getByText('changed · script: no retain').waitFor()
    await panel().getByText('changed · workspace: 0').waitFor()
    await screenshot(page, 'fleet-changed-dark')
    const before = dashboard.lines.length
    await press('Reset to the script')
    await panel().getByText('changed · script').first().waitFor({ state: 'detached' })
    expect(await field('every').inputValue()).toBe('1s')
    expect(await field('topic').inputValue()).toBe('load/{id}/a')
    await vi.waitFor(() => expect(heardOf(/^load\/(load-\d+)\/a \{/, before).size).toBe(200), soon)
    // The count is the workspace's affair, and was not asked for.
    await panel().getByText('changed · workspace: 0').waitFor()
    await field('topic').fill('load/{id}/b')
    await field('payload').fill('new {id} {int 7 7}')
    await press('Apply')
    await panel().getByText('changed · script: load/{id}/a').waitFor()
  })

  it('has clients that say why there is no more to see of them', async () => {
    await fleet('load').getByTitle('Open the fleet').click()
    await page
      .getByText(/^load client · /)
      .first()
      .click()
    const card = page.getByRole('complementary', { name: 'Inspector' }).getByRole('region', { name: 'Load client' })
    await card.getByRole('button', { name: 'load ×200' }).click()
    await selected(fleet('load'))
    await fleet('load').getByTitle('Close the fleet').click()
  })

  it('says at each field what is wrong with it, and goes on as it was', async () => {
    await field('payload').fill('{"celsius": {temperature}}')
    await field('every').fill('30')
    await field('topic').fill('load/#')
    await press('Apply')
    await panel().getByRole('alert').filter({ hasText: '{temperature}, which stands for nothing' }).waitFor()
    await panel().getByRole('alert').filter({ hasText: 'write the time between two messages' }).waitFor()
    await panel().getByRole('alert').filter({ hasText: 'wildcard' }).waitFor()
    await page.setViewportSize({ width: 1280, height: 720 })
    await page.emulateMedia({ colorScheme: 'light' })
    await screenshot(page, 'fleet-light')
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.setViewportSize({ width: 1440, height: 900 })
    await press('Discard')
    expect(await field('topic').inputValue()).toBe('load/{id}/b')
    const since = dashboard.lines.length
    await vi.waitFor(() => expect(heardOf(/^load\/(load-\d+)\/b new/, since).size).toBe(200), soon)
    expect(dashboard.lines.filter((line) => line.includes('celsius'))).toEqual([])
  })

  it('has counted every message that mosquitto_sub got, when it is over', async () => {
    await field('count').fill('0')
    await field('ramp time').fill('')
    await press('Set count')
    await says(fleet('load'), 'load ×0')
    await vi.waitFor(async () => expect([await figure('present'), await figure('online')]).toEqual([0, 0]), soon)
    const messages = () => dashboard.lines.filter((line) => line.startsWith('load/')).length
    await vi.waitFor(async () => expect(messages()).toBe(await figure('published')), soon)
    expect(messages()).toBeGreaterThan(1000)
    // Where the machine is too slow for so many, some are left out, and that is told.
    const reasons = panel().getByRole('list', { name: 'Errors by reason' })
    // What is read at once is nothing, too, where it is not drawn yet.
    await panel().getByText('No errors.').or(reasons).waitFor()
    const errors = await reasons.getByRole('listitem').allTextContents()
    expect(errors.filter((error) => !error.startsWith('left out: '))).toEqual([])
  })
})

describe('the script of a fleet that is wrong', () => {
  const wrong = load.replace("topic: 'load/{id}/a'", "\n  topic: 'load/#'")

  it('is shown at the mistake when it was just saved, and in the card of the fleet', async () => {
    await page.getByTestId('editor').locator('.monaco-editor').first().click()
    await page.keyboard.press('Control+A')
    await page.evaluate((pasted) => {
      const data = new DataTransfer()
      data.setData('text/plain', pasted)
      document.activeElement?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))
    }, wrong)
    await page.keyboard.press('Control+Home')
    await page.keyboard.press('Control+S')
    await panel().getByRole('region', { name: 'Script error' }).waitFor()
    await says(fleet('load'), 'wildcard')
    await page.locator('.script-status-red').filter({ hasText: 'script error · saved' }).waitFor()
    await cursorIn(wrongLine())
    await page.locator('.monaco-editor .squiggly-error').first().waitFor()
    await screenshot(page, 'fleet-error-dark')
  })

  it('is found again from the card, from wherever the cursor is', async () => {
    await client('gateway').click()
    await page.getByRole('tab', { name: 'gateway.device.ts' }).and(page.locator('[aria-selected=true]')).waitFor()
    await fleet('load').click()
    await page.getByTestId('editor').locator('.monaco-editor').first().click()
    await page.keyboard.press('Control+Home')
    await cursorIn(1)
    await panel()
      .getByRole('button', { name: /^devices\/load\.device\.ts:\d/ })
      .click()
    await cursorIn(wrongLine())
  })

  const wrongLine = () => wrong.split('\n').findIndex((line) => line.includes('load/#')) + 1

  async function cursorIn(line: number): Promise<void> {
    const active = page.locator('.monaco-editor .line-numbers.active-line-number').first()
    await vi.waitFor(async () => expect(await active.textContent()).toBe(String(line)), soon)
  }
})
