import { describe, expect, it } from 'vitest'
import { ReplayNotes } from '../../../../app/scenario/replay-notes.ts'

describe('the notes of a replay', () => {
  it('say who has cut a connection then, so that no name stands there alone', () => {
    const notes = new ReplayNotes()
    notes.cut('pump', 'you')
    notes.cut('meter', undefined)
    expect(notes.list()).toEqual(['cut by a fault then, and by the client itself now: pump (by you), meter'])
  })
})
