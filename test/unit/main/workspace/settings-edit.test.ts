import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withDeviceEntry } from '../../../../main/workspace/settings-edit.ts'

describe('an entry that is added to faultline.json', () => {
  it('stands on a line of its own, as its neighbours do', () => {
    const text = '{\n  "seed": 1,\n  "devices": {\n    "a": { "script": "a" }\n  }\n}\n'
    expect(withDeviceEntry(text, 'b', { script: 'b' })).toBe(
      '{\n  "seed": 1,\n  "devices": {\n    "a": { "script": "a" },\n    "b": { "script": "b" }\n  }\n}\n',
    )
  })

  it('keeps tabs, line breaks of Windows and whatever follows', () => {
    const text = '{\r\n\t"devices": {\r\n\t\t"a": { "script": "a" }\r\n\t},\r\n\t"seed":   1\r\n}'
    expect(withDeviceEntry(text, 'b', { script: 'b' })).toBe(
      '{\r\n\t"devices": {\r\n\t\t"a": { "script": "a" },\r\n\t\t"b": { "script": "b" }\r\n\t},\r\n\t"seed":   1\r\n}',
    )
  })

  it('stands in the same line where all of them do', () => {
    expect(withDeviceEntry('{"devices":{"a":{"script":"a"}}}', 'b', { script: 'b' })).toBe(
      '{"devices":{"a":{"script":"a"}, "b": { "script": "b" }}}',
    )
  })

  it('is the first one of a list that was empty', () => {
    expect(withDeviceEntry('{\n    "devices": {}\n}', 'b', { script: 'b' })).toBe(
      '{\n    "devices": {\n        "b": { "script": "b" }\n    }\n}',
    )
    expect(withDeviceEntry('{"devices": { }}', 'b', { script: 'b' })).toBe('{"devices": { "b": { "script": "b" } }}')
  })

  it('is not put among things that only look like the devices', () => {
    const text =
      '{ "name": "x \\" \\"devices\\": {", "target": { "devices": {} }, "devices": { "[{": { "script": "a" } } }'
    expect(JSON.parse(withDeviceEntry(text, 'b', { script: 'b' }))).toEqual({
      name: 'x " "devices": {',
      target: { devices: {} },
      devices: { '[{': { script: 'a' }, b: { script: 'b' } },
    })
  })

  it('is all that changes in any JSON, however it is written', () => {
    const json = fc.jsonValue({ maxDepth: 3 })
    const members = fc.dictionary(fc.string(), json, { maxKeys: 4 })
    const spaces = fc.oneof(fc.constant(undefined), fc.integer({ min: 1, max: 8 }), fc.constant('\t'))
    fc.assert(
      fc.property(members, members, members, spaces, fc.boolean(), (before, devices, after, space, windows) => {
        fc.pre(
          !Object.hasOwn(devices, 'new one') && ![before, devices, after].some((it) => Object.hasOwn(it, '__proto__')),
        )
        const { devices: _, ...rest } = after
        const value = { ...before, devices, ...rest }
        const text = JSON.stringify(value, null, space).replaceAll('\n', windows ? '\r\n' : '\n')
        const edited = withDeviceEntry(text, 'new one', { script: 's' })
        // As it is read, for JSON has no -0.
        const read = JSON.parse(text)
        expect(JSON.parse(edited)).toEqual({ ...read, devices: { ...read.devices, 'new one': { script: 's' } } })
        // Nothing but what was put in, and what an empty object had between its brackets.
        const added = edited.length - text.length
        const common = [...text].findIndex((character, i) => edited[i] !== character)
        const head = common < 0 ? text.length : common
        expect(edited.slice(head + added)).toBe(text.slice(head))
      }),
    )
  })
})
