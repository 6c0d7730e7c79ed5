import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkTopicFilter, checkTopicName, utf8Length } from '../../../../app/script-api/topics.ts'

describe('a topic name', () => {
  it.each(['a', '/', 'a/b', ' ', 'plant/größe/温度', '$SYS/x', 'x'.repeat(65_535)])('may be %j', (topic) => {
    expect(checkTopicName(topic, 'the topic')).toBe(topic)
  })

  it.each([
    ['', 'must not be empty'],
    ['a/+', 'has a wildcard'],
    ['a#', 'has a wildcard'],
    ['a\u0000', 'U+0000'],
    ['a\ud800', 'half of a surrogate pair'],
    ['x'.repeat(65_536), 'not be longer than 65535 octets'],
    ['ü'.repeat(32_768), 'not be longer than 65535 octets'],
    [7, 'must be text, not 7'],
  ])('may not be %j', (topic, message) => {
    expect(() => checkTopicName(topic, 'the topic')).toThrow(message)
  })
})

describe('a topic filter', () => {
  it.each(['#', '+', '+/+', 'a/#', 'a/+/b', '/+', '+/#', 'a//b'])('may be %j', (filter) => {
    expect(checkTopicFilter(filter, 'the filter')).toBe(filter)
  })

  it.each(['', 'a#', 'a/#/b', '#/', 'a+', '+a', 'a/b+/c', '##', '++'])('may not be %j', (filter) => {
    expect(() => checkTopicFilter(filter, 'the filter')).toThrow('the filter')
  })
})

describe('the length of a text as UTF-8', () => {
  it('is what an encoder needs', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length)
      }),
    )
  })
})
