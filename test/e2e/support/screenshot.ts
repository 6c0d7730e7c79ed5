import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'

/**
 * Saves what the page shows. UPDATE_SCREENSHOTS=1 replaces the pictures of the README; otherwise they go to a folder
 * that git ignores, so that a test run leaves a checkout as it was.
 */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['UPDATE_SCREENSHOTS'] === '1' ? '../screenshots/' : '../output/'
  const url = new URL(folder, import.meta.url)
  await mkdir(url, { recursive: true })
  await page.screenshot({ path: fileURLToPath(new URL(`${name}.png`, url)) })
}
