import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PacketError } from '../../../../../app/mqtt/packets.ts'
import { ClientAliases } from '../../../../../main/broker/engine/client-aliases.ts'

function codeOf(run: () => unknown): number | undefined {
  try {
    run()
  } catch (error) {
    if (error instanceof PacketError) return error.code
    throw error
  }
  return undefined
}

describe('The Topic Aliases of a connection', () => {
  it('stand for the topic with which they came last', () => {
    const aliases = new ClientAliases(2)
    expect(aliases.resolve('a', 0)).toBe('a')
    expect(aliases.resolve('a', 1)).toBe('a')
    expect(aliases.resolve('', 1)).toBe('a')
    expect(aliases.resolve('b', 1)).toBe('b')
    expect(aliases.resolve('', 1)).toBe('b')
  })

  it('are refused over the maximum, and where they were never set', () => {
    const aliases = new ClientAliases(2)
    expect(codeOf(() => aliases.resolve('a', 3))).toBe(0x94)
    expect(codeOf(() => aliases.resolve('', 2))).toBe(0x82)
    expect(codeOf(() => new ClientAliases(0).resolve('a', 1))).toBe(0x94)
  })

  it('to the client are never more than it allows, and always mean one topic', () => {
    fc.assert(
      fc.property(
        fc.nat(3),
        fc.array(fc.constantFrom('aaaa', 'bbbb', 'cccc', 'dddd', 'eeee', 'f')),
        (allowed, topics) => {
          const aliases = new ClientAliases(0)
          aliases.clientAllows(allowed)
          const known = new Map<number, string>()
          for (const topic of topics) {
            const alias = aliases.forTopic(topic)
            expect(Math.abs(alias)).toBeLessThanOrEqual(allowed)
            if (alias < 0) expect(known.get(-alias)).toBe(topic)
            else if (alias > 0) {
              expect(known.has(alias)).toBe(false)
              known.set(alias, topic)
            }
          }
        },
      ),
    )
  })

  it('are given again where the packet that was to set them was not sent', () => {
    const aliases = new ClientAliases(0)
    aliases.clientAllows(1)
    expect(aliases.forTopic('plant')).toBe(1)
    aliases.forget('plant')
    expect(aliases.forTopic('meter')).toBe(1)
    expect(aliases.forTopic('meter')).toBe(-1)
    expect(aliases.forTopic('plant')).toBe(0)
  })

  it('are none for a topic that is no longer than an alias', () => {
    const aliases = new ClientAliases(0)
    aliases.clientAllows(9)
    expect(['a', 'ab', 'abc', 'abcd', '日本'].map((topic) => aliases.forTopic(topic))).toEqual([0, 0, 0, 1, 2])
  })
})
