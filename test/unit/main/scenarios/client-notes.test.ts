import { describe, expect, it } from 'vitest'
import { ClientNotes, mostNotes } from '../../../../main/scenarios/client-notes.ts'

const none = { count: 0, from: 0, until: 0 }

describe('what was seen of clients', () => {
  it('is found by client, and in its order', () => {
    const notes = new ClientNotes<{ clientId: string; number: number }>()
    const [pump, fan, again] = [
      { clientId: 'pump', number: 2 },
      { clientId: 'fan', number: 5 },
      { clientId: 'pump', number: 9 },
    ] as const
    for (const note of [pump, fan, again]) notes.add(note)
    expect(notes.all()).toEqual([pump, fan, again])
    expect([notes.of('pump'), notes.of('fan'), notes.of('tap')]).toEqual([[pump, again], [fan], []])
    expect([notes.length, notes.forgotten, notes.forgottenOf('tap')]).toEqual([3, 0, none])
  })

  it('is the newest of one client, however often that comes, and all of the others', () => {
    const notes = new ClientNotes<{ clientId: string; number: number }>()
    notes.add({ clientId: 'calm', number: 1 })
    for (let n = 1; n <= mostNotes.ofOne + 5; n++) notes.add({ clientId: 'pump', number: 10 * n })
    expect(notes.of('pump')).toHaveLength(mostNotes.ofOne)
    expect(notes.of('pump')[0]?.number).toBe(60)
    expect(notes.forgottenOf('pump')).toEqual({ count: 5, from: 10, until: 50 })
    expect([notes.of('calm').length, notes.forgottenOf('calm')]).toEqual([1, none])
    expect([notes.length, notes.forgotten]).toEqual([mostNotes.ofOne + 1, 5])
  })

  it('is the newest of all clients where they are very many', () => {
    const notes = new ClientNotes<{ clientId: string; number: number }>()
    for (let n = 1; n <= mostNotes.ofAll + 3; n++) notes.add({ clientId: `pump-${n}`, number: n })
    expect([notes.length, notes.forgotten, notes.all()[0]?.number]).toEqual([mostNotes.ofAll, 3, 4])
    expect(notes.forgottenOf('pump-3')).toEqual({ count: 1, from: 3, until: 3 })
  })

  it('is what there is room for where each is large', () => {
    const notes = new ClientNotes<{ clientId: string; number: number }>(() => mostNotes.octets / 4)
    for (let n = 1; n <= 6; n++) notes.add({ clientId: `pump-${n}`, number: n })
    expect(notes.all().map(({ number }) => number)).toEqual([3, 4, 5, 6])
  })
})
