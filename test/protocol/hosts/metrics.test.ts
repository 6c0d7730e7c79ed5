import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startMetricsHost } from '../../../main/hosts/web/metrics-host.ts'
import { buildFirst, faultline } from '../../helpers/command-line.ts'
import { Mosquitto } from '../../helpers/mosquitto.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { until } from '../../helpers/until.ts'

/** Reads the text format: every sample by name and labels. */
function samples(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ')
      return [line.slice(0, at), Number(line.slice(at + 1))]
    }),
  )
}

describe('faultline serve --metrics', () => {
  beforeAll(buildFirst, 120_000)

  it('serves figures that Prometheus reads, and that are true', async () => {
    const workspace = await temporaryFolder()
    const command = faultline(['serve', workspace, '--mqtt', '0', '--http', '0', '--no-open', '--metrics', '0'])
    const { mqttPort } = await command.ready()
    const url = await until('it says where they are', () => /^faultline: metrics (\S+)$/m.exec(command.stderr)?.[1])
    const subscriber = new Mosquitto('mosquitto_sub', mqttPort, '-t', 'plant/#', '-q', '1')
    onTestFinished(() => subscriber.kill())
    const read = async () => samples(await (await fetch(url)).text())
    await until('it has subscribed', async () => (await read()).get('faultline_subscriptions') === 1)
    await new Mosquitto('mosquitto_pub', mqttPort, '-t', 'plant/a', '-m', '0123456789', '-q', '1', '-r').exited()
    await until('it has come', () => subscriber.output === '0123456789\n')

    const response = await fetch(url)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    const text = await response.text()
    const told = samples(text)
    const figures = {
      faultline_clients: 1,
      faultline_sessions: 1,
      'faultline_connects_total{outcome="accepted"}': 2,
      'faultline_messages_total{direction="received"}': 1,
      'faultline_messages_total{direction="sent"}': 1,
      'faultline_payload_bytes_total{direction="received"}': 10,
      'faultline_messages_dropped_total{reason="queue_full"}': 0,
      faultline_queued_messages: 0,
      faultline_capture_dropped_records_total: 0,
    }
    expect(Object.fromEntries(Object.keys(figures).map((name) => [name, told.get(name)]))).toEqual(figures)
    expect(told.get('faultline_capture_records_total')).toBeGreaterThan(10)
    expect(told.get('faultline_event_loop_delay_seconds{quantile="0.99"}')).toBeGreaterThanOrEqual(0)
    expect(told.get('faultline_resident_memory_bytes')).toBeGreaterThan(10_000_000)
    // Each has its help and its type, which the format asks to come first.
    const names = new Set([...told.keys()].map((name) => name.replace(/\{.*/, '')))
    for (const name of names)
      expect(text).toMatch(new RegExp(`# HELP ${name} \\S.*\\n# TYPE ${name} (gauge|counter)\\n`))
  })

  it('refuses what is no port', async () => {
    const command = faultline(['serve', '--metrics', 'many'])
    expect(await command.exited).toBe(2)
    expect(command.stderr).toContain('--metrics')
  })
})

describe('the metrics host', () => {
  const metrics = { contentType: 'text/plain; version=0.0.4', text: async () => 'faultline_clients 3\n' }
  const open = async (host: string, port = 0) => {
    const opened = await startMetricsHost({ host, port }, metrics)
    onTestFinished(() => opened.close())
    return opened
  }

  it('answers GET and HEAD at /metrics only', async () => {
    const { url } = await open('127.0.0.1')
    expect(await (await fetch(url)).text()).toBe('faultline_clients 3\n')
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200)
    expect((await fetch(url, { method: 'POST' })).status).toBe(405)
    expect((await fetch(new URL('/', url))).status).toBe(404)
  })

  it('says whether others than this machine may reach it', async () => {
    expect((await open('127.0.0.1')).isExposed).toBe(false)
    expect((await open('0.0.0.0')).isExposed).toBe(true)
  })

  it('says in plain words that its port is taken', async () => {
    const { url } = await open('127.0.0.1')
    await expect(open('127.0.0.1', Number(new URL(url).port))).rejects.toMatchObject({
      code: 'port-in-use',
      hint: 'choose another with --metrics, or 0 for any',
    })
  })

  it('tells why figures could not be read', async () => {
    const broken = { ...metrics, text: () => Promise.reject(new Error('no figures')) }
    const { url, close } = await startMetricsHost({ host: '127.0.0.1', port: 0 }, broken)
    onTestFinished(close)
    const response = await fetch(url)
    expect([response.status, await response.text()]).toEqual([500, 'the figures could not be read: no figures\n'])
  })
})
