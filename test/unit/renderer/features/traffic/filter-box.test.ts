import { describe, expect, it } from 'vitest'
import type { Completion } from '../../../../../app/capture/filter.ts'
import { keyAction } from '../../../../../renderer/features/traffic/filter-box.tsx'

const offers: readonly Completion[] = ['publish', 'puback'].map((text) => ({ text, from: 5, to: 8, detail: '' }))
const press = (key: string, active?: number, list = offers, held = {}) =>
  keyAction({ key, ctrlKey: false, shiftKey: false, ...held }, list, active)

describe('the keys of the filter box', () => {
  it('walk round through what is offered', () => {
    expect(press('ArrowDown')).toMatchObject({ active: 0 })
    expect(press('ArrowDown', 1)).toMatchObject({ active: 0 })
    expect(press('ArrowUp')).toMatchObject({ active: 1 })
    expect(press('ArrowUp', 1)).toMatchObject({ active: 0 })
  })

  it('take what is chosen with Enter, and the first with Tab', () => {
    expect(press('Enter', 1)?.accept?.text).toBe('puback')
    expect(press('Enter')).toEqual({ open: false, active: undefined })
    expect(press('Tab')?.accept?.text).toBe('publish')
    expect(press('Tab', 1)?.accept?.text).toBe('puback')
  })

  it('leave the field where nothing is offered', () => {
    expect(press('Tab', undefined, [])).toBeUndefined()
    expect(press('Tab', 0, offers, { shiftKey: true })).toBeUndefined()
    expect(press('ArrowUp', undefined, [])).toBeUndefined()
    expect(press('Escape', undefined, [])).toBeUndefined()
    expect(press('x')).toBeUndefined()
  })

  it('open what is offered, and close it', () => {
    expect(press('ArrowDown', undefined, [])).toMatchObject({ open: true })
    expect(press(' ', undefined, [], { ctrlKey: true })).toMatchObject({ open: true })
    expect(press(' ', undefined, [])).toBeUndefined()
    expect(press('Escape')).toMatchObject({ open: false })
  })
})
