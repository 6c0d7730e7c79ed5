import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deviceIds, parseSettings } from '../../../../main/workspace/settings.ts'

describe('faultline.json', () => {
  it('may leave out everything', () => {
    expect(parseSettings('{}')).toEqual({ seed: 1 })
  })

  it('counts one device where no count is given', () => {
    expect(parseSettings('{"devices":{"valve":{"script":"valve"}}}').devices).toEqual({
      valve: { script: 'valve', count: 1 },
    })
  })

  it('is refused with a hint when it is not JSON', () => {
    expect(() => parseSettings('{ "name": ')).toThrowError(
      expect.objectContaining({ code: 'invalid-argument', message: expect.stringContaining('is not JSON') }),
    )
  })

  it('has all its mistakes named at once', () => {
    const text = '{"name":"","devices":{"a":{"script":"../a"},"b":{"script":"b","count":-1}}}'
    expect(() => parseSettings(text)).toThrowError(/name: .*devices\.a\.script: .*devices\.b\.count: /)
  })

  it('never throws anything but its own error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        try {
          parseSettings(text)
        } catch (error) {
          expect(error).toHaveProperty('code', 'invalid-argument')
        }
      }),
    )
  })
})

describe('deviceIds', () => {
  it('names a single device as its entry', () => {
    expect(deviceIds('gateway', 1)).toEqual(['gateway'])
  })

  it('numbers several from 01', () => {
    expect(deviceIds('pump', 3)).toEqual(['pump-01', 'pump-02', 'pump-03'])
  })

  it('gives as many different ids as asked, which sort in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2000 }), (count) => {
        const ids = deviceIds('d', count)
        expect(new Set(ids).size).toBe(count)
        expect([...ids].sort()).toEqual(ids)
      }),
    )
  })
})
