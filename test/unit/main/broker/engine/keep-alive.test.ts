import { describe, expect, it, onTestFinished } from 'vitest'
import { createEngine } from '../../../../../main/broker/engine/engine.ts'
import { EngineClient } from '../../../../helpers/engine-client.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'
import { connect, pingreq, publish, subscribe } from '../../../../helpers/mqtt-octets.ts'
import { until } from '../../../../helpers/until.ts'

describe('the Keep Alive of a client', () => {
  it('is kept by PINGREQ also while a large message is on its way to it [MQTT-3.1.2-24]', async () => {
    const clock = new FakeClock()
    const engine = await createEngine({ clock })
    onTestFinished(() => engine.close())
    const reader = new EngineClient(engine)
    reader.send(connect({ id: 'reader', keepAlive: 1 }), subscribe(4, 1, [['large', 0]]))
    await until('it has subscribed', () => reader.came.at(-1)?.kind === 'SUBACK')
    reader.stopReading()
    const publisher = EngineClient.connect(engine, { id: 'publisher' })
    for (let count = 0; count < 2; count++) publisher.send(publish(4, 'large', Buffer.alloc(2 * 1024 * 1024)))
    await until('it is sent', () => engine.counters.messagesSent > 0)
    for (let second = 0; second < 5; second++) {
      reader.send(pingreq)
      clock.advance(1000)
    }
    expect(reader.isClosed).toBe(false)
    reader.readAgain()
    await until('all is answered', () => reader.came.filter(({ kind }) => kind === 'PINGRESP').length === 5)
    expect(reader.came.find(({ kind }) => kind === 'PUBLISH')?.payload).toHaveLength(2 * 1024 * 1024)
    // The last PINGREQ was a second before. Its silence counts from then on.
    clock.advance(499)
    expect(reader.isClosed).toBe(false)
    clock.advance(1)
    expect([reader.isClosed, reader.reason]).toEqual([true, 'keep alive ran out'])
  })
})
