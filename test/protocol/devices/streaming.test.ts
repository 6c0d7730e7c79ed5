import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { script } from '../../helpers/device-bench.ts'
import { setDeviceStage } from '../../helpers/device-stage.ts'
import { Mosquitto } from '../../helpers/mosquitto.ts'
import { until } from '../../helpers/until.ts'

const stage = setDeviceStage()

function shipped(name: string): string {
  return readFileSync(new URL(`../../../simulations/devices/${name}.device.ts`, import.meta.url), 'utf8')
}

describe('the shipped devices', () => {
  it('stream to a client that nobody here wrote', async () => {
    const { bench, broker } = stage
    const watcher = new Mosquitto('mosquitto_sub', broker.port, '-t', '#', '-v')
    bench.run({ 'pump-01': shipped('pump'), 'meter-01': shipped('meter') })
    await until('pump and meter are seen', () => {
      const pump = /^plant\/pump-01\/temperature \{"celsius":[\d.]+,"serial":"\w{10}"\}$/m.test(watcher.output)
      return pump && /^meter\/meter-01\/power \{"watts":\d+,"kilowattHours":[\d.]+\}$/m.test(watcher.output)
    })
    expect(watcher.output).toContain('plant/pump-01/status online')
    await watcher.kill()
  })

  it('obey a command from outside', async () => {
    const { bench, broker } = stage
    bench.run({ 'pump-02': shipped('pump') })
    await until('it streams', () => broker.texts('plant/pump-02/temperature').length > 0)
    const args = ['-t', 'plant/pump-02/set', '-q', '2', '-m', '{"celsius": 80}']
    const command = new Mosquitto('mosquitto_pub', broker.port, ...args)
    expect(await command.exited()).toBe(0)
    await bench.says('pump-02', 'set point is now 80 °C')
    await until('it warms up', () => {
      const last = broker.texts('plant/pump-02/temperature').at(-1)
      return last !== undefined && (JSON.parse(last) as { celsius: number }).celsius > 68
    })
  })
})

describe('a device', () => {
  it('goes through booting and connecting to online', async () => {
    const { bench } = stage
    bench.run({ a1: script('return {}') })
    expect(bench.snapshot('a1')).toMatchObject({
      state: 'booting',
      reason: 'powered on',
      script: 'devices/a1.device.ts',
    })
    expect(await bench.reaches('a1', 'online')).toMatchObject({ clientId: 'a1', reason: '', attempts: 0 })
    await until('its state is told', () => bench.told.get('a1')?.at(-1)?.state === 'online')
  })

  it('publishes text, octets and JSON as they are', async () => {
    const { bench, broker } = stage
    bench.run({
      a2: script(`
        return {
          async connected({ client }) {
            await client.publish('a2/text', 'grün \\u0000 ok')
            await client.publish('a2/octets', new Uint8Array([0, 255, 128]).subarray(1), { qos: 1 })
            await client.publish('a2/number', 21.5, { qos: 2, retain: true })
            await client.publish('a2/list', [1, null, { a: true }])
            log('published')
          },
        }`),
    })
    await bench.says('a2', 'published')
    const find = (topic: string) => broker.published.find((message) => message.topic === topic)
    await until('all are there', () => find('a2/list'))
    expect(find('a2/text')).toMatchObject({ text: 'grün \u0000 ok', qos: 0, retain: false })
    expect(find('a2/octets')).toMatchObject({ text: Buffer.from([255, 128]).toString(), qos: 1 })
    expect(find('a2/number')).toMatchObject({ text: '21.5', qos: 2, retain: true })
    expect(find('a2/list')).toMatchObject({ text: '[1,null,{"a":true}]' })
  })

  it('hears what it has subscribed to, with its flags, as octets, text and JSON', async () => {
    const { bench, broker } = stage
    bench.run({
      a3: script(`
        return {
          async connected({ client }) {
            log('granted', await client.subscribe('a3/in', { qos: 1 }))
          },
          message({ topic, payload, text, json, packet }) {
            log(topic, [...payload], JSON.stringify(text), json, packet)
          },
        }`),
    })
    await bench.says('a3', 'granted 1')
    broker.publish('a3/in', Buffer.from([0x7b, 0x7d]), 1)
    await bench.says(
      'a3',
      /^a3\/in \[123,125\] "\{\}" \{\} \{"qos":1,"retain":false,"dup":false,"packetId":\d+,"properties":\{\}\}$/,
    )
    broker.publish('a3/in', Buffer.from([0, 0xff]), 0)
    await bench.says(
      'a3',
      'a3/in [0,255] "\\u0000\uFFFD" undefined {"qos":0,"retain":false,"dup":false,"properties":{}}',
    )
  })

  it('hears no more after it has unsubscribed', async () => {
    const { bench, broker } = stage
    bench.run({
      a4: script(`
        return {
          async connected({ client }) {
            await client.subscribe('a4/in')
            await client.unsubscribe('a4/in')
            await client.subscribe('a4/end')
            log('ready', client.id, client.connected)
          },
          message({ topic }) { log(topic) },
        }`),
    })
    await bench.says('a4', 'ready a4 true')
    broker.publish('a4/in', 'x', 1)
    broker.publish('a4/end', 'x', 1)
    await bench.says('a4', 'a4/end')
    expect(bench.console('a4')).not.toContain('a4/in')
  })

  it('connects with the options that its script gives', async () => {
    const { bench, broker } = stage
    bench.run({
      a5: script(`return { client: { clientId: 'another name', keepAlive: '1s', protocolVersion: 3 } }`),
    })
    expect(await bench.reaches('a5', 'online')).toMatchObject({ clientId: 'another name' })
    expect(broker.connects).toContain('another name')
  })

  it('that is taken off the list disconnects in order, so that its will is not published', async () => {
    const { bench, broker } = stage
    const source = script(`return { client: { will: { topic: 'a6/will', payload: 'gone' } } }`)
    bench.run({ a6: source, a7: script('return {}') })
    await bench.reaches('a6', 'online')
    bench.run({ a7: script('return {}') })
    expect(bench.devices.list().map(({ id }) => id)).toEqual(['a7'])
    await until('the broker has seen it go', () => broker.disconnects.includes('a6'))
    expect(broker.texts('a6/will')).toEqual([])
  })

  it('runs on when the list is given again', async () => {
    const { bench, broker } = stage
    const source = script(`return { powerOn() { log('on') } }`)
    bench.run({ a8: source })
    await bench.reaches('a8', 'online')
    bench.run({ a8: source, a9: source })
    await bench.reaches('a9', 'online')
    expect(bench.console('a8')).toEqual(['on'])
    expect(broker.connects.filter((id) => id === 'a8')).toHaveLength(1)
  })
})
