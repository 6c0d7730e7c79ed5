import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ClientMemories, ClientMemory, type MemoryChange } from '../../../../../main/devices/guest/client-memory.ts'
import { CopyRoom, MemoryCopy } from '../../../../../main/devices/memory-copy.ts'

const untold = () => {}

function message(text: string) {
  return { topic: 't', payload: Buffer.from(text), qos: 1, retain: false } as const
}

/** In the order of the memory, as text. */
function shown({ incoming, outgoing, waiting }: Pick<ClientMemory, 'incoming' | 'outgoing' | 'waiting'>) {
  return JSON.stringify([
    [...outgoing].map(([key, kept]) => [key, kept.type, kept.type === 'PUBLISH' && [...kept.message.payload]]),
    [...incoming].map(([key, packet]) => [key, packet.cmd === 'publish' && [...Buffer.from(packet.payload)]]),
    [...waiting].map(([key, { payload }]) => [key, [...payload]]),
  ])
}

describe('what clients keep in flash', () => {
  it('is there in the next life of the same device, and of no other', () => {
    const memories = new ClientMemories(untold)
    memories.open(1, 'flash').outgoing.set(7, { type: 'PUBREL', packetId: 7 })
    expect([...memories.open(1, 'flash').outgoing.keys()]).toEqual([7])
    expect(memories.open(2, 'flash').outgoing.size).toBe(0)
  })

  it.each([
    ['a life that keeps it in RAM', (memories: ClientMemories) => void memories.open(1, 'ram')],
    ['the end of the device', (memories: ClientMemories) => memories.forget(1)],
  ])('does not outlive %s', (_what, end) => {
    const memories = new ClientMemories(untold)
    memories.open(1, 'flash').outgoing.set(7, { type: 'PUBREL', packetId: 7 })
    end(memories)
    expect(memories.open(1, 'flash').outgoing.size).toBe(0)
  })

  it('is told before the thread turns to anything else, and of RAM nothing is', async () => {
    const told: [number, readonly MemoryChange[]][] = []
    const memories = new ClientMemories((number, changes) => told.push([number, changes]))
    memories.open(1, 'ram').outgoing.set(1, { type: 'PUBREL', packetId: 1 })
    const memory = memories.open(2, 'flash')
    memory.waiting.set(1, message('a'))
    memory.waiting.delete(1)
    memory.outgoing.set(5, { type: 'PUBLISH', packetId: 5, message: message('a') })
    await Promise.resolve()
    expect(told.map(([number, changes]) => [number, changes.map(({ part, key }) => [part, key])])).toEqual([
      [2, [['outgoing', 5]]],
    ])
  })

  it('crosses to another thread without the octets around it', () => {
    const memory = new ClientMemory()
    memory.waiting.set(1, { ...message(''), payload: Buffer.alloc(4096).subarray(10, 13) })
    const [change] = memory.takeChanges()
    const value = change?.part === 'waiting' ? change.kept?.value : undefined
    expect(value?.payload.buffer.byteLength).toBe(3)
  })
})

/** What a client does with its memory, in short: a part, a key, a value or none, and whether all is told then. */
const step = fc.record({
  part: fc.constantFrom('outgoing', 'incoming', 'waiting'),
  key: fc.integer({ min: 1, max: 4 }),
  text: fc.option(fc.string({ maxLength: 3 }), { nil: undefined }),
  isReleased: fc.boolean(),
  isTold: fc.boolean(),
})

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

function make(memory: ClientMemory, { isReleased, key, part, text }: Step): void {
  if (text === undefined) memory[part].delete(key)
  else if (part === 'waiting') memory.waiting.set(key, message(text))
  else if (part === 'outgoing') {
    memory.outgoing.set(
      key,
      isReleased ? { type: 'PUBREL', packetId: key } : { type: 'PUBLISH', packetId: key, message: message(text) },
    )
  } else {
    const about = { dup: false, retain: false, qos: 2, messageId: key } as const
    memory.incoming.set(key, { cmd: 'publish', topic: 't', payload: Buffer.from(text), ...about })
  }
}

describe('the copy of what a client keeps in flash', () => {
  it('is the same, in the same order, whatever the client has done', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const memory = new ClientMemory()
        const copy = new MemoryCopy(new CopyRoom())
        for (const one of steps) {
          make(memory, one)
          if (one.isTold) copy.apply(structuredClone(memory.takeChanges()))
        }
        copy.apply(structuredClone(memory.takeChanges()))
        copy.need()
        const next = new ClientMemory()
        const kept = copy.takeNeeded()
        if (kept !== undefined) next.restore(structuredClone(kept))
        expect(shown(next)).toBe(shown(memory))
        // What it was given it does not tell again; what it does with that goes on in the copy.
        expect(next.takeChanges()).toEqual([])
      }),
    )
  })

  it('is given to one worker, and to the next only when that is gone as well', () => {
    const memory = new ClientMemory()
    const copy = new MemoryCopy(new CopyRoom())
    memory.outgoing.set(1, { type: 'PUBREL', packetId: 1 })
    copy.apply(memory.takeChanges())
    expect(copy.takeNeeded()).toBeUndefined()
    copy.need()
    expect(copy.takeNeeded()?.outgoing.size).toBe(1)
    expect(copy.takeNeeded()).toBeUndefined()
  })

  it('leaves out what does not fit, counts it, and has room again for what comes later', () => {
    const room = new CopyRoom(1000)
    const copy = new MemoryCopy(room)
    const memory = new ClientMemory()
    const put = (key: number, octets: number) => memory.waiting.set(key, message('x'.repeat(octets)))
    put(1, 500)
    put(2, 500)
    copy.apply(memory.takeChanges())
    expect(copy.leftOut).toBe(1)
    memory.waiting.delete(2)
    copy.apply(memory.takeChanges())
    expect(copy.leftOut).toBe(0)
    put(3, 700)
    memory.waiting.delete(1)
    put(4, 500)
    copy.apply(memory.takeChanges())
    copy.need()
    expect(copy.leftOut).toBe(1)
    expect([...(copy.takeNeeded()?.waiting.keys() ?? [])]).toEqual([4])
    copy.dispose()
    expect(room.take(1000)).toBe(true)
  })
})
