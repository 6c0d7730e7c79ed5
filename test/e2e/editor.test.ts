import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Locator } from 'playwright-core'
import { describe, expect, it, vi } from 'vitest'
import { checkWorkspace } from '../../main/workbench/check.ts'
import { screenshot } from './support/screenshot.ts'
import { dashboard, page, setStage, soon, workbench } from './support/stage.ts'

const types = new URL('../../app/script-api/', import.meta.url)
const thermometer = fileURLToPath(new URL('../../simulations/templates/thermometer.device.ts', import.meta.url))
const shippedPump = fileURLToPath(new URL('../../simulations/devices/pump.device.ts', import.meta.url))

setStage({ dashboard: { filter: '#' } })

const inWorkspace = (path: string) => join(workbench.workspace, path)
const device = (id: string): Locator => page.getByTestId(`client-${id}`)
const editor = (): Locator => page.getByTestId('editor').locator('.monaco-editor').first()
const dialog = (): Locator => page.getByRole('dialog', { name: 'New device' })
const head = (): Locator => page.getByRole('region', { name: 'Script' }).locator('header')
const tab = (name: string): Locator => page.getByRole('tab', { name, exact: true })

async function shows(locator: Locator): Promise<void> {
  await locator.first().waitFor({ timeout: soon.timeout })
}

async function isOpen(file: string): Promise<void> {
  await vi.waitFor(async () => expect(await tab(file).getAttribute('aria-selected')).toBe('true'), soon)
}

/** The number of the line in which the cursor is. */
async function cursorIn(line: number): Promise<void> {
  const active = editor().locator('.line-numbers.active-line-number')
  await vi.waitFor(async () => expect(await active.textContent()).toBe(String(line)), soon)
}

/** Replaces what is in the editor, in one piece: Monaco would indent and close brackets by itself in what is typed. */
async function paste(text: string): Promise<void> {
  await editor().click()
  await page.keyboard.press('Control+A')
  await page.evaluate((pasted) => {
    const data = new DataTransfer()
    data.setData('text/plain', pasted)
    document.activeElement?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))
  }, text)
}

async function save(path: string, text: string): Promise<void> {
  await paste(text)
  await page.keyboard.press('Control+S')
  await vi.waitFor(async () => expect(await readFile(inWorkspace(path), 'utf8')).toBe(text), soon)
}

async function received(line: string | RegExp, since = 0): Promise<void> {
  const matches = (other: string) => (typeof line === 'string' ? other === line : line.test(other))
  await vi.waitFor(() => expect(dashboard.lines.slice(since).some(matches)).toBe(true), soon)
}

/** The line of a text in which something stands, from 1. */
const lineOf = (text: string, what: string) => text.split('\n').findIndex((line) => line.includes(what)) + 1

describe('a new device', () => {
  it('begins with one of six templates', async () => {
    await shows(editor())
    await page.getByRole('button', { name: 'New device' }).click()
    await vi.waitFor(async () => expect(await dialog().getByRole('radio').count()).toBe(6), soon)
    expect(await dialog().getByRole('textbox', { name: 'Name' }).inputValue()).toBe('thermometer')
    await dialog().getByText('Pump with commands').click()
    // There is a pump already.
    expect(await dialog().getByRole('textbox', { name: 'Name' }).inputValue()).toBe('pump-2')
    await screenshot(page, 'new-device-dark')
    await page.emulateMedia({ colorScheme: 'light' })
    await screenshot(page, 'new-device-light')
    await page.emulateMedia({ colorScheme: 'dark' })
  })

  it('does not take the place of another', async () => {
    await dialog().getByRole('textbox', { name: 'Name' }).fill('meter')
    await shows(
      dialog()
        .getByRole('alert')
        .getByText(/already/),
    )
    expect(await dialog().getByRole('button', { name: 'Create' }).isDisabled()).toBe(true)
  })

  it('says what a name can be, while it is typed', async () => {
    await dialog().getByRole('textbox', { name: 'Name' }).fill('my device')
    await shows(dialog().getByRole('alert').getByText("'my device' is no name for a device"))
    await shows(dialog().getByText('letters, digits, "_", "-" and "." will do'))
    await dialog().getByRole('textbox', { name: 'Name' }).fill('my-device')
    await dialog().getByRole('alert').waitFor({ state: 'detached' })
    await shows(dialog().getByText('makes devices/my-device.device.ts'))
    expect(await dialog().getByRole('button', { name: 'Create' }).isEnabled()).toBe(true)
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'detached' })
    // Whoever has no mouse goes on from where the dialog was opened.
    await page.getByRole('button', { name: 'New device' }).and(page.locator(':focus')).waitFor(soon)
  })

  it('runs at once, with its script open in the editor and an entry where the others are listed', async () => {
    await page.getByRole('button', { name: 'New device' }).click()
    await dialog().getByText('Thermometer', { exact: true }).click()
    await dialog().getByRole('textbox', { name: 'Name' }).fill('hall')
    await page.keyboard.press('Enter')
    await dialog().waitFor({ state: 'detached' })
    await isOpen('hall.device.ts')
    await received('room/hall/status online')
    await vi.waitFor(async () => expect(await device('hall').getAttribute('aria-selected')).toBe('true'), soon)
    const settings = await readFile(inWorkspace('faultline.json'), 'utf8')
    expect(settings).toContain(',\n    "hall": { "script": "hall" }\n  }\n}\n')
  })
})

describe('types in the editor', () => {
  it('are explained where the pointer is', async () => {
    const word = editor()
      .locator('.view-line span', { hasText: /^quantize$/ })
      .first()
    // Monaco draws lines anew while it colours them, and what was pointed at is gone.
    await vi.waitFor(
      async () => {
        const box = await word.boundingBox({ timeout: 2000 })
        await page.mouse.move(0, 0)
        await page.mouse.move((box?.x ?? 0) + 8, (box?.y ?? 0) + 8)
        await page
          .locator('.monaco-hover')
          .getByText(/nearest multiple/)
          .first()
          .waitFor({ timeout: 5000 })
      },
      { timeout: 120_000, interval: 50 },
    )
    await page.mouse.move(0, 0)
  })

  it('are counted in the head when they are wrong, from one to the next, as faultline check finds them', async () => {
    const shipped = await readFile(thermometer, 'utf8')
    const wrong = `${shipped}\nexport const one: number = 'a'\n\nenum Mode { off }\nexport const two: Mode = 'b'\n`
    await save('devices/hall.device.ts', wrong)
    await shows(head().getByRole('button', { name: '3 type errors' }))
    // It does not run either, and the editor goes to where it fails, once: not in the middle of what follows.
    await cursorIn(lineOf(wrong, 'enum Mode'))
    await page.keyboard.press('Control+Home')
    for (const line of ['one: number', 'enum Mode', 'two: Mode', 'one: number']) {
      await head().getByRole('button', { name: 'Next type error' }).click()
      await cursorIn(lineOf(wrong, line))
    }
    await shows(page.locator('.monaco-hover').getByText(/not assignable/))
    await screenshot(page, 'editor-types-dark')
    await page.keyboard.press('Escape')
    await head().getByRole('button', { name: 'Previous type error' }).click()
    await cursorIn(lineOf(wrong, 'two: Mode'))
    const { mistakes } = await checkWorkspace(workbench.workspace, types)
    expect(mistakes.map(({ file, line, column }) => [file, line, column])).toEqual([
      ['devices/hall.device.ts', lineOf(wrong, 'one: number'), 14],
      ['devices/hall.device.ts', lineOf(wrong, 'enum Mode'), 6],
      ['devices/hall.device.ts', lineOf(wrong, 'two: Mode'), 14],
    ])
    const misspelt = [
      "import { device } from 'faultline'",
      "import { v } from '../../outside'",
      'export default device(() => {',
      '  setTimeout(v, 5)',
      '  return {',
      '    conected() {},',
      '  }',
      '})',
      '',
    ].join('\n')
    // As many as before: until none is left, those that are counted are the old ones.
    await save('devices/hall.device.ts', shipped)
    await head()
      .getByRole('button', { name: /type errors?$/ })
      .first()
      .waitFor({ ...soon, state: 'detached' })
    await save('devices/hall.device.ts', misspelt)
    await shows(head().getByRole('button', { name: '3 type errors' }))
    await cursorIn(lineOf(misspelt, '../../outside'))
    await page.keyboard.press('Control+Home')
    for (const [line, said] of [
      ['../../outside', "cannot import '../../outside': it is outside of the workspace"],
      ['setTimeout', "A script has no 'setTimeout'"],
      ['conected', "a device has no 'conected'; did you mean 'connected'?"],
    ] as const) {
      await head().getByRole('button', { name: 'Next type error' }).click()
      await cursorIn(lineOf(misspelt, line))
      await shows(page.locator('.monaco-hover').getByText(said))
    }
    await page.keyboard.press('Escape')
    const again = await checkWorkspace(workbench.workspace, types)
    expect(again.mistakes.map(({ message }) => message)).toEqual([
      "cannot import '../../outside': it is outside of the workspace",
      expect.stringMatching(/^A script has no 'setTimeout'/),
      "a device has no 'conected'; did you mean 'connected'?",
    ])
    const before = dashboard.lines.length
    await save('devices/hall.device.ts', shipped)
    await head()
      .getByRole('button', { name: /type error/ })
      .first()
      .waitFor({ state: 'detached' })
    await received(/^room\/hall\/temperature /, before)
  })

  it('do not stop a script', async () => {
    const shipped = await readFile(thermometer, 'utf8')
    const before = dashboard.lines.length
    await save('devices/hall.device.ts', shipped.replace("/status`, 'online'", "/status`, 'typed' as number"))
    await received('room/hall/status typed', before)
    await shows(head().getByRole('button', { name: '1 type error' }))
    await save('devices/hall.device.ts', shipped)
  })
})

describe('a module of the workspace', () => {
  const curves = 'devices/lib/curves.ts'

  it('can be imported without a red line, and has its types', async () => {
    await mkdir(inWorkspace('devices/lib'), { recursive: true })
    await writeFile(inWorkspace(curves), 'export function calibrate(raw: number): number {\n  return raw * 2\n}\n')
    await shows(tab('curves.ts'))
    const shipped = await readFile(thermometer, 'utf8')
    const text = shipped
      .replace("from 'faultline'\n", "from 'faultline'\nimport { calibrate } from './lib/curves'\n")
      .replace('celsius: celsius.next()', 'celsius: calibrate(1000)')
    const before = dashboard.lines.length
    await save('devices/hall.device.ts', text)
    await received('room/hall/temperature {"celsius":2000}', before)
    await save('devices/hall.device.ts', text.replace('calibrate(1000)', "calibrate('x')"))
    // Only this one: the module itself is known.
    await shows(head().getByRole('button', { name: '1 type error' }))
    await save('devices/hall.device.ts', text)
    await head()
      .getByRole('button', { name: /type error/ })
      .first()
      .waitFor({ state: 'detached' })
  })

  it('opens at the line that throws, from the error of the device', async () => {
    await writeFile(
      inWorkspace(curves),
      "export function calibrate(raw: number): number {\n\n\n  throw new Error('no curve')\n}\n",
    )
    await shows(device('hall').getByText('ERROR'))
    await isOpen('hall.device.ts')
    await page.getByRole('button', { name: /curves\.ts:4\b/ }).click()
    await isOpen('curves.ts')
    await cursorIn(4)
    await shows(page.locator('.monaco-editor .squiggly-error'))
    await writeFile(inWorkspace(curves), 'export function calibrate(raw: number): number {\n  return raw * 3\n}\n')
    await received('room/hall/temperature {"celsius":3000}')
  })
})

describe('a script that fails', () => {
  it('is shown at the failing line when it was just saved, and every action can be reached', async () => {
    await device('pump-01').click()
    await isOpen('pump.device.ts')
    const shipped = await readFile(shippedPump, 'utf8')
    const text = shipped.replace(/log\(`pump .* starts`\)/, "throw new Error('no oil')")
    await save('devices/pump.device.ts', text)
    await cursorIn(lineOf(text, 'no oil'))
    const inspector = page.getByRole('complementary', { name: 'Inspector' })
    await shows(inspector.getByText('no oil'))
    const dock = await page.getByRole('region', { name: 'Dock' }).boundingBox()
    for (const name of ['Power loss', 'Power on', 'Disconnect', 'Connect']) {
      const button = await inspector.getByRole('button', { name, exact: true }).boundingBox()
      expect((button?.y ?? 0) + (button?.height ?? 0), name).toBeLessThanOrEqual(dock?.y ?? 0)
    }
    await screenshot(page, 'script-error-dark')
    await page.emulateMedia({ colorScheme: 'light' })
    await screenshot(page, 'script-error-light')
    await page.emulateMedia({ colorScheme: 'dark' })
    const before = dashboard.lines.length
    await save('devices/pump.device.ts', shipped)
    await received('plant/pump-01/status online', before)
  })
})

describe('whoever has no mouse', () => {
  const tabKey = (says: string) => page.getByRole('status', { name: 'Tab key' }).getByText(says, { exact: true })
  const indents = 'Tab indents · Esc, then Tab leaves the editor · Ctrl+M: always'
  const leaves = 'Tab leaves the editor'
  const alwaysLeaves = 'Tab leaves the editor · Ctrl+M: it indents'
  const written = (): Locator => editor().locator(':focus')

  it('leaves the editor with Escape and Tab, and is told so', async () => {
    await device('meter-01').click()
    await isOpen('meter.device.ts')
    await editor().click()
    await shows(tabKey(indents))
    // The first one may close what hovers where the mouse is.
    const wayOut = () =>
      vi.waitFor(async () => {
        await page.keyboard.press('Escape')
        expect(await tabKey(leaves).count()).toBe(1)
      }, soon)
    await wayOut()
    await page.keyboard.press('ArrowRight')
    await shows(tabKey(indents))
    await wayOut()
    await page.keyboard.press('Tab')
    await written().waitFor({ ...soon, state: 'detached' })
    await page.keyboard.press('Shift+Tab')
    await shows(tabKey(indents))
    await page.keyboard.press('Tab')
    await shows(head().getByText('not saved'))
    expect(await written().count()).toBe(1)
    await page.keyboard.press('Control+Z')
    await head()
      .getByText('not saved')
      .waitFor({ ...soon, state: 'detached' })
  })

  it('lets every Tab leave the editor, by the key and by the palette, and is told so', async () => {
    await device('meter-01').click()
    await isOpen('meter.device.ts')
    await editor().click()
    await shows(tabKey(indents))
    await page.keyboard.press('Control+M')
    await shows(tabKey(alwaysLeaves))
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Tab')
    await written().waitFor({ ...soon, state: 'detached' })
    await page.keyboard.press('Shift+Tab')
    await shows(tabKey(alwaysLeaves))
    await page.keyboard.press('F1')
    const palette = page.locator('.quick-input-widget')
    await palette.getByRole('textbox').fill('>Tab Leaves')
    await palette.getByRole('option', { name: /^Tab Leaves the Editor/ }).click()
    await shows(tabKey(indents))
  })

  it('finds the scripts whose tabs have no room', async () => {
    await page.setViewportSize({ width: 1024, height: 700 })
    const more = head().getByRole('button', { name: /^\d+ more$/ })
    await more.focus()
    await page.keyboard.press('Enter')
    await page
      .getByRole('dialog', { name: 'All scripts' })
      .getByRole('button', { name: 'devices/valve.device.ts' })
      .press('Enter')
    await isOpen('valve.device.ts')
    await more.and(page.locator(':focus')).waitFor(soon)
    const strip = page.getByRole('tablist', { name: 'Scripts' })
    await vi.waitFor(async () => {
      const [shown, all] = [await tab('valve.device.ts').boundingBox(), await strip.boundingBox()]
      if (shown === null || all === null) throw new Error('there is no tab')
      expect(shown.x).toBeGreaterThanOrEqual(all.x - 1)
      expect(shown.x + shown.width).toBeLessThanOrEqual(all.x + all.width + 1)
    }, soon)
    await page.setViewportSize({ width: 1440, height: 900 })
  })

  it('is told of more scripts only where their tabs have no room, whatever was there before', async () => {
    const strip = page.getByRole('tablist', { name: 'Scripts' })
    const look = () =>
      strip.evaluate((element) => {
        const tabs = element.querySelectorAll('[role=tab]')
        const button = [...document.querySelectorAll('.script-head button')].find((each) =>
          / more$/.test(each.textContent ?? ''),
        )
        const right = (button ?? element).getBoundingClientRect().right
        const needed =
          (tabs[tabs.length - 1]?.getBoundingClientRect().right ?? 0) - (tabs[0]?.getBoundingClientRect().left ?? 0)
        const spare = right - element.getBoundingClientRect().left - needed
        return { isTold: button !== undefined, spare, width: window.innerWidth }
      })
    /** Whatever stands beside them meanwhile, which may take some of the room. */
    const isRightAt = async (width: number) => {
      await page.setViewportSize({ width, height: 900 })
      return await vi.waitFor(async () => {
        const seen = await look()
        expect(seen).toEqual({ isTold: seen.spare < -1, spare: seen.spare, width })
        return seen
      }, soon)
    }
    const { isTold, spare } = await isRightAt(1900)
    expect(isTold).toBe(false)
    expect((await isRightAt(1024)).isTold).toBe(true)
    // All fit here, with less room to spare than the button takes.
    await isRightAt(1900 - Math.floor(spare) + 10)
    await page.setViewportSize({ width: 1440, height: 900 })
  })
})
