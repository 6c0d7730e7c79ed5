import { describe, expect, it } from 'vitest'
import { script } from '../../helpers/device-bench.ts'
import { setDeviceStage } from '../../helpers/device-stage.ts'
import { until } from '../../helpers/until.ts'

const stage = setDeviceStage({ workers: 1 })

describe('a broker without MQTT 5', () => {
  it('refuses a device with it, and the device says why', async () => {
    const { bench } = stage
    bench.run({
      ob1: script(`
        return {
          client: { protocolVersion: 5, reconnect: false },
          disconnected({ reasonCode, properties }) { log('disconnected', reasonCode, properties) },
        }`),
    })
    expect((await bench.reaches('ob1', 'offline')).reason).toMatch(/^refused: .*protocol version/i)
    await bench.says('ob1', /^disconnected (1|132) \{\}$/)
  })

  it.each([3, 4])('serves one with version %i, and nothing of MQTT 5 is seen', async (protocolVersion) => {
    const { bench, broker } = stage
    const id = `ob${protocolVersion + 1}`
    bench.run({
      [id]: script(`
        return {
          client: { protocolVersion: ${protocolVersion}, cleanStart: false },
          async connected({ client, properties }) {
            log('connected', properties)
            log('granted', await client.subscribe('${id}/+', { qos: 2 }))
            log('published', await client.publish('${id}/a', 'x', { qos: 2 }))
            await client.unsubscribe('${id}/+')
            log('unsubscribed')
          },
          message({ topic, packet }) { log(topic, packet.qos, packet.properties) },
        }`),
    })
    await bench.says(id, 'unsubscribed')
    await bench.says(id, `${id}/a 2 {}`)
    expect(bench.console(id).filter((line) => !line.startsWith(id))).toEqual([
      'connected {}',
      'granted 2',
      'published undefined',
      'unsubscribed',
    ])
    await until('it is there', () => broker.texts(`${id}/a`).length === 1)
  })
})
