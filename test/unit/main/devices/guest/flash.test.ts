import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FlashCopy } from '../../../../../main/devices/flash-copy.ts'
import { Flash, FlashBank, flashSize } from '../../../../../main/devices/guest/flash.ts'
import type { FlashChange } from '../../../../../main/devices/messages.ts'

const empty = { revision: 0, values: new Map<string, string>() }

function set(flash: Flash, key: string, value: string) {
  return flash.answer({ type: 'set', key, value })
}

describe('the flash of a device', () => {
  it('gives back what was set last, and nothing for what was deleted', () => {
    const flash = new Flash(empty, () => {})
    expect(set(flash, 'a', '1')).toEqual({})
    set(flash, 'a', '2')
    set(flash, 'b', '[3]')
    expect(flash.answer({ type: 'get', key: 'a' })).toEqual({ value: '2' })
    expect(flash.answer({ type: 'keys' })).toEqual({ keys: ['a', 'b'] })
    expect(flash.answer({ type: 'delete', key: 'a' })).toEqual({ deleted: true })
    expect(flash.answer({ type: 'delete', key: 'a' })).toEqual({ deleted: false })
    expect(flash.answer({ type: 'get', key: 'a' })).toEqual({ value: undefined })
  })

  it('holds 64 KiB of keys and values in UTF-8, and what does not fit changes nothing', () => {
    const flash = new Flash(empty, () => {})
    // Two octets a character, and one for the key.
    expect(set(flash, 'k', 'ä'.repeat((flashSize - 2) / 2))).toEqual({})
    expect(set(flash, 'm', '')).toEqual({})
    expect(set(flash, 'n', '')).toEqual({
      refused: `does not fit: with it the flash would hold ${flashSize + 1} octets, and it has ${flashSize}`,
    })
    expect(flash.answer({ type: 'keys' })).toEqual({ keys: ['k', 'm'] })
    flash.answer({ type: 'delete', key: 'k' })
    expect(set(flash, 'n', 'x'.repeat(flashSize - 2))).toEqual({})
  })

  it('counts what it holds rightly, whatever was set and deleted before', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'bb', 'ccc'), value: fc.option(fc.string({ maxLength: 30 })) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const flash = new Flash(empty, () => {})
        for (const { key, value } of steps) {
          if (value === null) flash.answer({ type: 'delete', key })
          else set(flash, key, value)
        }
        const answer = flash.answer({ type: 'keys' })
        for (const key of answer !== undefined && 'keys' in answer ? answer.keys : [])
          flash.answer({ type: 'delete', key })
        expect(set(flash, 'k', 'x'.repeat(flashSize - 1))).toEqual({})
        expect(set(flash, 'l', '')).toHaveProperty('refused')
      }),
    )
  })

  it('does not answer what the library of a device would not ask', () => {
    const flash = new Flash(empty, () => {})
    expect(flash.answer({ type: 'format' })).toBeUndefined()
    expect(flash.answer({ type: 'set', key: 'a', value: 1 })).toBeUndefined()
    expect(flash.answer(undefined)).toBeUndefined()
  })
})

/** A bank, what it tells, and a way to wait for that. */
function createBank() {
  const told: (readonly [number, readonly FlashChange[]])[] = []
  const bank = new FlashBank((number, changes) => told.push([number, changes]))
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  return { bank, told, turn }
}

describe('the flash of all devices of a worker', () => {
  it('outlives each life of a device, and is another for each device', () => {
    const { bank } = createBank()
    set(bank.open(1, empty), 'a', '1')
    expect(bank.open(1, empty).answer({ type: 'get', key: 'a' })).toEqual({ value: '1' })
    expect(bank.open(2, empty).answer({ type: 'get', key: 'a' })).toEqual({ value: undefined })
    bank.forget(1)
    expect(bank.open(1, empty).answer({ type: 'get', key: 'a' })).toEqual({ value: undefined })
  })

  it('tells the last change of each key, once a turn', async () => {
    const { bank, told, turn } = createBank()
    const flash = bank.open(7, empty)
    for (let i = 0; i < 1000; i++) set(flash, 'a', String(i))
    set(flash, 'b', '1')
    set(flash, 'b', '1')
    flash.answer({ type: 'delete', key: 'b' })
    await turn()
    expect(told).toEqual([
      [
        7,
        [
          { revision: 1000, key: 'a', value: '999' },
          { revision: 1002, key: 'b', value: undefined },
        ],
      ],
    ])
    await turn()
    expect(told).toHaveLength(1)
  })

  it('is restored in another worker from what was told', async () => {
    const { bank, told, turn } = createBank()
    const flash = bank.open(7, empty)
    set(flash, 'a', '1')
    set(flash, 'b', '2')
    await turn()
    flash.answer({ type: 'delete', key: 'a' })
    await turn()
    const copy = new FlashCopy()
    for (const [, changes] of told) copy.apply(changes)
    const restored = createBank().bank.open(7, copy.content)
    expect(restored.answer({ type: 'keys' })).toEqual({ keys: ['b'] })
    expect(restored.revision).toBe(3)
  })

  it('believes whoever has seen more changes', async () => {
    const { bank } = createBank()
    set(bank.open(7, empty), 'a', '1')
    // What the main thread knows may be behind this thread ...
    expect(bank.open(7, empty).answer({ type: 'get', key: 'a' })).toEqual({ value: '1' })
    // ... or ahead of it, when the device was in another one meanwhile.
    const ahead = bank.open(7, { revision: 2, values: new Map([['a', '2']]) })
    expect(ahead.answer({ type: 'get', key: 'a' })).toEqual({ value: '2' })
  })
})
