import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Locator } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { mosquittoPublish } from './support/mosquitto.ts'
import { screenshot } from './support/screenshot.ts'
import { complaints, dashboard, open, page, restartWorkbench, setStage, soon, workbench } from './support/stage.ts'
import { clearFilter, filterTraffic, grid, rows } from './support/traffic.ts'

const run = promisify(execFile)
setStage({ dashboard: { filter: 'site/#', qos: 2, kept: true } })

beforeAll(() => page.getByTestId('client-dashboard').waitFor(soon))

const press = (name: string | RegExp) => page.getByRole('button', { name }).click()
const sides = (): Locator => page.getByTestId('both-sides')
const ladder = (): Locator => page.getByRole('region', { name: 'Handshake' })
const rules = (): Locator => page.getByRole('region', { name: 'Breakpoints and rules' })

/** Where the wire is held, lets everything go. */
async function letGo(): Promise<void> {
  const button = page.getByRole('button', { name: 'Let go' })
  await vi.waitFor(async () => {
    // It may go while it is aimed at.
    if ((await button.count()) > 0) await button.click({ timeout: 2000 })
    expect(await button.count()).toBe(0)
  }, soon)
}

/** Whatever a test has left, the next one finds a wire that flows. */
async function release(): Promise<void> {
  await open('Handshakes')
  const remove = rules().getByRole('button', { name: /Remove/ })
  for (let left = await remove.count(); left > 0; left--) {
    await remove.first().click()
    await vi.waitFor(async () => expect(await remove.count()).toBeLessThan(left), soon)
  }
  await letGo()
}

/** Among few: new ones push it out of the window, where it is no row any more. */
async function chooseMessage(among: string, text: string): Promise<void> {
  await page.getByRole('searchbox', { name: 'Find messages' }).fill(among)
  await page.getByRole('option').filter({ hasText: text }).first().click()
}

describe("a trainer's five minutes", () => {
  afterAll(release)

  it('stops a PUBREL in mid-air and shows what both sides hold', async () => {
    await open('Handshakes')
    await rules().getByPlaceholder('every client').first().fill('dashboard')
    await press('hold PUBREL')
    await rules().getByText('of dashboard').waitFor(soon)
    await mosquittoPublish(workbench.mqttPort, 'site/berlin/alarm', '{"level":"high"}', 'gateway-berlin')
    await page.getByText('wire held').waitFor(soon)
    await ladder()
      .getByText(/PUBREL \d+ held/)
      .first()
      .waitFor(soon)
    await sides()
      .getByText(/waits for PUBCOMP \d+/)
      .waitFor(soon)
    await sides()
      .getByText(/holds \d+, sent PUBREC/)
      .waitFor(soon)
    await sides().getByText('broker resends PUBREL after reconnect').waitFor(soon)
    expect(dashboard.lines).toEqual([])
  })

  it('drops it, cuts the link, and watches the broker send it again', async () => {
    await press('Drop it')
    await ladder().getByText('dropped by you').first().waitFor(soon)
    await press('Cut (RST)')
    await ladder()
      .getByText(/link cut with RST by you .* session present/)
      .first()
      .waitFor(soon)
    await ladder()
      .getByText(/PUBREL \d+ held/)
      .first()
      .waitFor(soon)
    await screenshot(page, 'handshakes-dark')
    await page.emulateMedia({ colorScheme: 'light' })
    await screenshot(page, 'handshakes-light')
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(dashboard.lines).toEqual([])
  })

  it('lets go, and the message was delivered exactly once', async () => {
    await press('Let go')
    await page.getByTestId('count').getByText('exactly once').waitFor(soon)
    await vi.waitFor(() => expect(dashboard.lines).toEqual(['site/berlin/alarm {"level":"high"}']), soon)
    await sides()
      .getByText(/sent PUBCOMP/)
      .waitFor(soon)
    await rules()
      .getByRole('button', { name: /Remove/ })
      .first()
      .click()
    await rules().getByText('No breakpoints, no rules.').waitFor(soon)
  })
})

describe('breakpoints', () => {
  afterEach(release)

  it('let a held packet be changed before it is delivered', async () => {
    await press('+ add')
    await rules().getByLabel('packets').fill('type:publish from:broker topic:site/#')
    await press('Add breakpoint')
    await rules()
      .getByRole('button', { name: /^Remove/ })
      .waitFor(soon)
    await mosquittoPublish(workbench.mqttPort, 'site/berlin/level', 'twenty', 'gateway-berlin')
    await page.getByText('wire held').waitFor(soon)
    const edit = page.getByRole('banner').getByRole('button', { name: 'Edit…' })
    await edit.click()
    const editor = page.getByRole('region', { name: 'Edit packet' })
    // It has the focus: the button is far away.
    await editor.locator(':focus').waitFor(soon)
    await page.keyboard.press('Escape')
    await editor.waitFor({ state: 'detached' })
    await edit.click()
    await editor.getByLabel('payload', { exact: true }).fill('thirty')
    await page.keyboard.press('Escape')
    await editor.getByRole('button', { name: /^Deliver/ }).click()
    await vi.waitFor(() => expect(dashboard.lines).toContain('site/berlin/level thirty'), soon)
    await rules()
      .getByRole('button', { name: /Remove/ })
      .first()
      .click()
  })

  it('say in the traffic what became of a packet', async () => {
    await open('Traffic')
    await filterTraffic('topic:site/# type:publish from:broker')
    // Once the list is drawn with it nothing moves under the mouse any more.
    await vi.waitFor(async () => expect(await rows().filter({ hasNotText: 'site/' }).count()).toBe(1), soon)
    await rows().filter({ hasText: 'CHANGED' }).first().click()
    const pane = page.getByRole('complementary', { name: 'Packet' })
    await pane.getByText('site/berlin/level').first().waitFor(soon)
    await screenshot(page, 'traffic-dark')
    await page.emulateMedia({ colorScheme: 'light' })
    await screenshot(page, 'traffic-light')
    await page.emulateMedia({ colorScheme: 'dark' })
  })
})

describe('the traffic', () => {
  beforeEach(() => open('Traffic'))

  const at = (locator: Locator) => locator.boundingBox().then((box) => box ?? { x: 0, y: 0, width: 0, height: 0 })
  const cell = (row: Locator, kind: string) => row.locator(`.traffic-${kind}`)

  it('shows the payload, and what is no packet over the whole row, in a usual and in a small window', async () => {
    await clearFilter()
    // It stands still at the record that was selected.
    await grid().press('End')
    const message = rows().filter({ hasText: 'plant/pump-0' }).filter({ hasText: '{"celsius"' }).last()
    await message.waitFor(soon)
    await filterTraffic('type:publish,opened client:pump-*')
    await grid().press('Home')
    const event = rows().filter({ hasText: 'TCP from' }).first()
    const publish = rows().filter({ hasText: 'PUBLISH' }).first()
    await event.waitFor(soon)
    await publish.waitFor(soon)
    for (const size of [
      { width: 1440, height: 900 },
      { width: 1100, height: 700 },
    ]) {
      await page.setViewportSize(size)
      // Until it is laid out anew.
      await vi.waitFor(async () => {
        const row = await at(publish)
        expect(row.x + row.width).toBeLessThanOrEqual(size.width)
        expect((await at(cell(publish, 'payload'))).width).toBeGreaterThan(75)
        expect((await at(cell(publish, 'flags'))).width).toBeLessThan(row.width / 6)
        const words = await at(cell(event, 'event'))
        const packet = await at(cell(publish, 'packet'))
        expect(words.x).toBeCloseTo(packet.x, 0)
        expect(words.x + words.width).toBeCloseTo(row.x + row.width, 0)
      }, soon)
    }
    await page.setViewportSize({ width: 1440, height: 900 })
  })

  it('is not covered by what is wrong with a filter', async () => {
    await page.getByRole('combobox', { name: 'Filter' }).fill('type:nonsense')
    await page.keyboard.press('Escape')
    const mistake = page.getByText('expected a packet or event type')
    await mistake.waitFor(soon)
    await vi.waitFor(async () => {
      const [words, list] = [await at(mistake), await at(grid())]
      expect(words.y + words.height).toBeLessThanOrEqual(list.y)
    }, soon)
    await page.getByRole('button', { name: 'Clear the filter' }).click()
    await mistake.waitFor({ state: 'detached' })
  })

  it('marks the held packet that the buttons act on, and says of others which one they wait behind', async () => {
    // As chips are written: the event of a packet that is held, a row of its own, says so in small letters.
    const next = rows().filter({ hasText: /NEXT/ })
    const selected = rows().and(page.locator('[aria-selected=true]'))
    const pill = page.getByTestId('wire-pill')
    const quickly = { timeout: 10_000, interval: 50 }
    // The list may be drawn anew under the mouse: what was hit is known only afterwards.
    const clickOn = async (chip: RegExp) => {
      await grid().press('Home')
      const others = rows().filter({ hasText: chip }).filter({ hasNotText: /NEXT/ })
      await cell(others.first(), 'number').click(quickly)
      await selected.filter({ hasText: chip }).waitFor(quickly)
    }
    const attempt = async () => {
      await page.getByRole('button', { name: 'Hold everything' }).click(quickly)
      await page.getByTestId('wire-next').waitFor(quickly)
      await pill.click(quickly)
      const title = await page
        .getByTitle(/^Packet \d+, held by/)
        .first()
        .getAttribute('title', quickly)
      await page.keyboard.press('Escape')
      const first = /\d+/.exec(title ?? '')?.[0] ?? ''
      // From there on: what is held stays in the window, however much comes after it.
      await filterTraffic(`number>=${first}`)
      await grid().press('Home')
      await vi.waitFor(async () => expect(await cell(next, 'number').textContent(quickly)).toBe(first), quickly)
      // The broker gives pumps up sooner, which do not get through to it.
      await filterTraffic(`number>=${first} client:meter-*`)
      await clickOn(/HELD/)
      const number = await cell(selected, 'number').textContent(quickly)
      await vi.waitFor(async () => expect(await cell(next, 'number').textContent(quickly)).toBe(number), quickly)
      await clickOn(/BEHIND/)
      await pill.click(quickly)
      // It cannot go before that one.
      const ahead = /BEHIND (\d+)/.exec((await selected.textContent(quickly)) ?? '')?.[1]
      await page.getByTitle(`Packet ${ahead}, held by`).filter({ hasText: 'NEXT' }).waitFor(quickly)
      await page.keyboard.press('Escape')
    }
    const clean = async () => {
      await letGo()
      await clearFilter()
    }
    await vi.waitFor(() => attempt().finally(clean), { timeout: 120_000, interval: 50 })
    await next.waitFor({ state: 'detached' })
    await grid().press('End')
  })
})

describe('rules', () => {
  it('lose the third PUBACK of a pump, which sends again with DUP when its link is cut', async () => {
    await open('Handshakes')
    await rules().getByPlaceholder('every client').first().fill('pump-01')
    await press('lose the third PUBACK')
    await rules().getByText('done').waitFor(soon)
    await chooseMessage('pump-01', 'PUBACK lost')
    await ladder().getByText('dropped by').first().waitFor(soon)
    await press('Cut (RST)')
    await ladder().getByText('DUP').first().waitFor(soon)
  })
})

describe('recordings', () => {
  it('are written, exported to what tshark reads, and opened again', async () => {
    await open('Traffic')
    await press('Record')
    await page.getByRole('button', { name: /^Stop · [1-9]/ }).waitFor(soon)
    await mosquittoPublish(workbench.mqttPort, 'site/berlin/recorded', 'kept', 'gateway-berlin')
    await vi.waitFor(() => expect(dashboard.lines).toContain('site/berlin/recorded kept'), soon)
    await press(/^Stop/)
    await page.getByRole('button', { name: 'Record', exact: true }).waitFor(soon)

    await press('Export…')
    await press(/^pcapng/)
    const wrote = await page.getByText(/^Wrote [\d,]+ records/).textContent()
    const path = /to (recordings\/.*\.pcapng)$/.exec(wrote ?? '')?.[1] ?? ''
    const { stdout } = await run('tshark', [
      '-r',
      join(workbench.workspace, path),
      '-Y',
      'mqtt.topic == "site/berlin/alarm"',
    ])
    expect(stdout).toContain('Publish Message')

    await press('Open…')
    await page.getByRole('list', { name: 'Recordings' }).getByRole('button').filter({ hasText: '.faultline' }).click()
    await page.getByLabel('Capture', { exact: true }).waitFor(soon)
    await open('Handshakes')
    await chooseMessage('site/berlin/recorded', 'site/berlin/recorded')
    await ladder().getByText('gateway-berlin').first().waitFor(soon)
    await open('Traffic')
    await press('Close')
    await page.getByLabel('Capture', { exact: true }).waitFor({ state: 'detached' })
  })
})

describe('targets', () => {
  it('are named in the top bar beside the embedded broker, with whether they can be reached', async () => {
    await page.getByTestId('broker').getByText(`mqtt://127.0.0.1:${workbench.mqttPort}`).waitFor(soon)
    expect(await page.getByTestId('targets').count()).toBe(0)
    const path = join(workbench.workspace, 'faultline.json')
    const settings = JSON.parse(await readFile(path, 'utf8'))
    const reached = `mqtt://127.0.0.1:${workbench.mqttPort}`
    settings.devices.meter.target = reached
    settings.devices.lonely = { script: 'meter', target: 'mqtt://127.0.0.1:1' }
    await writeFile(path, JSON.stringify(settings))
    const pill = page.getByTestId('targets').getByRole('button')
    await pill.getByText('2 targets').waitFor(soon)
    await pill.getByText('1 not reachable').waitFor(soon)
    await pill.click()
    const list = page.getByRole('dialog', { name: 'What devices connect to' })
    await list.getByRole('listitem').filter({ hasText: reached }).filter({ hasText: 'reachable' }).waitFor(soon)
    await list.getByText('not reachable: nobody listens on 127.0.0.1:1').waitFor(soon)
    await page.keyboard.press('Escape')
  })
})

describe('a page of a run before', () => {
  it('says that it cannot connect any more, and what to do', async () => {
    await restartWorkbench()
    const banner = page.getByTestId('connection-banner')
    await banner.getByText('Open the new link that stands in the terminal').waitFor(soon)
    expect(await banner.getByRole('button').count()).toBe(0)
    await banner.getByRole('link', { name: 'Reload the page' }).waitFor()
    // Attempts that failed are told in the console, and are what this is about.
    complaints.splice(0)
  })
})
