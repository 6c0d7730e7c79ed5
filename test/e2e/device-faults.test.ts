import type { Locator } from 'playwright-core'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { screenshot } from './support/screenshot.ts'
import { page, setStage, soon } from './support/stage.ts'

setStage()

beforeAll(async () => {
  await page.getByTestId('client-pump-01').click()
  await state('connected').waitFor()
})

const inspector = (): Locator => page.getByRole('complementary', { name: 'Inspector' })
const state = (word: string): Locator => page.getByTestId('client-state').filter({ hasText: word })
const path = (): Locator => inspector().getByRole('list', { name: 'How it came there, newest first' })
const button = (name: string): Locator => inspector().getByRole('button', { name, exact: true })

async function openFaults(): Promise<Locator> {
  const menu = page.getByRole('dialog', { name: 'Faults of pump-01' })
  // It closes when the answer comes, which can be after what was asked for is seen; the button would close it.
  await menu.waitFor({ state: 'detached' })
  await button('Faults…').click()
  await menu.waitFor()
  return menu
}

/** Until the page has been laid out anew, after its window has another size. */
async function inSight(locator: Locator): Promise<void> {
  await vi.waitFor(async () => {
    const box = await locator.boundingBox()
    const size = page.viewportSize()
    if (box === null || size === null) throw new Error('it is not drawn')
    expect(box.x).toBeGreaterThanOrEqual(0)
    expect(box.y).toBeGreaterThanOrEqual(0)
    expect(box.x + box.width).toBeLessThanOrEqual(size.width)
    expect(box.y + box.height).toBeLessThanOrEqual(size.height)
  }, soon)
}

describe('the inspector', () => {
  it('shows how a device came to its state', async () => {
    await path().getByText('online').waitFor()
    await path().getByText('booting · powered on').waitFor()
    await inspector()
      .getByRole('listitem')
      .filter({ hasText: /^online$/ })
      .and(page.locator('[aria-current=step]'))
      .waitFor()
  })

  it('makes a device hang, shows it as long as it lasts, and heals it', async () => {
    const menu = await openFaults()
    await screenshot(page, 'device-faults-dark')
    await menu.getByRole('button', { name: 'Hang' }).click()
    await inspector().getByText('hangs', { exact: true }).waitFor()
    await menu.waitFor({ state: 'detached' })
    await screenshot(page, 'device-hangs-dark')
    expect(await button('Disconnect').isDisabled()).toBe(true)
    expect(await button('Disconnect').getAttribute('title')).toBe('It hangs: heal it first, or cut its power.')
    expect(await button('Power loss').isEnabled()).toBe(true)
    await button('Heal').click()
    await inspector().getByText('hangs', { exact: true }).waitFor({ state: 'detached' })
  })

  it('crashes a device without blaming its script, and powers it on again', async () => {
    const menu = await openFaults()
    await menu.getByRole('button', { name: 'Crash' }).click()
    await state('script error').waitFor()
    await path().getByText('script error · crash was asked for').waitFor()
    await button('Power on').click()
    await state('connected').waitFor()
  })

  it('sets a clock wrong, and says what is wrong with a time', async () => {
    const menu = await openFaults()
    const field = menu.getByRole('textbox', { name: 'clock ahead by' })
    await field.fill('soon')
    await menu.getByRole('button', { name: 'Clock ahead' }).click()
    await menu.getByRole('alert').filter({ hasText: 'write a time such as' }).waitFor()
    await field.fill('-90s')
    await field.press('Enter')
    await inspector().getByText('clock 1 min 30 s behind').waitFor()
  })

  it('reboots a device that stays off for a while', async () => {
    await inspector()
      .getByRole('button', { name: /^\d+ earlier$/ })
      .click()
    const menu = await openFaults()
    await menu.getByRole('textbox', { name: 'off for' }).fill('300ms')
    await menu.getByRole('button', { name: 'Reboot' }).click()
    await path().getByText('power lost · rebooting: off for 300 ms').waitFor()
    await path().getByText('booting · rebooted').waitFor()
    await state('connected').waitFor()
    await button('fewer').click()
    // The time was the power's to keep.
    expect(await inspector().getByText('clock 1 min 30 s behind').count()).toBe(0)
  })

  it('says of what cannot work why it cannot', async () => {
    await button('Power loss').click()
    await state('power lost').waitFor()
    const menu = await openFaults()
    for (const name of ['Crash', 'Hang', 'Take over', 'Wrong password', 'Clock ahead', 'Certificate']) {
      expect(await menu.getByRole('button', { name }).isDisabled(), name).toBe(true)
    }
    expect(await menu.getByText('It has no power: power it on first.').count()).toBe(4)
    await menu.getByText('Only a device that is online can be taken over').waitFor()
    expect(await menu.getByRole('button', { name: 'Reboot' }).isEnabled()).toBe(true)
    await screenshot(page, 'device-faults-off-dark')
    await page.keyboard.press('Escape')
    await button('Power on').click()
    await state('connected').waitFor()
  })

  it('shows session, will and link of a device at once', async () => {
    await inspector().getByRole('region', { name: 'Will · armed' }).waitFor()
    await vi.waitFor(async () => {
      const actions = await button('Power loss').boundingBox()
      for (const name of ['Session', 'Will · armed', 'Link']) {
        const box = await inspector().getByRole('region', { name }).boundingBox()
        if (box === null) throw new Error(`${name} is not drawn`)
        expect(box.y + box.height, name).toBeLessThanOrEqual(actions?.y ?? 0)
      }
    }, soon)
    await inspector().getByText('kept (clean session off)').waitFor()
    await inspector()
      .getByText(/^10 s · last packet \d+ s ago$/)
      .waitFor()
  })

  it('keeps every action in sight on a small screen, in light as in dark', async () => {
    await page.setViewportSize({ width: 1280, height: 720 })
    for (const name of ['Power loss', 'Power on', 'Disconnect', 'Connect', 'Reboot', 'Faults…'])
      await inSight(button(name))
    const menu = await openFaults()
    await menu.getByText("It connects to the workbench's own broker without TLS").waitFor()
    expect(await menu.getByRole('button', { name: 'Certificate' }).isDisabled()).toBe(true)
    expect(await menu.getByRole('combobox', { name: 'certificate' }).count()).toBe(0)
    await inSight(menu)
    await screenshot(page, 'device-faults-small-dark')
    await page.emulateMedia({ colorScheme: 'light' })
    await screenshot(page, 'device-faults-small-light')
    await page.keyboard.press('Escape')
    await page.setViewportSize({ width: 1440, height: 900 })
    await screenshot(page, 'device-faults-light')
  })
})
