import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deviceStates } from '../../../../app/device/device-snapshot.ts'
import { mostEntries, StateHistory } from '../../../../main/devices/state-history.ts'

describe('the history of a device', () => {
  it('keeps the newest changes in order and counts those that are gone', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...deviceStates), { maxLength: 3 * mostEntries }), (states) => {
        const history = new StateHistory()
        const all = states.map((state, time) => ({ time, state, reason: `${time}` }))
        for (const entry of all) history.add(entry)
        const { entries, dropped } = history.read()
        expect(entries).toEqual(all.slice(-mostEntries))
        expect(entries.length + dropped).toBe(all.length)
      }),
    )
  })
})
