import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { Exchange, Message } from '../../../../../app/handshake/message.ts'
import type { Evidence } from '../../../../../main/scenarios/evidence.ts'
import { ExchangeIndex } from '../../../../../main/scenarios/expect/exchange-index.ts'

type Shown = Pick<Message, 'topic'> & {
  readonly publisher: string | undefined
  readonly subscribers: readonly { readonly clientId: string; readonly state: Exchange['state'] }[]
}

/** Messages as a tracker would keep them, and the index of them. */
function stage() {
  const kept = new Map<number, Message>()
  let [changed, forgotten]: [Set<number>, number[]] = [new Set(), []]
  const tracker = {
    get: (id: number) => kept.get(id),
    takeChanges: () => {
      // The newest first.
      const changes = { changed: [...changed].reverse(), forgotten }
      changed = new Set()
      forgotten = []
      return changes
    },
  }
  const put = (id: number, { publisher, subscribers, topic }: Shown) => {
    kept.set(id, {
      id,
      topic,
      publisherId: publisher,
      publisher: publisher === undefined ? undefined : { clientId: publisher },
      subscribers,
    } as unknown as Message)
    changed.delete(id)
    changed.add(id)
  }
  const forget = (id: number) => {
    if (kept.delete(id)) forgotten.push(id)
    changed.delete(id)
  }
  return { forget, index: new ExchangeIndex({ tracker } as unknown as Evidence), kept, put }
}

const ids = (messages: readonly Message[]) => messages.map(({ id }) => id)
const client = fc.constantFrom('a', 'b', 'c')
const topic = fc.constantFrom('s', 't')
const subscriber = fc.record({ clientId: client, state: fc.constantFrom('waiting', 'held', 'complete') })

const steps = fc.array(
  fc.oneof(
    fc.record({
      id: fc.integer({ min: 1, max: 8 }),
      topic,
      publisher: fc.option(client, { nil: undefined }),
      subscribers: fc.array(subscriber as fc.Arbitrary<Shown['subscribers'][number]>, { maxLength: 3 }),
    }),
    fc.record({ forget: fc.integer({ min: 1, max: 8 }) }),
    fc.constant('look' as const),
  ),
  { maxLength: 40 },
)

describe('the index of Messages', () => {
  it('finds what looking at all of them would find', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const { forget, index, kept, put } = stage()
        const gone = new Set<number>()
        for (const step of all) {
          if (step === 'look') index.refresh()
          // A number is given once.
          else if ('forget' in step) {
            forget(step.forget)
            gone.add(step.forget)
          } else if (!gone.has(step.id)) {
            const isOther = ({ clientId }: { readonly clientId: string }) =>
              step.subscribers.every((each) => each.clientId !== clientId)
            // Whoever has taken part in a Message stays in it, and its topic is the same.
            const before = kept.get(step.id)
            put(step.id, {
              topic: before?.topic ?? step.topic,
              publisher: before?.publisher?.clientId ?? step.publisher,
              subscribers: [...(before?.subscribers ?? []).filter(isOther), ...step.subscribers],
            })
          }
        }
        const messages = [...kept.values()].sort((a, b) => a.id - b.id)
        const takesPart = ({ publisher, subscribers }: Message, id: string) =>
          publisher?.clientId === id || subscribers.some(({ clientId }) => clientId === id)
        for (const id of ['a', 'b', 'c']) {
          expect(ids(index.of(id))).toEqual(ids(messages.filter((message) => takesPart(message, id))))
          const unfinished = messages.some(({ subscribers, topic: its }) =>
            subscribers.some(({ clientId, state }) => its === 't' && clientId === id && /waiting|held/.test(state)),
          )
          expect(index.isUnfinished(id, (its) => its === 't')).toBe(unfinished)
        }
        for (const its of ['s', 't']) {
          const unpublished = messages.filter((message) => message.topic === its && message.publisher === undefined)
          expect(ids(index.unpublished(its))).toEqual(ids(unpublished))
        }
      }),
    )
  })

  it('looks at nobody else when one is forgotten', () => {
    const { forget, index, put } = stage()
    for (let id = 1; id <= 500; id++) {
      put(id, { topic: 't', publisher: `pump-${id}`, subscribers: [{ clientId: `fan-${id}`, state: 'waiting' }] })
    }
    index.refresh()
    for (let id = 1; id <= 500; id++) forget(id)
    const deletions = vi.spyOn(Set.prototype, 'delete')
    index.refresh()
    const { length } = deletions.mock.calls
    deletions.mockRestore()
    expect(length).toBeLessThan(5 * 500)
    expect(index.of('pump-7')).toEqual([])
    expect(index.isUnfinished('fan-7', () => true)).toBe(false)
  })
})
