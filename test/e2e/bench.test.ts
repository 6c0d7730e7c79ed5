import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Locator } from 'playwright-core'
import { describe, expect, it, vi } from 'vitest'
import { measureAnswers } from './support/answers.ts'
import { mosquittoPublish } from './support/mosquitto.ts'
import { screenshot } from './support/screenshot.ts'
import { dashboard, open, page, setStage, soon, workbench } from './support/stage.ts'
import { clearFilter, filterTraffic, rows } from './support/traffic.ts'

const shippedPump = fileURLToPath(new URL('../../simulations/devices/pump.device.ts', import.meta.url))

setStage({ dashboard: { filter: '#' } })

const device = (id: string): Locator => page.getByTestId(`client-${id}`)
const inspector = (): Locator => page.getByRole('complementary', { name: 'Inspector' })
const act = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()
const online = (id: string) => device(id).locator('.dot-green').waitFor({ timeout: soon.timeout })

/** Looks a packet up on the Traffic screen: in the few live rows of the Bench it may be gone before anybody looks. */
async function listed(filter: string, text: string): Promise<void> {
  await open('Traffic')
  await filterTraffic(filter)
  await rows().filter({ hasText: text }).first().waitFor()
  await clearFilter()
  await open('Bench')
}

async function received(line: string | RegExp, since = 0): Promise<void> {
  const matches = (other: string) => (typeof line === 'string' ? other === line : line.test(other))
  await vi.waitFor(() => expect(dashboard.lines.slice(since).some(matches)).toBe(true), soon)
}

async function openConsole(): Promise<Locator> {
  await page.getByRole('tab', { name: 'Console' }).click()
  return page.getByRole('log')
}

/** Saves a script from the editor, as a user does: select all, type, Ctrl+S. */
async function saveInEditor(text: string): Promise<void> {
  const editor = page.getByTestId('editor').locator('.monaco-editor').first()
  await editor.click()
  await page.keyboard.press('Control+A')
  // Pasted in one piece: Monaco would indent and close brackets by itself in what is typed.
  await page.evaluate((pasted) => {
    const data = new DataTransfer()
    data.setData('text/plain', pasted)
    document.activeElement?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))
  }, text)
  await page.keyboard.press('Control+S')
  await vi.waitFor(async () => expect(await readFile(pumpFile(), 'utf8')).toBe(text), soon)
}

/** What stands in the head of the script pane, and in which colour. */
const scriptSays = (text: string, tone: string) =>
  page.locator(`.script-status-${tone}`).filter({ hasText: text }).waitFor({ timeout: soon.timeout })

const pumpFile = () => join(workbench.workspace, 'devices', 'pump.device.ts')

/** The shipped pump, but with another first statement when it is switched on. */
async function pumpThat(statement: string): Promise<string> {
  const text = (await readFile(shippedPump, 'utf8')).replace(/log\(`pump .* starts`\)/, statement)
  expect(text).toContain(statement)
  return text
}

describe('the bench', () => {
  it('shows the shipped devices online, and mosquitto_sub gets their data', async () => {
    for (const id of ['pump-01', 'pump-02', 'pump-03', 'meter-01', 'meter-04']) await online(id)
    await received(/^plant\/pump-01\/temperature \{"celsius":\d+(\.\d)?,"serial":"\w{10}"\}$/)
    await received(/^meter\/meter-04\/power \{"watts":\d+,/)
    await device('dashboard').waitFor()
  })

  it('lists every packet of a handshake as it passes', async () => {
    await listed('type:publish topic:plant/pump-01/temperature', 'pump-01')
    await listed('type:puback client:pump-01', 'PUBACK')
  })

  it('takes a command from mosquitto_pub to the script', async () => {
    await device('pump-01').click()
    const console = await openConsole()
    await mosquittoPublish(workbench.mqttPort, 'plant/pump-01/set', '{"celsius": 70}')
    await console.getByText('set point is now 70 °C').waitFor()
    await page.getByRole('tab', { name: 'Traffic' }).click()
  })

  it('publishes the will of a pump whose power is cut, and shows the loss, the will and who got it', async () => {
    await device('pump-03').click()
    const before = dashboard.lines.length
    await act('Power loss')
    await received('plant/pump-03/status offline', before)
    await page.getByTestId('client-state').filter({ hasText: 'power lost' }).waitFor()
    await inspector().getByRole('region', { name: 'Will · published' }).waitFor()
    await device('pump-03').getByText('WILL', { exact: true }).waitFor()
    await scriptSays('on 3 devices: 2 online · 1 power lost', 'red')
    await screenshot(page, 'bench-dark')
    await listed('type:fault client:pump-03', 'NO DISCONNECT')
    await listed('will type:publish client:dashboard', 'WILL OF pump-03')
  })

  it('is as readable in light', async () => {
    await page.emulateMedia({ colorScheme: 'light' })
    await page.getByRole('button', { name: /^Theme: / }).waitFor()
    await screenshot(page, 'bench-light')
    await page.emulateMedia({ colorScheme: 'dark' })
    await open('Traffic')
    await rows().filter({ hasText: 'PUBLISH' }).first().waitFor()
    await screenshot(page, 'traffic-live-dark')
    await open('Bench')
  })

  it('boots a pump again, with the session that the broker kept', async () => {
    await device('pump-03').click()
    const before = dashboard.lines.length
    await act('Power on')
    await received('plant/pump-03/status online', before)
    await online('pump-03')
    await scriptSays('running on 3 devices · saved', 'green')
  })

  it('leaves no will when a device disconnects in order', async () => {
    await device('pump-02').click()
    await act('Disconnect')
    await page.getByTestId('client-state').filter({ hasText: 'offline' }).waitFor()
    await listed('type:disconnect client:pump-02', 'DISCONNECT')
    await device('pump-02').click()
    const before = dashboard.lines.length
    await act('Connect')
    await received('plant/pump-02/status online', before)
    expect(dashboard.lines.filter((line) => line === 'plant/pump-02/status offline')).toEqual([])
  })
})

describe('the editor', () => {
  it('completes what a script can import', async () => {
    await device('pump-01').click()
    const editor = page.getByTestId('editor').locator('.monaco-editor').first()
    await editor.click()
    await page.keyboard.press('Control+End')
    await page.keyboard.type('sensor.', { delay: 30 })
    await page.locator('.suggest-widget').getByText('randomWalk').first().waitFor({ timeout: soon.timeout })
    await page.keyboard.press('Escape')
    for (const _ of 'sensor.') await page.keyboard.press('Backspace')
  })

  it('restarts the devices of a script that is saved, with the new code', async () => {
    const text = (await readFile(shippedPump, 'utf8')).replace('/temperature`', '/heat`')
    const before = dashboard.lines.length
    await saveInEditor(text)
    await received(/^plant\/pump-01\/heat /, before)
    await received(/^plant\/pump-02\/heat /, before)
  })

  it('marks the line at which a script throws, in the editor and in the console', async () => {
    const text = await pumpThat("throw new Error('no oil')")
    const line = text.split('\n').findIndex((other) => other.includes('no oil')) + 1
    await saveInEditor(text)
    await device('pump-01').getByText('ERROR').waitFor()
    await page.getByRole('button', { name: new RegExp(`pump\\.device\\.ts:${line}\\b`) }).click()
    await page.locator('.monaco-editor .squiggly-error').first().waitFor({ timeout: soon.timeout })
    const log = await openConsole()
    await log
      .getByText(/no oil/)
      .first()
      .waitFor()
    await page.getByRole('tab', { name: 'Traffic' }).click()
  })

  it('goes to the line of an endless loop that was just saved', async () => {
    await device('pump-01').click()
    const text = await pumpThat('\n\n    for (;;) {\n      celsius += 1\n    }')
    const lines = text.split('\n')
    await saveInEditor(text)
    // Until then it is the error of the script before.
    await inspector().getByText('no oil').first().waitFor({ state: 'detached' })
    await device('pump-01').getByText('ERROR').waitFor()
    await scriptSays('failed on 3 devices', 'red')
    const active = page.locator('.monaco-editor .line-numbers.active-line-number')
    // Without a call in the loop, QuickJS knows only in which function it is.
    const place = await page.getByRole('button', { name: /^devices\/pump\.device\.ts:\d+/ }).textContent()
    const line = Number(place?.split(':')[1])
    expect(line).toBeGreaterThanOrEqual(lines.findIndex((other) => other.includes('powerOn()')) + 1)
    expect(line).toBeLessThanOrEqual(lines.findIndex((other) => other.includes('celsius += 1')) + 1)
    await vi.waitFor(async () => expect(await active.first().textContent()).toBe(String(line)), soon)
    await page.locator('.monaco-editor .squiggly-error').first().waitFor({ timeout: soon.timeout })
    await screenshot(page, 'endless-loop-dark')
    const before = dashboard.lines.length
    await saveInEditor(await readFile(shippedPump, 'utf8'))
    await received('plant/pump-01/status online', before)
    // The page has heard of it as well: what is red from now on is red anew.
    await scriptSays('running on 3 devices', 'green')
  })

  it('loses a device, and nothing else, to an endless loop', async () => {
    const answers = measureAnswers(workbench.pageUrl)
    // Saved by another editor, so that only the loop is measured and not Monaco.
    await writeFile(pumpFile(), await pumpThat('for (;;);'))
    await device('pump-01').getByText('ERROR').waitFor()
    await device('meter-01').click()
    await page.getByTestId('client-state').filter({ hasText: 'connected' }).waitFor()
    const { count, worst } = await answers()
    console.log(`while scripts looped, the workbench answered ${count} times, at worst in ${worst.toFixed(0)} ms`)
    const before = dashboard.lines.length
    await received(/^meter\/meter-01\/power /, before)
    await writeFile(pumpFile(), await readFile(shippedPump, 'utf8'))
    await received('plant/pump-01/status online', before)
  })
})
