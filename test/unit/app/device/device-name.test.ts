import { describe, expect, it } from 'vitest'
import { deviceNameMistake } from '../../../../app/device/device-name.ts'

describe('the name of a device', () => {
  it.each(['pump', 'Pump_2', 'pump-01.left', 'console', '7'])('can be %j', (name) =>
    expect(deviceNameMistake(name)).toBeUndefined(),
  )

  it.each([
    'my device',
    '../pump',
    '-pump',
    '.pump',
    'pump.',
    'pump.ts',
    'pump.device',
    'con',
    'COM1.x',
    'a'.repeat(65),
  ])('cannot be %j', (name) => expect(deviceNameMistake(name)).toBe(`'${name}' is no name for a device`))

  it('has to be one', () => expect(deviceNameMistake('')).toBe('a device needs a name'))
})
