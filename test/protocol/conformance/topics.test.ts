import { describe, expect } from 'vitest'
import { rule } from '../../helpers/conformance.ts'

/** Filters, what they match and what they do not. `T` is the topic of the test. */
const table: readonly (readonly [filter: string, matches: readonly string[], others: readonly string[]])[] = [
  ['T', ['T'], ['T/', '/T', 't', 'T/a']],
  ['T/a', ['T/a'], ['T', 'T/A', 'T/a/', 'T//a', 'T/ab']],
  ['T/#', ['T', 'T/', 'T/a', 'T/a/b', 'T//', 'T/a/b/c/d/e'], ['Ta', '/T', '/T/a']],
  ['T/a/#', ['T/a', 'T/a/', 'T/a/b'], ['T', 'T/', 'T/ab', 'T//a']],
  ['T/+', ['T/a', 'T/', 'T/b c'], ['T', 'T/a/b', 'T//']],
  ['T/+/b', ['T/a/b', 'T//b'], ['T/b', 'T/a/a/b', 'T/a/b/']],
  ['T/+/#', ['T/a', 'T/a/b', 'T/', 'T//'], ['T', 'Ta/b']],
  ['T/+/+', ['T/a/b', 'T//', 'T/a/'], ['T/a', 'T/a/b/c']],
  ['T/', ['T/'], ['T', 'T//', 'T/a']],
  ['/T', ['/T'], ['T', '//T', '/T/']],
  ['/T/#', ['/T', '/T/a'], ['T/a', 'T']],
  ['/+/T', ['/a/T', '//T'], ['a/T', '/T', 'a/b/T']],
  ['+/T', ['a/T', '/T'], ['T', 'a/b/T', '//T']],
  ['+/+/T', ['a/b/T', '//T', '/a/T'], ['a/T', '/T']],
  ['+/T/#', ['a/T', '/T', 'a/T/b/c', '/T/'], ['T', 'T/T2', 'a/b/T']],
  ['T//a', ['T//a'], ['T/a', 'T/x/a', 'T///a']],
  ['T/$x', ['T/$x'], ['T/x', 'T/$X']],
  ['T/+/$x', ['T/$/$x', 'T/a/$x'], ['T/$x']],
  ['T/a b', ['T/a b'], ['T/a', 'T/ab', 'T/a%20b']],
  ['T/\u{1f600}/+', ['T/\u{1f600}/a'], ['T/\u{1f601}/a']],
]

const asTopic = (pattern: string, mark: string) => pattern.replaceAll('T', mark)

describe('a Topic Filter', () => {
  for (const [filter, matches, others] of table) {
    rule(
      { v31: '§A', v311: '4.7.1-2 4.7.1-3 4.7.3-4 3.3.2-3', v5: '4.7.1-1 4.7.1-2 4.7.3-4 3.3.2-3' },
      `${filter} matches ${matches.join(' ')} and not ${others.join(' ')}`,
      async (trial) => {
        const mark = trial.name('T0').replaceAll('T', 'Q')
        const [publisher, subscriber] = [await trial.connect(), await trial.connect()]
        expect((await subscriber.subscribe([[asTopic(filter, mark), 0]])).codes).toEqual([0])
        const topics = [...matches, ...others].map((pattern) => asTopic(pattern, mark))
        for (const topic of topics) await publisher.publish(topic, topic)
        await subscriber.fence(publisher)
        const came = subscriber.unread.splice(0).map(({ topic, text }) => [topic, text])
        const wanted = matches.map((pattern) => asTopic(pattern, mark))
        expect(came).toEqual(wanted.map((topic) => [topic, topic]))
      },
    )
  }

  rule(
    { v31: '§A', v311: '4.7.2-1', v5: '4.7.2-1' },
    'that starts with a wildcard matches no $ topic',
    async (trial) => {
      const mark = trial.name()
      const subscriber = await trial.connect()
      await subscriber.subscribe([
        ['#', 0],
        ['+/#', 0],
        [`+/${mark}`, 0],
        [`+/${mark}/#`, 0],
        ['+', 0],
      ])
      const publisher = await trial.connect()
      // A Server need not take such topics, but its connection to this client must not be what tells.
      await publisher.publish(`$${mark}`, 'unwanted').catch(() => undefined)
      const other = await trial.connect()
      await other.publish(`$x/${mark}`, 'unwanted').catch(() => undefined)
      const last = await trial.connect()
      await last.publish(`x/${mark}`, 'wanted')
      await subscriber.fence(last)
      const came = subscriber.unread.splice(0).filter(({ topic }) => topic.includes(mark))
      expect(came.length).toBeGreaterThan(0)
      expect(new Set(came.map(({ topic, text }) => `${topic} ${text}`))).toEqual(new Set([`x/${mark} wanted`]))
      expect(came.every(({ topic }) => !topic.startsWith('$'))).toBe(true)
    },
  )

  rule({ v311: '4.7.2-1', v5: '4.7.2-1' }, '+/x/# matches no $ topic either', async (trial) => {
    const mark = trial.name()
    const client = await trial.connect()
    await client.subscribe([[`+/+/${mark}`, 0]])
    for (const topic of [`a/$b/${mark}`, `a/b/${mark}`]) await client.publish(topic, topic)
    expect((await client.takeAll(2)).map(({ text }) => text)).toEqual([`a/$b/${mark}`, `a/b/${mark}`])
  })

  rule({ v311: '4.7.1-2 3.3.5-1', v5: '4.7.1-1 3.3.4-2' }, '# matches everything else', async (trial) => {
    const mark = trial.name()
    const [publisher, subscriber] = [await trial.connect(), await trial.connect()]
    await subscriber.subscribe([['#', 0]])
    const topics = [mark, `/${mark}`, `${mark}/`, `a/b/c/d/e/${mark}`, `//${mark}//`]
    for (const topic of topics) await publisher.publish(topic, 'hello')
    await subscriber.fence(publisher)
    const came = subscriber.unread.splice(0).map(({ topic }) => topic)
    expect(came.filter((topic) => topic.includes(mark))).toEqual(topics)
  })
})
