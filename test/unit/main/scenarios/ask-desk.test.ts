import { describe, expect, it } from 'vitest'
import type { Answer, Ask } from '../../../../app/script-api/scenario-crossing.ts'
import { AskDesk, type DeskOptions } from '../../../../main/scenarios/ask-desk.ts'
import { RunLog } from '../../../../main/scenarios/run-log.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { TestWire } from '../../../helpers/test-wire.ts'

const head = { id: '1', file: 'a', name: 'a', seed: 1, repetition: 1, target: '' }
const counts = { packets: 0, connections: 0, published: 0, delivered: 0, dropped: 0, notKept: 0 }
const drop: Ask = { do: 'fault', clients: 'pump', fault: 'drop', settings: {}, which: {} }

/** What the body asks of a wire; devices and clients have no part in it. */
function open() {
  const clock = new FakeClock()
  const log = new RunLog(head, clock)
  const { wire } = new TestWire()
  let watches = 0
  const bench = {
    wire,
    devices: { list: () => expect.unreachable(), get: () => undefined },
    clients: { subscribe: async () => [] },
  }
  const parts = { evidence: {}, expectations: { watch: () => ++watches, dispose: () => {} }, bench }
  const desk = new AskDesk({ ...parts, log, clock, changed: () => {} } as unknown as DeskOptions)
  return {
    ask: (ask: Ask) => desk.answer(ask, undefined, undefined),
    deeds: () => log.report(counts).deeds.map(({ what }) => what),
    watches: () => watches,
  }
}

const refused = (message: string): Answer => ({ type: 'refused', message })

describe('what a scenario asks for', () => {
  it('is a deed when it was done, and not when it was refused', async () => {
    const { ask, deeds } = open()
    expect(await ask(drop)).toMatchObject({ type: 'done' })
    expect(await ask({ do: 'wire', what: { order: 'drop', packet: 7 } })).toMatchObject({ type: 'refused' })
    expect(await ask({ do: 'wire', what: { order: 'hold', filter: 'type:publich' } })).toMatchObject({
      type: 'refused',
    })
    expect(deeds()).toEqual(['drop every packet of pump'])
    expect(await ask({ do: 'remove fault', rule: 'rule-1' })).toEqual({ type: 'done', value: undefined })
    expect(await ask({ do: 'remove fault', rule: 'rule-1' })).toEqual({ type: 'done', value: undefined })
    expect(deeds()).toEqual(['drop every packet of pump', '“drop every packet of pump” is removed'])
  })

  it('is refused where there are very many faults at a time', async () => {
    const { ask, deeds } = open()
    for (let i = 0; i < 500; i++) await ask(drop)
    const message = 'there are 500 faults already; end some with remove() or heal()'
    expect(await ask(drop)).toEqual(refused(message))
    expect(deeds()).toHaveLength(500)
    await ask({ do: 'heal', clients: 'pump' })
    expect(await ask(drop)).toMatchObject({ type: 'done' })
  })

  it('is refused where it has made very many subscriptions', async () => {
    const { ask, watches } = open()
    const subscribe: Ask = { do: 'subscribe', id: 'observer', filters: ['a'], qos: 0 }
    for (let i = 0; i < 10_000; i++) await ask(subscribe)
    const message = 'there are 10000 subscriptions already; a run can make no more'
    expect(await ask(subscribe)).toEqual(refused(message))
    expect(watches()).toBe(10_000)
  })
})
