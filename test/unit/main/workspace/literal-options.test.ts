import { describe, expect, it } from 'vitest'
import { literalOptions } from '../../../../main/workspace/literal-options.ts'

/** A template has `¤{` here, which is no mistake in a string of a test. */
const template = (text: string) => text.replaceAll('¤', '\u0024')

const told = (text: string) =>
  literalOptions(template(text)).map(({ end, name, start, told: all }) => {
    expect(template(text).slice(start, end).replaceAll("'", '')).toBe(name)
    return [name, all.length, all[0]?.message.slice(0, 20)]
  })

describe('an option that is written out', () => {
  it.each<[text: string, ...found: unknown[][]]>([
    ["f({ topic: 'a/#/b' })", ['topic', 2, "the topic 'a/#/b' is"]],
    [
      "f({ b, 'topic': 'a/+' }, { topic: '' })",
      ['topic', 1, "the will's topic 'a/"],
      ['topic', 2, 'the topic must not b'],
    ],
    ['f({ topic: `a/#/¤{b}` })', ['topic', 2, "the topic 'a/#/…' is"]],
    ['f({ times: 0, nth: 1.5 })', ['times', 1, 'times must be a whol'], ['nth', 1, 'nth must be a whole ']],
    ['f({ probability: -1 })', ['probability', 1, 'probability must be ']],
    [
      'f({ exactly: 0, packetId: 65536 })',
      ['exactly', 1, 'exactly must be at l'],
      ['packetId', 1, 'packetId must be a w'],
    ],
  ])('is found where what takes it would refuse it: %s', (text, ...found) => {
    expect(told(text)).toEqual(found)
  })

  it.each([
    "f({ topic: 'a/#' + b, times: 0 + n })",
    'f({ topic: `¤{a}#`, times: n, exactly: 1, probability: 1 })',
    "const topic = 'a/#/b'; f({ topic }); a ? topic : 'a/#/b'",
    "f({ topics: 'a/#/b', topic: /a/, topic() {} }) // { topic: 'a/#/b' }",
    'f({ topic:',
  ])('is left alone where it would be taken, or is not known: %s', (text) => {
    expect(told(text).filter(([, count]) => count !== 1)).toEqual([])
  })
})
