import { describe, expect, it } from 'vitest'
import { type KeyPress, shortcutOf } from '../../../../../renderer/features/wire/shortcuts.ts'

describe('the keys', () => {
  const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
    key,
    shiftKey: false,
    ctrlKey: false,
    altKey: false,
    metaKey: false,
    ...more,
  })
  const all = { letGo: true, deliver: true }

  it('let go, deliver one, and hold everything', () => {
    expect(shortcutOf(press('F8'), all)).toBe('let go')
    expect(shortcutOf(press('F10'), all)).toBe('deliver one')
    expect(shortcutOf(press('F8', { shiftKey: true }), { letGo: false, deliver: false })).toBe('hold everything')
  })

  it('are left to others while there is nothing to let go', () => {
    expect(shortcutOf(press('F8'), { letGo: false, deliver: false })).toBeUndefined()
    expect(shortcutOf(press('F10'), { letGo: true, deliver: false })).toBeUndefined()
  })

  it('are not those with other keys held down', () => {
    for (const other of ['ctrlKey', 'altKey', 'metaKey'] as const) {
      expect(shortcutOf(press('F8', { [other]: true }), all)).toBeUndefined()
    }
    expect(shortcutOf(press('F10', { shiftKey: true }), all)).toBeUndefined()
  })
})
