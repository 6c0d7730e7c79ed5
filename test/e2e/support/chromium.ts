import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'

/** Where Debian, Ubuntu and macOS put it; CHROMIUM_PATH comes first. The test command has made sure that one is there. */
const places = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A real Chromium with one page, and everything that the page complained of. */
export class TestBrowser {
  readonly page: Page
  /** Errors of the console, uncaught exceptions, violations of the Content-Security-Policy. */
  readonly complaints: string[] = []
  readonly #context: BrowserContext
  readonly #profile: string

  static async start(): Promise<TestBrowser> {
    const executablePath = places.find((place) => place !== undefined && existsSync(place))
    if (executablePath === undefined) throw new Error('no Chromium or Chrome found; npm test says what to install')
    const profile = await mkdtemp(join(tmpdir(), 'faultline-chromium-'))
    const context = await chromium.launchPersistentContext(profile, {
      executablePath,
      args: quiet,
      viewport: { width: 1440, height: 900 },
      colorScheme: 'dark',
      // Transitions would make screenshots depend on the moment.
      reducedMotion: 'reduce',
    })
    return new TestBrowser(context, context.pages()[0] ?? (await context.newPage()), profile)
  }

  private constructor(context: BrowserContext, page: Page, profile: string) {
    this.#context = context
    this.#profile = profile
    this.page = page
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text())
    })
    page.on('pageerror', (error) => this.complaints.push(error.stack ?? error.message))
  }

  async close(): Promise<void> {
    await this.#context.close()
    await rm(this.#profile, { recursive: true, force: true })
  }
}
