import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DeviceFaults, type FaultChange } from '../../../../main/devices/device-faults.ts'

function all(tell: (change: FaultChange) => void = () => {}): DeviceFaults {
  const faults = new DeviceFaults(tell)
  faults.begin('hang', 'the program stands still')
  faults.begin('wrong password', 'connects anew with a wrong password')
  faults.skewClock(-120_000)
  faults.connectWith('expired')
  return faults
}

describe('the faults of a device', () => {
  it('are told in words', () => {
    expect(new DeviceFaults(() => {}).words()).toEqual([])
    expect(all().words()).toEqual(['hangs', 'wrong password', "certificate 'expired'", 'clock 2 min behind'])
  })

  it('are gone with its life, but for what is configuration', () => {
    const faults = all()
    faults.endLife()
    expect(faults.words()).toEqual(['wrong password', "certificate 'expired'"])
    expect(faults.skewMs).toBe(0)
  })

  it('are all gone when it is healed, and each of them is told of', () => {
    const told: string[] = []
    const faults = all(({ what }) => told.push(what))
    told.length = 0
    faults.heal()
    expect(faults.words()).toEqual([])
    expect(told).toEqual([
      'hang ends: healed',
      'wrong password ends: healed',
      'certificate ends: healed',
      'clock skew ends: healed',
    ])
  })

  it('tell of a second client that is gone, and not of the one before it', () => {
    const told: string[] = []
    const faults = new DeviceFaults(({ fault, phase }) => told.push(`${fault} ${phase}`))
    const first = faults.takeOver()
    const second = faults.takeOver()
    faults.secondClientGone(first, 'the first is gone')
    expect(told).toEqual(['take over begins', 'take over ends', 'take over begins'])
    faults.secondClientGone(second, 'the second is gone')
    expect(told.at(-1)).toBe('take over ends')
  })

  it('begin and end in turn, whatever happens', () => {
    const happenings: readonly ((faults: DeviceFaults) => void)[] = [
      (faults) => faults.begin('hang', 'how'),
      (faults) => faults.begin('power loss', 'how', 'the workbench'),
      (faults) => faults.begin('reboot', 'how'),
      (faults) => faults.begin('crash', 'how'),
      (faults) => faults.begin('wrong password', 'how'),
      (faults) => faults.skewClock(1000),
      (faults) => faults.skewClock(0),
      (faults) => faults.connectWith('other'),
      (faults) => void faults.takeOver(),
      (faults) => faults.secondClientGone(1, 'gone'),
      (faults) => faults.leaveCertificate('moved'),
      (faults) => faults.endLife(),
      (faults) => faults.powered('on'),
      (faults) => faults.heal(),
    ]
    fc.assert(
      fc.property(fc.array(fc.nat(happenings.length - 1), { maxLength: 40 }), (steps) => {
        const told: FaultChange[] = []
        const faults = new DeviceFaults((change) => told.push(change))
        for (const step of steps) happenings[step]?.(faults)
        faults.dispose()
        for (const name of new Set(told.map(({ fault }) => fault))) {
          const phases = told.filter(({ fault }) => fault === name).map(({ phase }) => phase)
          expect(phases).toEqual(phases.map((_, i) => (i % 2 === 0 ? 'begins' : 'ends')))
          expect(phases.at(-1)).toBe('ends')
        }
        for (const { fault, phase, what } of told) expect(what.startsWith(`${fault} ${phase}: `)).toBe(true)
        expect(faults.words()).toEqual([])
      }),
    )
  })
})
