import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deviceId, deviceIds } from '../../../../app/device/device-id.ts'
import { parseSettings } from '../../../../main/workspace/settings.ts'

describe('faultline.json', () => {
  it('may leave out everything', () => {
    expect(parseSettings('{}')).toEqual({ seed: 1 })
  })

  it('counts one device where no count is given', () => {
    expect(parseSettings('{"devices":{"valve":{"script":"valve"}}}').devices).toEqual({
      valve: { script: 'valve', count: 1, stagger: 0, ramp: 0 },
    })
  })

  it('is refused with a hint when it is not JSON', () => {
    expect(() => parseSettings('{ "name": ')).toThrowError(
      expect.objectContaining({ code: 'invalid-argument', message: expect.stringContaining('is not JSON') }),
    )
  })

  it.each([
    ['name with the longest number', (name: string) => ({ [name.slice('-100000'.length)]: { script: 'p' } }), 65_535],
    ['script', (script: string) => ({ p: { script } }), 65_535],
  ])('takes a %s of as many octets as MQTT can carry, and no more', (_what, devices, most) => {
    const text = (length: number) => JSON.stringify({ devices: devices('n'.repeat(length)) })
    expect(() => parseSettings(text(most))).not.toThrow()
    expect(() => parseSettings(text(most + 1))).toThrowError(/is longer than the 65,535 octets that a text in MQTT/)
  })

  it('has all its mistakes named at once', () => {
    const text = '{"name":"","devices":{"a":{"script":"../a"},"b":{"script":"b","count":-1}}}'
    expect(() => parseSettings(text)).toThrowError(/name must .*devices\.a\.script must .*devices\.b\.count must /)
  })

  it.each([
    [
      '{"sed":1}',
      'the file has no "sed"; did you mean "seed"? the keys are "name", "seed", "target", "broker", "devices"',
    ],
    [
      '{"devices":{"p":{"script":"p","cuont":1,"colour":2}}}',
      'devices.p has no "cuont"; did you mean "count"? the keys are "script", "count", "target", "stagger", "ramp"; devices.p has no "colour"; the keys are',
    ],
    ['{"devices":{"p":{}}}', 'devices.p needs a "script"'],
    ['{"devices":{"p":"pump"}}', 'devices.p must be an object such as { "script": "pump", "count": 3 }, not \'pump\''],
    ['{"devices":[{"script":"p"}]}', 'devices must not be a list'],
    ['[]', 'the file must not be a list'],
    ['{"devices":{"p":{"script":"p.device.ts/"}}}', 'devices.p.script must be the name of a script without folder'],
    [
      '{"devices":{"p":{"script":"p","count":1.5}}}',
      'devices.p.count must be a whole number from 0 to 100000, not 1.5',
    ],
    [
      '{"devices":{"p":{"script":"p","ramp":"5"}}}',
      'devices.p.ramp must be a length of time, a number of milliseconds',
    ],
    ['{"devices":{"a b":{"script":"p"}}}', 'devices."a b": a name has letters, digits'],
    ['{"target":{"ur":"mqtt://a"}}', 'target needs a "url": "mqtt://..."; target has no "ur"; did you mean "url"?'],
    ['{"target":5}', 'target must be a URL such as mqtt://broker.example:1883, or an object with a "url", not 5'],
    ['{"target":{"url":"mqtt://a","insecure":"yes"}}', "target.insecure must be true or false, not 'yes'"],
  ])('has its mistakes named in words: %s', (text, message) => {
    expect(() => parseSettings(text)).toThrow(message)
  })

  it('says where it stops being JSON', () => {
    expect(() => parseSettings('{\n  "seed": 1,\n}')).toThrow('faultline.json: it is not JSON from line 3, column 1 on')
    expect(() => parseSettings('{ "seed": 1')).toThrow('faultline.json: it is not JSON: it ends too early')
  })

  it('names a target for all devices, or for those of an entry, by its URL or in full', () => {
    const own = { url: 'wss://b.example/mqtt', ca: 'ca.crt', certificate: 'pump' }
    const settings = parseSettings(
      JSON.stringify({ target: 'mqtt://b.example', devices: { pump: { script: 'pump', target: own } } }),
    )
    expect(settings.target).toBe('mqtt://b.example')
    expect(settings.devices?.['pump']?.target).toEqual({ ...own, insecure: false })
  })

  it('is refused with a target that is none, or has a password, or a certificate from elsewhere', () => {
    const refused = (target: unknown) => () => parseSettings(JSON.stringify({ target }))
    expect(refused('http://b')).toThrow('a target is a URL such as mqtt://broker.example:1883')
    expect(refused({ url: 'mqtt://b:0' })).toThrow('0 is not the port of a target')
    expect(refused('mqtt://ann:secret@b')).toThrow('a target has no user and password')
    expect(refused({ url: 'mqtts://b', certificate: '../pump' })).toThrow('faultline.json: target')
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

describe('deviceId', () => {
  it('puts the number where the name has {n}, also for a single one', () => {
    expect(deviceIds('site-{n}-pump', 3)).toEqual(['site-1-pump', 'site-2-pump', 'site-3-pump'])
    expect(deviceIds('{n}/{n}', 1)).toEqual(['1/1'])
  })

  it('goes on from the ids that there are when there are more than the entry says', () => {
    expect([1, 2, 10].map((n) => deviceId('gateway', 1, n))).toEqual(['gateway', 'gateway-02', 'gateway-10'])
    expect([1, 3, 1000].map((n) => deviceId('pump', 3, n))).toEqual(['pump-01', 'pump-03', 'pump-1000'])
    expect([1, 1000].map((n) => deviceId('m', 1000, n))).toEqual(['m-0001', 'm-1000'])
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
