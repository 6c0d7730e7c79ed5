import { describe, expect, it } from 'vitest'
import { ruleDefaults } from '../../../app/faults/check-rule.ts'
import { packetsOf, setBenchStage, settingsFor } from '../../helpers/bench-stage.ts'
import { octets, publish, subscribe, texts } from '../../helpers/bench-words.ts'
import { until } from '../../helpers/until.ts'

const open = setBenchStage()

describe('a client of a bench', () => {
  it.each([3, 4, 5] as const)(
    'sends again with DUP what was in flight when it lost its connection, in MQTT version %i',
    async (protocolVersion) => {
      const { bench, received } = await open()
      const properties = protocolVersion === 5 ? { properties: { sessionExpiryInterval: 60 } } : {}
      await bench.clients.open('pub', settingsFor('pub', { protocolVersion, cleanStart: false, ...properties }))
      await subscribe(bench, 'observer', 'pump/#')
      bench.wire.addRule({ ...ruleDefaults('drop'), clients: 'pub', filter: 'type:pubrec', from: 'broker', times: 1 })
      const sent = publish(bench, 'pub', 'pump/once', 'once', 2)
      await until('the PUBREC is lost', () => bench.wire.state().rules[0]?.done === true)
      await bench.clients.drop('pub')
      expect(bench.clients.state('pub')).toMatchObject({ online: false, reason: 'its connection was dropped' })
      await expect(publish(bench, 'pub', 'pump/once', 'twice')).rejects.toMatchObject({
        code: 'wrong-state',
        message: 'pub cannot publish: it is not connected: its connection was dropped',
      })
      // MQTT 3.1 does not tell.
      expect(await bench.clients.connect('pub')).toEqual({ sessionPresent: protocolVersion !== 3 })
      await sent
      expect(packetsOf(bench, 'pub').slice(-6)).toEqual([
        'CONNECT',
        'CONNACK',
        'PUBLISH DUP',
        'PUBREC',
        'PUBREL',
        'PUBCOMP',
      ])
      expect(texts(received, 'observer')).toEqual(['once'])
    },
  )

  it('is told of its messages with all that they have', async () => {
    const { bench, received } = await open()
    await subscribe(bench, 'observer', 'a/b')
    const order = { id: 'observer', topic: 'a/b', qos: 1, retain: false } as const
    await bench.clients.publish({ ...order, properties: { contentType: 'text/plain' } }, octets('x'.repeat(70_000)))
    await until('it has come', () => received.length > 0)
    expect(received).toMatchObject([
      {
        client: 'observer',
        topic: 'a/b',
        qos: 1,
        retain: false,
        dup: false,
        properties: { contentType: 'text/plain' },
      },
    ])
    expect(received[0]?.payload.length).toBe(70_000)
    await bench.clients.unsubscribe('observer', ['a/b'])
    expect(packetsOf(bench, 'observer').slice(-2)).toEqual(['UNSUBSCRIBE', 'UNSUBACK'])
  })

  it('leaves its will when it is dropped, and none when it disconnects', async () => {
    const { bench, received } = await open()
    await subscribe(bench, 'observer', 'will/#')
    const will = (id: string) => ({ will: { topic: `will/${id}`, payload: 'gone', qos: 1 as const, retain: false } })
    await bench.clients.open('polite', settingsFor('polite', will('polite')))
    await bench.clients.open('lost', settingsFor('lost', will('lost')))
    await bench.clients.disconnect('polite')
    await bench.clients.drop('lost')
    await until('a will has come', () => received.length > 0)
    expect(received.map(({ topic }) => topic)).toEqual(['will/lost'])
  })

  it('has an id of its own', async () => {
    const { bench } = await open()
    await expect(bench.clients.open('observer', settingsFor('observer'))).rejects.toMatchObject({
      code: 'already-exists',
    })
    await expect(bench.clients.connect('observe')).rejects.toMatchObject({
      code: 'not-found',
      hint: "did you mean 'observer'?",
    })
    await expect(bench.clients.connect('observer')).rejects.toMatchObject({ code: 'wrong-state' })
    expect(bench.clients.state('nobody')).toBe(undefined)
  })

  it('is connected once where it is asked for twice side by side, also after it was refused', async () => {
    const { bench } = await open()
    const both = () =>
      Promise.allSettled(['first', 'second'].map(() => bench.clients.open('twin', settingsFor('twin'))))
    const second = {
      status: 'rejected',
      reason: { code: 'already-exists', message: "a client 'twin' is connecting already" },
    }
    const refusal = bench.wire.addRule({ ...ruleDefaults('refuse'), clients: 'twin' })
    expect(await both()).toMatchObject([{ status: 'rejected', reason: { code: 'connection-closed' } }, second])
    bench.wire.removeRule(refusal)
    expect(await both()).toMatchObject([{ status: 'fulfilled' }, second])
    expect(bench.clients.state('twin')).toMatchObject({ online: true })
    expect(packetsOf(bench, 'twin').filter((packet) => packet === 'CONNACK')).toHaveLength(1)
  })
})
