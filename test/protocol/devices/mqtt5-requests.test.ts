import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { DeviceBench, script } from '../../helpers/device-bench.ts'
import { startMosquitto } from '../../helpers/mosquitto-broker.ts'
import { heardOf, mqtt5Brokers, openMosquitto, setMqtt5Stage } from '../../helpers/mqtt5-stage.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { until } from '../../helpers/until.ts'

describe.each(mqtt5Brokers)('%s', (_name, open) => {
  const stage = setMqtt5Stage(open)

  describe('a request', () => {
    it('is answered by another device', async () => {
      const responder = script(`
        return {
          client: { protocolVersion: 5 },
          async connected({ client }) {
            await client.subscribe('r1/double', { qos: 1 })
            log('ready')
          },
          async message(event) {
            await event.respond({ result: event.json * 2 }, { contentType: 'application/json' })
          },
        }`)
      stage.bench.run({ r1: responder })
      await stage.bench.says('r1', 'ready')
      stage.bench.run({
        r1: responder,
        r2: script(`
          return {
            client: { protocolVersion: 5 },
            async connected({ client }) {
              const answers = await Promise.all([1, 2, 3].map((n) => client.request('r1/double', n, { qos: 1, timeout: '20s' })))
              log('answers', answers.map(({ json }) => json.result))
              log('about', { topic: answers[0].topic, type: answers[0].packet.properties.contentType, qos: answers[0].packet.qos })
              const own = await client.request('r1/double', 21, { responseTopic: 'r2/mine', timeout: '20s' })
              log('own', { topic: own.topic, result: own.json.result })
            },
            message({ topic }) { log('not for message', topic) },
          }`),
      })
      expect(await stage.said('r2', 'answers')).toEqual([2, 4, 6])
      expect(await stage.said('r2', 'about')).toEqual({ topic: 'responses/r2', type: 'application/json', qos: 1 })
      expect(await stage.said('r2', 'own')).toEqual({ topic: 'r2/mine', result: 42 })
      expect(stage.bench.console('r2').some((line) => line.startsWith('not for message'))).toBe(false)
    })

    it('that nobody answers is rejected after its time, at its line', async () => {
      stage.bench.run({
        r3: script(`
          return {
            client: { protocolVersion: 5 },
            async connected({ client }) {
              await client.request('nobody', '', { timeout: 30 })
            },
          }`),
      })
      expect(await stage.bench.fails('r3')).toMatchObject({ message: "no response to 'nobody' within 30 ms", line: 7 })
    })

    it('that cannot be answered is an error of who tries', async () => {
      stage.bench.run({
        r4: script(`
          return {
            client: { protocolVersion: 5 },
            async connected({ client }) {
              await client.subscribe('r4')
              await client.publish('r4', 'no response asked for')
            },
            message(event) { return event.respond('x') },
          }`),
      })
      expect(await stage.bench.fails('r4')).toMatchObject({
        message: "the message to 'r4' asks for no response: it has no Response Topic",
        line: 10,
      })
    })
  })

  describe('a password alone', () => {
    it('is taken by a broker with MQTT 5, which knows nobody by it', async () => {
      const { heard } = await stage.observe('pa/#')
      stage.bench.run({
        pa5: script(`
          return {
            client: { protocolVersion: 5, password: 'token' },
            connected({ client }) { client.publish('pa/hello', 'x') },
          }`),
      })
      expect(await heardOf(heard, 1)).toHaveLength(1)
    })
  })
})

describe('a broker of somebody else', () => {
  const stage = setMqtt5Stage(() => openMosquitto())

  describe('a broker that wants a password', () => {
    it('refuses the connection with its Reason Code', async () => {
      const strict = await startMosquitto(['allow_anonymous false'])
      const own = new DeviceBench(stage.assets, strict.port, { workers: 1 })
      onTestFinished(() => own.devices.close())
      own.run({
        n1: script(`
          return {
            client: { protocolVersion: 5, reconnect: { after: '1ms', attempts: 2 } },
            disconnected({ reason, reasonCode, willReconnect }) { log(reason, reasonCode, willReconnect) },
          }`),
      })
      expect((await own.reaches('n1', 'offline')).reason).toBe('refused: not authorized; gave up after 2 attempts')
      await until('it was told each time', () => own.console('n1').length === 3)
      expect(own.console('n1')).toEqual([
        'refused: not authorized 135 true',
        'refused: not authorized 135 true',
        'refused: not authorized 135 false',
      ])
    })
  })

  describe('what a broker with access control refuses', () => {
    async function refusing() {
      const file = join(await temporaryFolder(), 'acl')
      await writeFile(file, 'topic readwrite open/#\n')
      const strict = await startMosquitto([`acl_file ${file}`])
      const own = new DeviceBench(stage.assets, strict.port, { workers: 1 })
      onTestFinished(() => own.devices.close())
      return own
    }

    it('rejects the promise with the Reason Code', async () => {
      const own = await refusing()
      own.run({
        f1: script(`
          const tell = (error) => log(error.name, error.reasonCode, error.message)
          return {
            client: { protocolVersion: 5 },
            async connected({ client }) {
              await client.publish('closed/1', 'x', { qos: 1 }).catch(tell)
              await client.publish('closed/2', 'x', { qos: 2 }).catch(tell)
              await client.publish('open/1', 'x', { qos: 2 })
              log('open')
            },
          }`),
      })
      await own.says('f1', 'open')
      expect(own.console('f1')).toEqual([
        "RefusedError 135 the broker refused to publish to 'closed/1': not authorized",
        "RefusedError 135 the broker refused to publish to 'closed/2': not authorized",
        'open',
      ])
    })
  })
})
