import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { patience } from '../../helpers/until.ts'
import { TestBrowser } from './chromium.ts'
import { MosquittoSubscriber, type SubscriberOptions } from './mosquitto.ts'
import { type OwnDevices, WorkbenchProcess } from './workbench-process.ts'

// Each file of tests has modules of its own, and so a stage of its own.
export let workbench: WorkbenchProcess
export let page: Page
/** Errors that the page has told. Whoever expects one takes it out: a test that leaves any has failed. */
export let complaints: string[]
/** Where one was asked for. */
export let dashboard: MosquittoSubscriber

/** How long anything may take to show up on a busy machine, in milliseconds. */
export const soon = { timeout: patience, interval: 50 }

export interface StageOptions {
  /** Instead of the shipped devices. */
  readonly devices?: OwnDevices
  /** More words of the command line. */
  readonly words?: readonly string[]
  /** A client called `dashboard` that nobody here wrote: what it subscribes to. */
  readonly dashboard?: SubscriberOptions & { readonly filter: string }
}

/** The tests of this file share one workbench and one page that shows it. */
export function setStage(options: StageOptions = {}): void {
  let browser: TestBrowser | undefined

  beforeAll(async () => {
    workbench = await WorkbenchProcess.start(options.devices, 0, options.words)
    if (options.dashboard !== undefined) {
      dashboard = new MosquittoSubscriber(workbench.mqttPort, options.dashboard.filter, 'dashboard', options.dashboard)
    }
    browser = await TestBrowser.start()
    ;({ page, complaints } = browser)
    page.setDefaultTimeout(soon.timeout)
    await page.goto(workbench.pageUrl)
    await screens().waitFor()
  })

  afterAll(async () => {
    try {
      await dashboard?.kill()
      await browser?.close()
    } finally {
      expect(await workbench?.stop()).toBe(0)
    }
  })

  afterEach(() => {
    expect(complaints.splice(0)).toEqual([])
  })
}

/** Ends the workbench, and starts another one at the address that the page knows. */
export async function restartWorkbench(): Promise<void> {
  const { port } = new URL(workbench.pageUrl)
  expect(await workbench.stop()).toBe(0)
  workbench = await WorkbenchProcess.start(undefined, Number(port))
}

const screens = () => page.getByRole('navigation', { name: 'Screens' })

/** Shows a screen; settles when it is there: until then keys and clicks still go to the one before. */
export async function open(screen: string): Promise<void> {
  const entry = screens().getByRole('button', { name: screen })
  await entry.click()
  await entry.and(page.locator('[aria-current=page]')).waitFor()
}
