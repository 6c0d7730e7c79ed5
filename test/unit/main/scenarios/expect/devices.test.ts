import { describe, expect, it } from 'vitest'
import { Emitter } from '../../../../../app/base/emitter.ts'
import type { DeviceSnapshot } from '../../../../../app/device/device-snapshot.ts'
import { DeviceLives } from '../../../../../main/scenarios/expect/device-lives.ts'
import { deviceFails, deviceIs, deviceLogs, deviceReconnects } from '../../../../../main/scenarios/expect/devices.ts'
import { clientIdOf, type Ground } from '../../../../../main/scenarios/expect/ground.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'

/** Devices that are all connecting, and how many snapshots were made of them. */
function stage(count: number) {
  let made = 0
  const ids = new Set(Array.from({ length: count }, (_, i) => `pump-${i}`))
  const snapshot = (id: string) => {
    made += 1
    const about = {
      id,
      clientId: `station-${id}`,
      script: 'devices/pump.device.ts',
      fleet: 'pump',
      target: '',
      faults: [],
    }
    const error = undefined
    return {
      ...about,
      state: 'connecting',
      since: 1,
      reason: '',
      attempts: 0,
      nextAttemptAt: undefined,
      error,
    } as DeviceSnapshot
  }
  const none = new Emitter<never>().event
  const bench = {
    devices: {
      list: () => [...ids].map(snapshot),
      get: (id: string) => (ids.has(id) ? snapshot(id) : undefined),
      onChanged: none,
      onConsole: none,
    },
    wire: { state: () => ({ rules: [] }), onChanged: none },
    capture: { startedAt: 0 },
  } as unknown as Ground['bench']
  const evidence = { onMore: none, upsets: { lostAt: () => undefined, upsetAt: () => undefined } }
  const lives = new DeviceLives(bench, new FakeClock())
  const spent = { wills: new Map(), refusals: new Map(), reconnects: new Map(), failures: new Map() }
  return { ground: { bench, evidence, lives, spent } as unknown as Ground, ids, lives, made: () => made }
}

describe('what is asked of very many devices', () => {
  it('makes a snapshot of each of them, and not of all for each', () => {
    const { ground, ids, lives, made } = stage(200)
    const before = made()
    const questions = [...ids].flatMap((id) => [
      deviceIs(ground, id, 'online'),
      deviceReconnects(ground, id),
      deviceLogs(ground, id, { is: 'text', text: 'ready' }),
      deviceFails(ground, id, undefined),
    ])
    for (const question of questions) expect(question.look().is).toBe('open')
    for (const question of questions) question.take?.()
    for (const id of ids) lives.look(id)
    expect(made() - before).toBeLessThan(20 * 200)
  })

  it('is asked of a device that there is', () => {
    const { ground } = stage(1)
    expect(() => deviceIs(ground, 'fan', 'online')).toThrow("there is no device 'fan' in this scenario")
    expect([clientIdOf(ground, 'pump-0'), clientIdOf(ground, 'fan')]).toEqual(['station-pump-0', 'fan'])
  })
})
