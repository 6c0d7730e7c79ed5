import { describe, expect, it, onTestFinished } from 'vitest'
import { createEngine } from '../../../../../main/broker/engine/engine.ts'
import { Strangers } from '../../../../../main/broker/engine/strangers.ts'
import { EngineClient } from '../../../../helpers/engine-client.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'

describe('Strangers', () => {
  it('are so many at a time, and no more', () => {
    const strangers = new Strangers({ sockets: 2, octets: 10 })
    expect([strangers.came(), strangers.came()]).toEqual([undefined, undefined])
    expect(strangers.came()).toContain('2 connections')
    strangers.gone(0)
    strangers.gone(0)
    expect(strangers.came()).toBeUndefined()
  })

  it('send so many octets together, and no more', () => {
    const strangers = new Strangers({ sockets: 2, octets: 10 })
    expect([strangers.sent(6), strangers.sent(4)]).toEqual([undefined, undefined])
    expect(strangers.sent(1)).toContain('10 octets')
    strangers.gone(7)
    expect(strangers.sent(6)).toBeUndefined()
  })

  it('are none any more once they are let in, turned away or gone', async () => {
    const engine = await createEngine({ clock: new FakeClock() })
    onTestFinished(() => engine.close())
    const { strangers } = engine
    const most = 20_000
    for (const times of [1, 2]) {
      EngineClient.connect(engine, { id: `c${times}` })
      EngineClient.connect(engine, { version: 3, id: '' })
    }
    for (let n = 0; n < most; n++) expect(strangers.came()).toBeUndefined()
    const late = EngineClient.connect(engine, { id: 'late' })
    expect([late.isClosed, late.came]).toEqual([true, []])
    expect(late.reason).toContain('20000 connections')
    strangers.gone(0)
    expect(EngineClient.connect(engine, { id: 'next' }).came[0]?.code).toBe(0)
  })
})
