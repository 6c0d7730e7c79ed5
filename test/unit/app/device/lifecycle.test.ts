import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canAct, type DeviceAction, deviceActions, deviceStates } from '../../../../app/device/device-snapshot.ts'
import { type Cause, causes, lifecycle } from '../../../../app/device/lifecycle.ts'
import { canFollow } from '../../../helpers/can-follow.ts'

/** What an action does to the state, in the first place: a reboot is a power loss first. */
const causeOf: Partial<Record<DeviceAction, Cause>> = {
  powerLoss: 'power loss',
  powerOn: 'power on',
  disconnect: 'disconnect',
  connect: 'connect',
  reboot: 'power loss',
  crash: 'script fails',
  takeOver: 'lost',
  wrongPassword: 'connect anew',
  useCertificate: 'connect anew',
}

describe('the state machine of a device', () => {
  it('knows what follows from every action that is possible in a state', () => {
    fc.assert(
      fc.property(fc.constantFrom(...deviceStates), fc.constantFrom(...deviceActions), (state, action) => {
        const cause = causeOf[action]
        // Offline, another password is for the next connection.
        if (cause === undefined || (state === 'offline' && cause === 'connect anew')) return
        if (canAct(state, action)) expect(lifecycle[state]).toHaveProperty(cause)
      }),
    )
  })

  it('comes from every state to online, and to no power or off whatever happens before', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...deviceStates),
        fc.array(fc.constantFrom(...causes), { maxLength: 30 }),
        (start, happenings) => {
          const end = happenings.reduce((state, cause) => lifecycle[state][cause] ?? state, start)
          const path: Cause[] = ['power on', 'booted', 'accepted']
          expect(path.reduce((state, cause) => lifecycle[state][cause] ?? 'off', end)).toBe('online')
          expect(lifecycle[end]['switch off']).toBe('off')
        },
      ),
    )
  })

  it('reaches every state from off, and leaves every state', () => {
    const reached = new Set(['off' as (typeof deviceStates)[number]])
    for (const state of reached) for (const next of Object.values(lifecycle[state])) reached.add(next)
    expect([...reached].sort()).toEqual([...deviceStates].sort())
    for (const state of deviceStates) {
      expect(Object.values(lifecycle[state]).some((next) => next !== state)).toBe(true)
    }
  })

  it('lets nobody be online who has not connected', () => {
    expect(deviceStates.filter((state) => canFollow(state, 'online'))).toEqual(['connecting'])
    expect(deviceStates.filter((state) => canFollow(state, 'connecting'))).toEqual([
      'booting',
      'connecting',
      'online',
      'backing off',
      'offline',
    ])
    expect(canFollow('power lost', 'script error')).toBe(false)
  })
})
