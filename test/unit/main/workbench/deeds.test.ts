import { describe, expect, it } from 'vitest'
import { Emitter } from '../../../../app/base/emitter.ts'
import { FaultlineError } from '../../../../app/base/errors.ts'
import type { WireState } from '../../../../app/contract/wire.ts'
import type { DeviceSnapshot } from '../../../../app/device/device-snapshot.ts'
import { ruleDefaults } from '../../../../app/faults/check-rule.ts'
import { Deeds } from '../../../../main/workbench/deeds.ts'
import { createHandlers } from '../../../contract/handlers.ts'

const rule = { ...ruleDefaults('drop'), name: 'drop' }
const device = {
  clientId: 'a',
  script: 'devices/a.device.ts',
  reason: '',
  since: 0,
  nextAttemptAt: undefined,
  attempts: 0,
  error: undefined,
  fleet: 'a',
  target: '',
  faults: [],
}

function follow() {
  let time = 1000
  const deeds = new Deeds(() => time++)
  const changed = new Emitter<{ changed: DeviceSnapshot[]; removed: string[] }>()
  const state: WireState = {
    holding: false,
    speed: 1,
    breakpoints: [{ id: 'b1', filter: ' type:pubrel ', enabled: true, hits: 0 }],
    rules: [{ id: 'r1', ...rule, matched: 0, hits: 0, done: false }],
    held: [],
    heldCount: 0,
    waitingCount: 0,
  }
  deeds.follow({ wire: { state: () => state }, devices: { onChanged: changed.event } })
  const handlers = deeds.watching(createHandlers({ 'devices.act': () => ({}), 'wire.next': () => ({ packet: 3 }) }))
  const done = () => deeds.since(0).deeds.map(({ at: _at, ...deed }) => deed)
  const changes = (id: string, state: 'online' | 'offline') =>
    changed.fire({ changed: [{ id, state, ...device }], removed: [] })
  return { deeds, handlers, done, changes }
}

describe('the deeds of a user', () => {
  it('are written down with what they were about', async () => {
    const { done, handlers } = follow()
    await handlers['devices.act']({ id: 'a', action: 'reboot', settings: { offMs: 5 } })
    await handlers['wire.addRule'](rule)
    await handlers['wire.enableRule']({ id: 'r1', enabled: false })
    await handlers['wire.enableRule']({ id: 'r1', enabled: true })
    await handlers['wire.removeRule']({ id: 'r1' })
    await handlers['wire.addBreakpoint']({ filter: ' type:pubrel ' })
    await handlers['wire.removeBreakpoint']({ id: 'b1' })
    await handlers['wire.next']({})
    await handlers['wire.cut']({ clients: '*', how: 'rst' })
    await handlers['broker.refuse']({ code: 0x88, times: 1 })
    await handlers['broker.refuse']({})
    await handlers['broker.refuse']({ packet: 'PUBLISH', code: 0x87 })
    await handlers['sessions.expire']({ clientId: 'a' })
    await handlers['fleets.change']({ id: 'a', change: { count: 3 } })
    expect(done()).toMatchObject([
      { do: 'device', id: 'a', action: 'reboot', settings: { offMs: 5 } },
      { do: 'rule', id: 'r1' },
      { do: 'remove rule', id: 'r1' },
      { do: 'rule', id: 'r1', rule: { fault: 'drop' } },
      { do: 'remove rule', id: 'r1' },
      { do: 'hold', id: 'b1', filter: 'type:pubrel' },
      { do: 'end hold', id: 'b1' },
      { do: 'decide', action: 'deliver' },
      { do: 'cut', clients: '*', how: 'rst' },
      { do: 'refuse', code: 0x88, times: 1 },
      { do: 'accept' },
      { do: 'other', what: 'PUBLISH is refused' },
      { do: 'expire', clientId: 'a' },
      { do: 'ramp', fleet: 'a', count: 3, overMs: 0 },
    ])
  })

  it('are not written down where they were refused, or changed nothing', async () => {
    const { deeds, done } = follow()
    const refusing = deeds.watching(
      createHandlers({
        'wire.next': () => ({}),
        'wire.cut': () => {
          throw new FaultlineError({ code: 'invalid-argument', message: 'no' })
        },
      }),
    )
    await expect(refusing['wire.cut']({ clients: '*', how: 'rst' })).rejects.toThrow('no')
    await refusing['wire.next']({})
    await refusing['wire.addRule']({ ...rule, enabled: false })
    await refusing['wire.removeRule']({ id: 'r1' })
    await refusing['devices.list']({})
    expect(done()).toEqual([])
  })

  it('stand beside what was seen: each change of a state once, and wills', () => {
    const { changes, deeds } = follow()
    for (const state of ['online', 'online', 'offline'] as const) changes('a', state)
    deeds.tap.event(1, { type: 'will published', clientId: 'a', topic: 't', reason: 'keep alive' })
    deeds.tap.event(1, { type: 'will dropped', clientId: 'a' })
    expect(deeds.since(0).sightings).toEqual([
      { at: 1000, saw: 'state', id: 'a', state: 'online' },
      { at: 1001, saw: 'state', id: 'a', state: 'offline' },
      { at: 1002, saw: 'will', clientId: 'a', reason: 'keep alive' },
    ])
  })

  it('are those since a moment, and of the newest 500', async () => {
    const { deeds, handlers } = follow()
    for (let i = 0; i < 600; i++) await handlers['wire.letGo']({})
    expect(deeds.since(0).deeds).toHaveLength(500)
    expect(deeds.since(1590).deeds.map(({ at }) => at)).toEqual([
      1590, 1591, 1592, 1593, 1594, 1595, 1596, 1597, 1598, 1599,
    ])
  })
})
