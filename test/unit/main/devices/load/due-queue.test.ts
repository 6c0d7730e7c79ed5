import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DueQueue } from '../../../../../main/devices/load/due-queue.ts'

describe('DueQueue', () => {
  it('gives what is due by then, the earliest first, and what is due together in the order of adding', () => {
    const command = fc.oneof(fc.record({ add: fc.nat(50) }), fc.record({ take: fc.nat(60) }))
    fc.assert(
      fc.property(fc.array(command, { maxLength: 200 }), (commands) => {
        const queue = new DueQueue<number>()
        let model: { due: number; item: number }[] = []
        commands.forEach((step, item) => {
          if ('add' in step) {
            queue.add(step.add, item)
            model = [...model, { due: step.add, item }].sort((a, b) => a.due - b.due)
          } else {
            const [first] = model
            const expected = first !== undefined && first.due <= step.take ? first.item : undefined
            expect(queue.take(step.take)).toBe(expected)
            if (expected !== undefined) model = model.slice(1)
          }
          expect(queue.size).toBe(model.length)
          expect(queue.next).toBe(model[0]?.due)
        })
      }),
    )
  })
})
