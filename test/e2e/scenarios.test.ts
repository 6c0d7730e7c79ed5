import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { screenshot } from './support/screenshot.ts'
import { open, page, setStage, workbench } from './support/stage.ts'

const soon = { timeout: 90_000 }

const passing = `import { scenario } from 'faultline'

export default scenario('a pump that loses power comes back', {
  seed: 42,
  timeout: '10m',
  devices: { pump: { script: 'pump' } },
  thresholds: { 'delivery.lost': '== 0' },
}, async ({ devices, observer, link, step, expect }) => {
  const [pump] = devices.pump
  const watch = await observer.subscribe('plant/#', { qos: 1 })
  await step('its packets are late', async () => {
    await link(pump).latency('20ms')
    await observer.publish('plant/late', 'x', { qos: 1 })
  })
  await step('its power is cut', () => pump.powerLoss())
  await expect(pump).toBeOffline({ within: '60s' })
  await expect(pump.will).toBePublished({ because: 'connection lost', within: '60s' })
  await step('its power returns', () => pump.powerOn())
  await expect(pump).toBeOnline({ within: '60s' })
  for (let i = 0; i < 80; i++) await observer.publish('much/more', 'x', { qos: 0 })
  await expect(watch).toReceive({ topic: \`plant/\${pump.id}/status\`, payload: 'online' }, { within: '60s' })
})
`

const endless = `import { scenario } from 'faultline'

export default scenario('a link that is slow', {
  timeout: '10m',
  devices: { pump: { script: 'pump' } },
}, async ({ devices, link, step, wait }) => {
  const [pump] = devices.pump
  await step('its packets are late', async () => {
    await link(pump).latency('20ms')
    await wait('10m')
  })
})
`

const failing = `import { scenario } from 'faultline'

export default scenario('somebody hopes in vain', { seed: 3 }, async ({ observer, step, expect }) => {
  const watch = await observer.subscribe('plant/#', { qos: 2 })
  await step('one thing is said', () => observer.publish('plant/said', 'this', { qos: 2 }))
  await expect(watch).toReceive({ topic: 'plant/said', payload: 'that' }, { within: '400ms' })
})
`

const wide = `import { scenario } from 'faultline'

export default scenario('a wide one', { timeout: '10m' }, async ({ step, expect }) => {
  for (let i = 1; i <= 200; i++) {
    await step('step ' + i, async () => {
      for (let k = 0; k < 5; k++) await expect(k).toBe(k)
    })
  }
})
`

setStage()

beforeAll(async () => {
  // Those that ship are many, and each would be planned before these.
  await rm(join(workbench.workspace, 'scenarios'), { recursive: true, force: true })
  const folder = join(workbench.workspace, 'scenarios', 'own')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'back-again.scenario.ts'), passing)
  await writeFile(join(folder, 'in-vain.scenario.ts'), failing)
  await writeFile(join(folder, 'slow-link.scenario.ts'), endless)
})

const file = (name: string): Locator => page.getByTestId(`scenario-scenarios/own/${name}.scenario.ts`)
const list = (): Locator => page.getByRole('region', { name: 'Scenarios', exact: true })
const run = (): Locator => page.getByRole('region', { name: 'Run', exact: true })
const course = (): Locator => page.getByRole('list', { name: 'Course of the run' })
const row = (text: string | RegExp): Locator => course().getByRole('listitem').filter({ hasText: text })
const verdict = (name: string): Locator => run().locator('header').getByText(name, { exact: true })
const lines = (): Locator => page.locator('.scenario-editor .view-lines')

describe('the Scenarios screen', () => {
  it('shows a run live: its steps and faults come as they happen', async () => {
    await open('Scenarios')
    await file('slow-link').getByText('a link that is slow').waitFor(soon)
    await file('slow-link').click()
    await run().getByText('This scenario has not run yet.').waitFor(soon)
    await list().getByRole('button', { name: 'Run', exact: true }).click()
    await verdict('running').waitFor(soon)
    await row('latency 20 ms').waitFor(soon)
    // It goes on until it is stopped.
    await row('its packets are late').getByText('…').waitFor(soon)
    await list().getByRole('button', { name: 'Stop' }).click()
    await verdict('stopped').waitFor(soon)
    await row('its packets are late')
      .getByText('…')
      .waitFor({ ...soon, state: 'detached' })
  })

  it('shows of a run what was done, expected and measured', async () => {
    await file('back-again').click()
    await list().getByRole('button', { name: 'Run', exact: true }).click()
    await verdict('passed').waitFor(soon)
    await row('power of pump is cut').waitFor(soon)
    await row('toBePublished').getByRole('img', { name: 'passed' }).waitFor(soon)
    await run().getByText('Thresholds 1').click()
    await run().getByRole('cell', { name: 'delivery.lost' }).waitFor(soon)
    await run()
      .getByText(/^Course/)
      .click()
    await page.getByTestId('run-timeline').and(page.getByLabel('3 steps, 3 faults and orders, 4 exp')).waitFor(soon)
  })

  it('shows the traffic, and the handshakes, of the moment of a step', async () => {
    await row('its power returns').getByRole('button').first().click()
    const filter = page.getByRole('combobox', { name: 'Filter' })
    await filter.waitFor(soon)
    await expect.poll(() => filter.inputValue(), soon).toMatch(/^number>=\d+$/)
    // It begins with the step, however much comes after it.
    await page.getByText('CONNECT', { exact: true }).first().waitFor(soon)
    expect(await page.getByText('power loss', { exact: true }).count()).toBe(0)
    await open('Scenarios')
    await row('its packets are late').getByRole('button', { name: 'Ladder' }).click()
    await page.getByText('PUBACK').first().waitFor(soon)
    expect(page.url()).toContain('#handshakes')
    await open('Scenarios')
  })

  it('says what failed, and leads to the line', async () => {
    await file('in-vain').click()
    await list().getByRole('button', { name: 'Run', exact: true }).click()
    await verdict('failed').waitFor(soon)
    const failure = run().getByRole('list', { name: 'Failures' }).getByRole('listitem').first()
    await failure.getByText('payload "that"').waitFor(soon)
    await failure
      .locator('pre')
      .getByText(/PUBREC/)
      .waitFor(soon)
    await run().getByText('faultline run scenarios/own/in-vain.scenario.ts --seed 3').waitFor(soon)
    await failure.getByRole('button').click()
    await lines().getByText('somebody hopes in vain').waitFor(soon)
    // The cursor is on its line: without it, it would be on the first.
    const place = page.locator('.scenario-editor .line-numbers.active-line-number')
    await place.filter({ hasText: /^6$/ }).waitFor(soon)
    await page.locator('.scenario-editor .current-line').first().waitFor(soon)
    await page.keyboard.press('End')
    await page.keyboard.type(' // here')
    // The text is in sight again from its beginning.
    await page.keyboard.press('Control+Home')
    await page.keyboard.press('Control+s')
    await expect
      .poll(() => readFile(join(workbench.workspace, 'scenarios/own/in-vain.scenario.ts'), 'utf8'), soon)
      .toContain("{ within: '400ms' }) // here\n")
    // The place is of that file: the editor goes on to the next one.
    await file('back-again').click()
    await lines().getByText('a pump that loses power comes back').waitFor(soon)
    await file('in-vain').click()
    await lines().getByText('somebody hopes in vain').waitFor(soon)
    await verdict('failed').waitFor(soon)
    await screenshot(page, 'scenarios-dark')
    await page.emulateMedia({ colorScheme: 'light' })
    await screenshot(page, 'scenarios-light')
    await page.setViewportSize({ width: 1024, height: 768 })
    await screenshot(page, 'scenarios-narrow')
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.emulateMedia({ colorScheme: 'dark' })
  })

  it('keeps the runs, also when the page is loaded anew', async () => {
    await page.reload()
    const runs = page.getByRole('region', { name: 'Runs' })
    await runs.getByRole('option').filter({ hasText: 'in vain' }).waitFor(soon)
    await runs.getByRole('option').filter({ hasText: 'comes back' }).click()
    await verdict('passed').waitFor(soon)
    await row('its power is cut').waitFor(soon)
    await runs.getByRole('listbox').press('ArrowUp')
    await verdict('failed').waitFor(soon)
  })

  it('makes a scenario of what was done on the Bench, which passes', async () => {
    await open('Bench')
    await page.getByTestId('client-pump-01').click(soon)
    await page.getByRole('button', { name: 'Power loss' }).click(soon)
    await page.getByRole('button', { name: 'Power on' }).click(soon)
    await page.getByRole('button', { name: 'Power loss' }).and(page.locator(':enabled')).waitFor(soon)
    await open('Scenarios')
    await list().getByRole('button', { name: 'Record as scenario' }).click()
    const dialog = page.getByRole('dialog', { name: 'Record as scenario' })
    await dialog.getByLabel('What it shows').fill('a pump is switched off and on')
    const preview = dialog.getByTestId('scenario-preview')
    await preview.getByText("scenario('a pump is switched off and on'").waitFor(soon)
    const text = await preview.innerText()
    expect(text).toContain('pump01.powerLoss()')
    expect(text).toContain('pump01.powerOn()')
    expect(text).toContain('toBePublished(')
    await screenshot(page, 'scenarios-record')
    await dialog.getByRole('button', { name: 'Create' }).click()
    await dialog.waitFor({ ...soon, state: 'detached' })
    await page.getByTestId('scenario-scenarios/a-pump-is-switched-off-and-on.scenario.ts').waitFor(soon)
    await list().getByRole('button', { name: 'Run', exact: true }).click()
    await verdict('passed').waitFor(soon)
  })

  it('stays small with two hundred steps and a thousand expectations, and goes through them by keyboard', async () => {
    await writeFile(join(workbench.workspace, 'scenarios/own/wide.scenario.ts'), wide)
    await file('wide').click(soon)
    await list().getByRole('button', { name: 'Run', exact: true }).click()
    await verdict('passed').waitFor(soon)
    await run().getByText('Course 1,200').waitFor(soon)
    expect(await course().getByRole('listitem').count()).toBeLessThan(60)
    await course().getByRole('button').first().focus()
    // All within one frame, as on a machine that is busy.
    await page.evaluate(() => {
      for (let i = 0; i < 60; i++) {
        document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }))
      }
    })
    expect(await page.evaluate(() => document.activeElement?.textContent ?? '')).toContain('step 11')
    expect(await page.evaluate(() => document.activeElement?.closest('li')?.getAttribute('data-index'))).toBe('60')
  })

  it('explains itself where there is no scenario, and makes the first one', async () => {
    await rm(join(workbench.workspace, 'scenarios'), { recursive: true })
    await page.getByText('No scenario in this workspace yet').waitFor(soon)
    await screenshot(page, 'scenarios-empty')
    await page.getByRole('button', { name: 'New scenario' }).click()
    const dialog = page.getByRole('dialog', { name: 'New scenario' })
    await dialog.getByLabel('Its device').selectOption('pump')
    await dialog.getByRole('button', { name: 'Create' }).click()
    await dialog.waitFor({ ...soon, state: 'detached' })
    await page.getByTestId('scenario-scenarios/the-power-fails.scenario.ts').waitFor(soon)
    await list().getByRole('button', { name: 'Run', exact: true }).click()
    await verdict('passed').waitFor(soon)
  })
})
