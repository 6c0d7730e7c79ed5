import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Mosquitto } from '../../helpers/mosquitto.ts'
import { Road } from '../../helpers/road.ts'
import { until } from '../../helpers/until.ts'

const expected = {
  0: { publisher: ['> PUBLISH'], subscriber: ['< PUBLISH'] },
  1: { publisher: ['> PUBLISH', '< PUBACK'], subscriber: ['< PUBLISH', '> PUBACK'] },
  2: {
    publisher: ['> PUBLISH', '< PUBREC', '> PUBREL', '< PUBCOMP'],
    subscriber: ['< PUBLISH', '> PUBREC', '< PUBREL', '> PUBCOMP'],
  },
} as const

let road: Road
let subscriber: Mosquitto

beforeEach(async () => {
  road = await Road.open()
  subscriber = new Mosquitto('mosquitto_sub', road.port, '-i', 'reader', '-t', 'plant/#', '-q', '2', '-v')
  await until('mosquitto_sub has subscribed', () => road.ladder(1).includes('< SUBACK'))
})

afterEach(async () => {
  await subscriber.kill()
  await road.close()
})

describe('a message between clients that nobody here wrote', () => {
  for (const qos of [0, 1, 2] as const) {
    it(`shows every packet of its handshakes at QoS ${qos}, in order`, async () => {
      const args = ['-i', 'writer', '-t', 'plant/pump', '-m', 'hello', '-q', String(qos)]
      const publisher = new Mosquitto('mosquitto_pub', road.port, ...args)
      expect(await publisher.exited()).toBe(0)
      await until('it is printed', () => subscriber.output === 'plant/pump hello\n')
      const last = expected[qos].subscriber.at(-1) as string
      await until('the last packet is captured', () => road.ladder(1).includes(last))
      expect(road.ladder(1).slice(4)).toEqual(expected[qos].subscriber)
      expect(road.ladder(2)).toEqual(['> CONNECT', '< CONNACK', ...expected[qos].publisher, '> DISCONNECT'])
    })
  }

  it('passes ten thousand messages of one publisher without losing one or its order', async () => {
    const lines = Array.from({ length: 10_000 }, (_, n) => `${n}`)
    const publisher = new Mosquitto('mosquitto_pub', road.port, '-i', 'writer', '-t', 'plant/n', '-l', '-q', '1')
    publisher.type(`${lines.join('\n')}\n`)
    expect(await publisher.exited()).toBe(0)
    await until('all are printed', () => subscriber.output.split('\n').length > lines.length)
    expect(subscriber.output).toBe(lines.map((line) => `plant/n ${line}\n`).join(''))
    // Each is PUBLISH and PUBACK, twice.
    const packets = () => road.connections.packets
    await until('every packet is captured', () => packets() === 40_000 + 4 + 3)
    expect(road.recorder.stats()).toMatchObject({ captured: packets() + 3, evicted: 0 })
  })
})
