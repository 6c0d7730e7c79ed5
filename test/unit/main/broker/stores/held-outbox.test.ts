import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OutboxClient } from '../../../../../main/broker/engine/outbox.ts'
import { GroupCommit, joinBatches } from '../../../../../main/broker/stores/group-commit.ts'
import { HeldOutbox } from '../../../../../main/broker/stores/held-outbox.ts'
import type { Batch, BucketChanges, Store } from '../../../../../main/broker/stores/store.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'

/** A disk that writes when it is told. */
class Disk implements Store {
  readonly name = 'the disk'
  /** Of each batch, `bucket key=value`, `bucket key` deleted, `bucket!` dropped. */
  readonly batches: string[][] = []
  #settle: { done(): void; fail(error: Error): void } | undefined

  get isBusy(): boolean {
    return this.#settle !== undefined
  }

  async load(): Promise<void> {}
  async close(): Promise<void> {}

  write(batch: Batch): Promise<void> {
    if (this.isBusy) throw new Error('two batches at a time')
    this.batches.push(describeBatch(batch))
    return new Promise((resolve, reject) => {
      this.#settle = { done: resolve, fail: reject }
    })
  }

  async done(): Promise<void> {
    this.#take().done()
    await turn()
  }

  async fail(): Promise<void> {
    this.#take().fail(new Error('no space'))
    await turn()
  }

  #take() {
    const settle = this.#settle
    if (settle === undefined) throw new Error('nothing is being written')
    this.#settle = undefined
    return settle
  }
}

function describeBatch(batch: Batch): string[] {
  return [...batch].flatMap(([bucket, { changes, isDropped }]) => [
    ...(isDropped ? [`${bucket}!`] : []),
    ...[...changes].map(([key, value]) => (value === undefined ? `${bucket} ${key}` : `${bucket} ${key}=${value}`)),
  ])
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

function setUp() {
  const disk = new Disk()
  const clock = new FakeClock()
  const problems: string[] = []
  const commit = new GroupCommit(disk, clock, (error) => problems.push(error.message))
  const outbox = new HeldOutbox(commit)
  const sent: string[] = []
  const client: OutboxClient = {
    writeNow: (octets) => void sent.push(String(octets[0])),
    hangUp: (reason) => void sent.push(reason),
  }
  /** As a client does it. */
  const write = (number: number) => {
    if (outbox.isOpen) client.writeNow(Uint8Array.of(number))
    else outbox.write(client, Uint8Array.of(number), undefined)
  }
  const put = (key: string, value = 1) => commit.put('b', key, Uint8Array.of(value))
  return { disk, clock, problems, commit, outbox, sent, client, write, put }
}

describe('a group commit', () => {
  it('says when what was put so far is written, whatever is put meanwhile', async () => {
    const { disk, clock, commit } = setUp()
    let isSettled = false
    commit.put('a', '1', Buffer.from('x'))
    await turn()
    commit.put('a', '2', Buffer.from('x'))
    void commit.settled().then(() => {
      isSettled = true
    })
    await disk.done()
    commit.put('a', '3', Buffer.from('x'))
    expect(isSettled).toBe(false)
    await disk.fail()
    clock.advance(1000)
    await turn()
    expect(disk.batches.at(-1)).toEqual(['a 2=x', 'a 3=x'])
    expect(isSettled).toBe(false)
    await disk.done()
    expect(isSettled).toBe(true)
  })
})

describe('the outbox of a broker with a store', () => {
  it('lets packets go directly while nothing waits to be written', () => {
    const { disk, sent, write } = setUp()
    write(1)
    expect(sent).toEqual(['1'])
    expect(disk.batches).toEqual([])
  })

  it('holds what may rest on a batch until that batch is written, and keeps the order', async () => {
    const { disk, outbox, client, sent, write, put } = setUp()
    put('a')
    write(1)
    put('b')
    write(2)
    await turn()
    expect(disk.batches).toEqual([['b a=1', 'b b=1']])
    // Rests on what is being written; the next two on what is not yet.
    write(3)
    put('c')
    write(4)
    outbox.end(client, 'bye')
    expect(sent).toEqual([])
    await disk.done()
    expect(sent).toEqual(['1', '2', '3'])
    expect(disk.batches[1]).toEqual(['b c=1'])
    await disk.done()
    expect(sent).toEqual(['1', '2', '3', '4', 'bye'])
    write(5)
    expect(sent.at(-1)).toBe('5')
  })

  it('puts all of one turn into one batch, and only the last of each key', async () => {
    const { commit, disk, put } = setUp()
    put('a', 1)
    put('a', 2)
    put('b', 1)
    commit.delete('b', 'b')
    put('c', 1)
    commit.drop('b')
    put('d', 4)
    commit.put('other', 'a', Uint8Array.of(9))
    await turn()
    expect(disk.batches).toEqual([['b!', 'b d=4', 'other a=9']])
  })

  it('lets nothing overtake while it lets go, also what clients answer at once', async () => {
    const { disk, outbox, sent, put, write, commit } = setUp()
    const eager: OutboxClient = {
      writeNow: (octets) => {
        sent.push(`eager ${octets[0]}`)
        if (octets[0] === 1) write(7)
        else put('again')
        write(8)
      },
      hangUp: () => {},
    }
    put('a')
    outbox.write(eager, Uint8Array.of(1), undefined)
    outbox.write(eager, Uint8Array.of(2), undefined)
    await turn()
    await disk.done()
    // The first 8 rests on nothing new; the second on what was put while things went out.
    expect(sent).toEqual(['eager 1', 'eager 2', '7', '8'])
    await disk.done()
    expect(sent).toEqual(['eager 1', 'eager 2', '7', '8', '8'])
    expect(commit.isGathering || commit.isWriting).toBe(false)
  })

  it('tries again what could not be written, with what came after, and lets nothing go before', async () => {
    const { clock, disk, problems, sent, put, write } = setUp()
    put('a', 1)
    put('b', 1)
    write(1)
    await turn()
    put('a', 2)
    write(2)
    await disk.fail()
    write(3)
    expect(disk.isBusy).toBe(false)
    clock.advance(1000)
    expect(disk.batches[1]).toEqual(['b a=2', 'b b=1'])
    await disk.fail()
    clock.advance(1000)
    expect(problems).toEqual([expect.stringMatching(/the disk cannot be written: no space/)])
    expect(sent).toEqual([])
    await disk.done()
    expect(sent).toEqual(['1', '2', '3'])
  })

  it('gives up at the end: who waits is hung up on, and nothing is acknowledged', async () => {
    const { commit, disk, outbox, client, sent, put, write } = setUp()
    put('a')
    write(1)
    outbox.end(client, 'bye')
    await turn()
    commit.stop()
    await disk.fail()
    await commit.flush()
    expect(sent).toEqual(['bye'])
    put('b')
    write(2)
    outbox.end(client, 'bye again')
    expect(sent).toEqual(['bye', 'bye again'])
  })

  it('flushes: what was put is written when it settles', async () => {
    const { commit, disk, put } = setUp()
    put('a')
    await turn()
    put('b')
    const flushed = commit.flush().then(() => disk.batches.length)
    await disk.done()
    await disk.done()
    expect(await flushed).toBe(2)
  })
})

describe('joinBatches', () => {
  const value = fc.option(fc.uint8Array({ maxLength: 2 }), { nil: undefined })
  const changes = fc
    .record({
      isDropped: fc.boolean(),
      changes: fc.uniqueArray(fc.tuple(fc.constantFrom('x', 'y', 'z'), value), { selector: ([key]) => key }),
    })
    .map((made): BucketChanges => ({ isDropped: made.isDropped, changes: new Map(made.changes) }))
  const batch = fc
    .uniqueArray(fc.tuple(fc.constantFrom('a', 'b'), changes), { selector: ([name]) => name })
    .map((entries): Batch => new Map(entries))

  it('makes one batch that does what the two do one after the other', () => {
    fc.assert(
      fc.property(batch, batch, batch, (before, first, second) => {
        const stepwise = new Map<string, Uint8Array>()
        for (const each of [before, first, second]) apply(stepwise, each)
        const atOnce = new Map<string, Uint8Array>()
        for (const each of [before, joinBatches(first, second)]) apply(atOnce, each)
        expect(new Map([...atOnce].sort())).toEqual(new Map([...stepwise].sort()))
      }),
    )
  })

  function apply(content: Map<string, Uint8Array>, batch: Batch): void {
    for (const [bucket, { changes, isDropped }] of batch) {
      if (isDropped) for (const key of [...content.keys()]) if (key.startsWith(bucket)) content.delete(key)
      for (const [key, value] of changes) {
        if (value === undefined) content.delete(bucket + key)
        else content.set(bucket + key, value)
      }
    }
  }
})
