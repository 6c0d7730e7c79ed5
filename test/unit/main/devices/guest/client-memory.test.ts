import { describe, expect, it } from 'vitest'
import { ClientMemories } from '../../../../../main/devices/guest/client-memory.ts'

describe('what clients keep in flash', () => {
  it('is there in the next life of the same device, and of no other', () => {
    const memories = new ClientMemories()
    memories.open(1, 'flash').outgoing.set(7, { type: 'PUBREL', packetId: 7 })
    expect([...memories.open(1, 'flash').outgoing.keys()]).toEqual([7])
    expect(memories.open(2, 'flash').outgoing.size).toBe(0)
  })

  it.each([
    ['a life that keeps it in RAM', (memories: ClientMemories) => void memories.open(1, 'ram')],
    ['the end of the device', (memories: ClientMemories) => memories.forget(1)],
  ])('does not outlive %s', (_what, end) => {
    const memories = new ClientMemories()
    memories.open(1, 'flash').outgoing.set(7, { type: 'PUBREL', packetId: 7 })
    end(memories)
    expect(memories.open(1, 'flash').outgoing.size).toBe(0)
  })
})
