import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Locator } from 'playwright-core'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { RawClient } from '../helpers/raw-client.ts'
import { Child } from './support/children.ts'
import { MosquittoSubscriber, mosquittoPublish } from './support/mosquitto.ts'
import { screenshot } from './support/screenshot.ts'
import { open, page, setStage, soon, workbench } from './support/stage.ts'

const run = promisify(execFile)
setStage()

const card = (name: string | RegExp): Locator => page.getByRole('region', { name })
const state = (): Locator => page.getByTestId('session-state')
const publish = (topic: string, payload: string, ...args: string[]) =>
  run('mosquitto_pub', ['-h', '127.0.0.1', '-p', String(workbench.mqttPort), '-t', topic, '-m', payload, ...args])

/**
 * A client of MQTT 5, killed by what this gives, with a will that waits longer than any test does, and a Session that is
 * kept for ten minutes.
 */
function startWorker() {
  const args = [
    '-h',
    '127.0.0.1',
    '-p',
    String(workbench.mqttPort),
    '-V',
    '5',
    '-c',
    '-i',
    'worker',
    '-k',
    '20',
    '-q',
    '2',
  ]
  const will = ['--will-topic', 'plant/worker/status', '--will-payload', 'gone', '--will-qos', '1']
  const properties = ['-x', '600', '-D', 'will', 'will-delay-interval', '540']
  const child = new Child('mosquitto_sub', [...args, '-t', 'work/#', ...will, ...properties], 'ignore')
  // One that is told to go goes by itself.
  const stop = () => child.end('SIGKILL')
  onTestFinished(async () => void (await stop()))
  return stop
}

describe('the Sessions screen', () => {
  it('shows a Session as it is: its client there, killed, and back', async () => {
    await open('Sessions')
    let stop = startWorker()
    await page.getByTestId('session-worker').click(soon)
    await state()
      .getByText(/^connected/)
      .waitFor(soon)
    await card('Subscriptions · 1').getByText('work/#').waitFor(soon)
    await card('Will · armed').getByText('plant/worker/status').waitFor(soon)
    await page
      .getByTestId('keep-alive')
      .getByText(/last packet .* ago/)
      .waitFor(soon)
    await stop()
    await state().getByText(/^kept/).waitFor(soon)
    await page
      .getByTestId('session-expiry')
      .getByText(/ends in \d+ min/)
      .waitFor(soon)
    await card('Will · delayed').getByText('goes out in').waitFor(soon)
    for (const payload of ['one', 'two', 'three']) await publish(`work/${payload}`, `{"order":"${payload}"}`, '-q', '2')
    await card(/0 in flight · 3 waiting/)
      .getByText('work/two')
      .waitFor(soon)
    await screenshot(page, 'sessions-dark')
    await page.emulateMedia({ colorScheme: 'light' })
    await screenshot(page, 'sessions-light')
    await page.emulateMedia({ colorScheme: 'dark' })
    stop = startWorker()
    await state()
      .getByText(/^connected/)
      .waitFor(soon)
    const compared = page.getByTestId('reconnect').getByRole('row')
    await compared.filter({ hasText: 'waiting' }).getByText('3', { exact: true }).waitFor(soon)
    await compared.filter({ hasText: 'will' }).getByText('cancelled').waitFor(soon)
    await card(/0 in flight · 0 waiting/).waitFor(soon)
    await page.getByTestId('history').getByText('connection lost').waitFor(soon)
    await stop()
  })

  it('clears the queue, and ends a Session, when asked twice', async () => {
    await state().getByText(/^kept/).waitFor(soon)
    await publish('work/four', 'x', '-q', '1')
    await card(/0 in flight · 1 waiting/).waitFor(soon)
    await page.getByRole('button', { name: 'Clear queue' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('1 message that waits').waitFor(soon)
    await dialog.getByRole('button', { name: 'Clear queue' }).click()
    await card(/0 in flight · 0 waiting/).waitFor(soon)
    await page.getByRole('button', { name: 'End session' }).click()
    await dialog.getByRole('button', { name: 'End session' }).click()
    await state()
      .getByText(/^ended/)
      .waitFor(soon)
    await card('Will · published').getByText('its Session was ended by you').waitFor(soon)
    // It stays, and says so, with what was known of its connections.
    await page.getByTestId('session-shown-until').getByText('until its client connects again').waitFor(soon)
    await page.getByTestId('history').getByText('connection lost').first().waitFor(soon)
  })

  it('disconnects a client with a Reason Code and a reason', async () => {
    const stop = startWorker()
    await state()
      .getByText(/^connected/)
      .waitFor(soon)
    await page.getByRole('button', { name: 'Disconnect…' }).click()
    const form = page.getByRole('dialog', { name: 'Disconnect' })
    await form.getByLabel('reason code').selectOption({ label: '0x9c Use another server' })
    await form.getByLabel('reason string').fill('moving house')
    await screenshot(page, 'sessions-disconnect-dark')
    await form.getByRole('button', { name: 'Disconnect' }).click()
    await page
      .getByTestId('history')
      .getByText('disconnected by you, 0x9c Use another server: moving house')
      .first()
      .waitFor(soon)
    await stop()
  })

  it('finds sessions by name and by whether their clients are there', async () => {
    const rows = page.getByRole('listbox', { name: 'Sessions by client' }).getByRole('option')
    await page.getByRole('searchbox', { name: /Find sessions/ }).fill('pump')
    await page.getByText('ended', { exact: true }).last().waitFor(soon)
    await vi.waitFor(
      async () => expect((await rows.allTextContents()).every((text) => text.includes('pump'))).toBe(true),
      soon,
    )
    await page.getByRole('searchbox', { name: /Find sessions/ }).fill('nobody-of-this-name')
    await page.getByRole('button', { name: 'Show all sessions' }).click()
    await page.getByTestId('session-worker').waitFor(soon)
  })
})

describe('the Topics screen', () => {
  const row = (path: string): Locator => page.getByTestId(`topic-${path}`)

  it('shows what is published, what changed since the one before, and what is retained', async () => {
    await open('Topics')
    await page.getByTestId('topics-count').getByText('retained').waitFor(soon)
    await publish('site/berlin/meter', '{"kwh":1204,"phase":"L1","ok":true}', '-r', '-i', 'gateway')
    await publish('site/berlin/meter', '{"kwh":1205,"phase":"L1","ok":true,"alarm":"high"}', '-r', '-i', 'gateway')
    // A small tree opens by itself.
    await row('site/berlin/meter').getByText('R', { exact: true }).waitFor(soon)
    // What comes for the first time pushes the rows below it down, perhaps between two clicks.
    for (const pump of ['pump-01', 'pump-02', 'pump-03']) {
      for (const topic of ['status', 'temperature']) await row(`plant/${pump}/${topic}`).waitFor(soon)
    }
    for (const n of [1, 2, 3, 4]) await row(`meter/meter-0${n}/power`).waitFor(soon)
    await row('site').dblclick()
    await row('site/berlin/meter').waitFor({ ...soon, state: 'detached' })
    await row('site').dblclick()
    await row('site/berlin/meter').click()
    const last = page.getByTestId('last-payload')
    await last.getByText('− "kwh": 1204').waitFor(soon)
    await last.getByText('+ "alarm": "high"').waitFor(soon)
    await page.getByTestId('retained-payload').getByText('1205').waitFor(soon)
    await page.getByTestId('topic-history').getByText('at most').waitFor(soon)
    await page.getByRole('searchbox', { name: 'Find topics' }).fill('nothing-like-it')
    await page.getByText('not among those found').waitFor(soon)
    await page.getByRole('searchbox', { name: 'Find topics' }).fill('')
    await page.getByText('not among those found').waitFor({ ...soon, state: 'detached' })
    // With rates to be seen.
    await page
      .getByTestId('topics-count')
      .getByText(/ messages in ([3-9]|\d\d) s/)
      .waitFor(soon)
    await screenshot(page, 'topics-dark')
    await page.emulateMedia({ colorScheme: 'light' })
    await screenshot(page, 'topics-light')
    await page.emulateMedia({ colorScheme: 'dark' })
  })

  it('clears what is retained, when asked twice', async () => {
    await page.getByRole('button', { name: 'Clear retained' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Clear retained' }).click()
    await page.getByText('None: a new subscriber hears nothing').waitFor(soon)
    await row('site/berlin/meter').getByText('R', { exact: true }).waitFor({ state: 'detached' })
    const subscriber = new MosquittoSubscriber(workbench.mqttPort, 'site/berlin/#', 'late')
    onTestFinished(() => subscriber.kill())
    // Again until it has subscribed: what was retained would have come before.
    await vi.waitFor(async () => {
      await mosquittoPublish(workbench.mqttPort, 'site/berlin/first', 'x')
      expect(subscriber.lines.length).toBeGreaterThan(0)
    }, soon)
    expect(subscriber.lines[0]).toBe('site/berlin/first x')
  })

  it('stays quick with tens of thousands of topics in one level', async () => {
    await publishToMany()
    const level = row('many')
    await level.waitFor(soon)
    await vi.waitFor(async () => expect(await level.textContent()).toContain('30,000 topics'), soon)
    await level.getByRole('button', { name: 'Open many' }).click()
    await row('many/10').waitFor(soon)
    const tree = page.getByRole('tree', { name: 'Topics' })
    await tree.evaluate((element) => element.parentElement?.scrollTo({ top: element.scrollHeight / 2 }))
    await vi.waitFor(async () => {
      const shown = await tree.getByRole('treeitem').first().textContent()
      expect(Number(/\d{5}/.exec(shown ?? '')?.[0])).toBeGreaterThan(10_000)
    }, soon)
    expect(await tree.getByRole('treeitem').count()).toBeLessThan(200)
    await page.getByRole('searchbox', { name: 'Find topics' }).fill('many/+')
    await page.getByTestId('topics-count').getByText('30,000 found').waitFor(soon)
    await page.getByRole('searchbox', { name: 'Find topics' }).fill('many/2999')
    await row('many/2999').waitFor(soon)
    await page.getByTestId('topics-count').getByText('11 found').waitFor(soon)
  })
})

/** As octets, because 30,000 calls of a library take too long. */
async function publishToMany(): Promise<void> {
  const client = await RawClient.connect(workbench.mqttPort, 'many')
  const parts: Buffer[] = []
  for (let n = 0; n < 30_000; n++) {
    const topic = Buffer.from(`many/${n}`)
    parts.push(Buffer.from([0x30, topic.length + 3, 0, topic.length]), topic, Buffer.from('x'))
  }
  client.send(Buffer.concat(parts))
  client.send({ cmd: 'pingreq' })
  await client.receive('pingresp')
  client.socket.end()
}
