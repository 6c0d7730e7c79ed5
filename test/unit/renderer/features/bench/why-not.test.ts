import { describe, expect, it } from 'vitest'
import { canAct, deviceActions, deviceStates } from '../../../../../app/device/device-snapshot.ts'
import { whyNot } from '../../../../../renderer/features/bench/why-not.ts'
import { deviceOf } from '../../fleet-views.ts'

const all = { connected: true, certificates: ['expired'] }
const secure = (more: Parameters<typeof deviceOf>[2] = {}) =>
  deviceOf('pump', 'pump', { target: 'mqtts://broker.example:8883', ...more })

describe('why an action cannot work', () => {
  it.each(deviceStates)('is said in the state %s exactly where the workbench would refuse it', (state) => {
    for (const action of deviceActions) {
      expect(whyNot(secure({ state }), action, all) === undefined, action).toBe(canAct(state, action))
    }
  })

  it('is the same for everything while the workbench does not answer', () => {
    expect(whyNot(secure(), 'crash', { ...all, connected: false })).toBe('the workbench does not answer')
  })

  it.each([
    ['', "it connects to the workbench's own broker without TLS"],
    ['mqtt://broker.example:1883', 'it connects to mqtt://broker.example:1883 without TLS'],
    ['ws://broker.example:80', 'it connects to ws://broker.example:80 without TLS'],
  ])('is that there is no TLS on the way to %j', (target, reason) => {
    expect(whyNot(deviceOf('pump', 'pump', { target }), 'useCertificate', all)).toContain(reason)
  })

  it('is that there are no certificates, or that nobody knows yet', () => {
    expect(whyNot(secure(), 'useCertificate', { connected: true, certificates: [] })).toContain('folder certificates')
    expect(whyNot(secure(), 'useCertificate', { connected: true })).toBe('looking for certificates …')
  })

  it('is that a device has no Client Identifier, no power, or hangs', () => {
    expect(whyNot(secure({ clientId: '' }), 'takeOver', all)).toContain('Client Identifier is empty')
    expect(whyNot(secure({ state: 'power lost' }), 'crash', all)).toBe('it has no power: power it on first')
    const hangs = secure({ faults: ['hangs'] })
    expect(whyNot(hangs, 'disconnect', all)).toBe('it hangs: heal it first, or cut its power')
    for (const action of ['heal', 'powerLoss', 'crash', 'takeOver'] as const) {
      expect(whyNot(hangs, action, all), action).toBeUndefined()
    }
  })
})
