import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TopicAliases } from '../../../../../main/devices/guest/topic-aliases.ts'

interface Step {
  readonly topic: string
  readonly asked: number | undefined
}

/** The receiving side of an alias [MQTT 5 §3.3.2.3.4]; gives the topic that a PUBLISH is for. */
function receiver(most: number) {
  const topics = new Map<number, string>()
  return ({ topic, alias }: { topic: string; alias: number | undefined }): string | undefined => {
    if (alias === undefined) return topic
    if (alias < 1 || alias > most) return undefined
    if (topic !== '') topics.set(alias, topic)
    return topics.get(alias)
  }
}

const topic = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')

describe('Topic Aliases', () => {
  it('never let a message go to another topic, whatever is asked for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4 }),
        fc.boolean(),
        fc.array(fc.record({ topic, asked: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined, freq: 3 }) })),
        (most, automatic, steps: Step[]) => {
          const aliases = new TopicAliases(automatic)
          aliases.reset(most)
          const receive = receiver(most)
          for (const step of steps) {
            const asked = step.asked !== undefined && step.asked <= most ? step.asked : undefined
            expect(receive(aliases.name(step.topic, asked))).toBe(step.topic)
            if (asked !== undefined) expect(aliases.topicOf(asked)).toBe(step.topic)
          }
        },
      ),
    )
  })

  it('give each of as many topics as there are aliases its own, and its name goes out once', () => {
    const aliases = new TopicAliases(true)
    aliases.reset(3)
    const named = () => ['a', 'b', 'c'].map((topic) => aliases.name(topic, undefined))
    expect(named()).toEqual([
      { topic: 'a', alias: 1 },
      { topic: 'b', alias: 2 },
      { topic: 'c', alias: 3 },
    ])
    expect(named().map(({ topic }) => topic)).toEqual(['', '', ''])
  })

  it('begin anew with each connection', () => {
    const aliases = new TopicAliases(true)
    aliases.reset(1)
    aliases.name('a', undefined)
    aliases.reset(1)
    expect(aliases.name('a', undefined)).toEqual({ topic: 'a', alias: 1 })
  })

  it('forget what was not sent', () => {
    const aliases = new TopicAliases(true)
    aliases.reset(1)
    aliases.forget(aliases.name('a', undefined).alias)
    expect(aliases.name('a', undefined).topic).toBe('a')
  })
})
