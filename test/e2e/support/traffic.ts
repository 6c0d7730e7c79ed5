import type { Locator } from 'playwright-core'
import { expect, vi } from 'vitest'
import { page, soon } from './stage.ts'

export const grid = (): Locator => page.getByRole('grid', { name: 'Captured records' })
/** The names of the columns are one of them. */
export const rows = (): Locator => grid().getByRole('row')
const status = (): Locator => page.getByRole('status', { name: 'Traffic' })

/** Brings the cursor into the filter with `/`, types, and waits until the list shows all that the filter finds. */
export async function filterTraffic(text: string): Promise<void> {
  const box = page.getByRole('combobox', { name: 'Filter' })
  await box.waitFor()
  const focused = box.and(page.locator(':focus'))
  // The screen hears the key a moment after it is drawn.
  await vi.waitFor(async () => {
    if ((await focused.count()) === 0) await page.keyboard.press('/')
    expect(await focused.count()).toBe(1)
  }, soon)
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type(text)
  await page.keyboard.press('Escape')
  await status().filter({ hasText: ' of ' }).filter({ hasNotText: 'searching' }).waitFor()
}

/** The list shows every record again. */
export async function clearFilter(): Promise<void> {
  await page.getByRole('combobox', { name: 'Filter' }).fill('')
  await status().filter({ hasNotText: ' of ' }).waitFor()
}
