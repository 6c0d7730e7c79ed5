import { readFile } from 'node:fs/promises'
import type { Locator } from 'playwright-core'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { Mosquitto } from '../helpers/mosquitto.ts'
import { RawClient } from '../helpers/raw-client.ts'
import { screenshot } from './support/screenshot.ts'
import { page, setStage, soon, workbench } from './support/stage.ts'

setStage({ devices: { entries: {}, scripts: {} }, words: ['--host', '0.0.0.0', '--ws', '0'] })

beforeAll(async () => {
  await pill().waitFor()
  await pill().click()
  await panel().getByRole('form').waitFor()
})

const pill = (): Locator => page.getByTestId('broker').getByRole('button').first()
const panel = (): Locator => page.getByRole('dialog', { name: 'Broker' })
const refusals = (): Locator => panel().getByRole('list', { name: 'Refusals' }).getByRole('listitem')
const choose = (label: string, choice: string) => panel().getByLabel(label, { exact: true }).selectOption(choice)
const type = (label: string, text: string) => panel().getByLabel(label, { exact: true }).fill(text)
const press = (name: string) => panel().getByRole('button', { name, exact: true }).click()

/** Settles when the form is empty for the next one: with the answer, before which what was filled in still stands there. */
async function refuse(): Promise<void> {
  await press('Refuse')
  await vi.waitFor(async () => expect(await panel().getByLabel('clients', { exact: true }).inputValue()).toBe(''), soon)
}

/** What mosquitto_pub ends with as this client: 0, or the Reason Code that it was refused with. */
async function publish(id: string, ...more: string[]): Promise<number | null> {
  const words = ['-V', 'mqttv5', '-i', id, '-t', 'plant/a', '-m', 'x', ...more]
  return new Mosquitto('mosquitto_pub', workbench.mqttPort, ...words).exited()
}

describe('the broker in the top bar', () => {
  it('names every listener, to be copied, and says loudly that others reach it', async () => {
    await pill().getByText('open to others').waitFor(soon)
    const urls = panel().getByRole('list').first().getByRole('listitem')
    await urls.filter({ hasText: `mqtt://127.0.0.1:${workbench.mqttPort}` }).waitFor(soon)
    await urls.filter({ hasText: 'ATTENTION: ws on port' }).filter({ hasText: 'ws://127.0.0.1:' }).waitFor(soon)
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await urls.first().getByRole('button').click()
    await urls.first().getByText('Copied').waitFor(soon)
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`mqtt://127.0.0.1:${workbench.mqttPort}`)
    expect(await panel().getByTestId('broker-store').textContent()).toBe('in memory, until the broker stops')
  })

  it('counts connections, and changes how many there may be', async () => {
    const client = await RawClient.connect(workbench.mqttPort, 'the one')
    onTestFinished(() => client.reset())
    await panel().getByTestId('broker-connections').getByText('1', { exact: true }).waitFor(soon)
    await type('The most connections', 'many')
    expect(await panel().getByRole('button', { name: 'Set' }).isEnabled()).toBe(false)
    await type('The most connections', '1')
    await press('Set')
    await vi.waitFor(async () => expect(await publish('one too many')).toBe(0x89), soon)
    await type('The most connections', '1,000')
    await press('Set')
    await vi.waitFor(async () => expect(await publish('one more')).toBe(0), soon)
  })

  it('refuses whom it is told, as often as it is told, and counts', async () => {
    await choose('reason code', '0x8a Banned')
    await type('clients', 'pump-*')
    await type('how many times', '2')
    await refuse()
    const banned = refusals().filter({ hasText: 'CONNECT: 0x8a Banned' })
    await banned.getByText('pump-* · 0 of 2 refused').waitFor(soon)
    await pill().getByText('1 refusal', { exact: true }).waitFor(soon)
    expect([await publish('pump-1'), await publish('valve-1')]).toEqual([0x8a, 0])
    await banned.getByText('pump-* · 1 of 2 refused').waitFor(soon)
    expect([await publish('pump-2'), await publish('pump-3')]).toEqual([0x8a, 0])
    await panel().getByText('None: whoever may connect gets in.').waitFor(soon)
  })

  it('holds several refusals, of other packets as well, until they are removed', async () => {
    await choose('reason code', '0x97 Quota exceeded')
    await type('clients', 'meter')
    await refuse()
    await refusals().filter({ hasText: 'CONNECT: 0x97' }).waitFor(soon)
    await choose('packet', 'PUBLISH')
    await choose('reason code', '0x90 Topic Name invalid')
    await type('topic filter', 'plant/#/a')
    expect(await panel().getByRole('button', { name: 'Refuse', exact: true }).isEnabled()).toBe(false)
    await type('topic filter', 'plant/#')
    await refuse()
    await refusals().filter({ hasText: 'PUBLISH: 0x90' }).filter({ hasText: 'every client · plant/#' }).waitFor(soon)
    await pill().getByText('2 refusals').waitFor(soon)
    for (const theme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme: theme })
      await screenshot(page, `broker-${theme}`)
    }
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await publish('meter')).toBe(0x97)
    await publish('valve', '-q', '1')
    await refusals().filter({ hasText: 'plant/# · 1 refused' }).waitFor(soon)
    for (const left of [1, 0]) {
      await refusals().first().getByRole('button', { name: 'Remove' }).click()
      await vi.waitFor(async () => expect(await refusals().count()).toBe(left), soon)
    }
    expect(await publish('meter')).toBe(0)
  })

  it('closes with Escape', async () => {
    await page.keyboard.press('Escape')
    await vi.waitFor(async () => expect(await panel().count()).toBe(0), soon)
    expect(JSON.parse(await readFile(`${workbench.workspace}/faultline.json`, 'utf8')).broker).toBeUndefined()
  })
})
