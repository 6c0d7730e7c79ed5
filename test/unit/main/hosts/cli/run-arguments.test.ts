import { describe, expect, it } from 'vitest'
import { parseArguments } from '../../../../../main/hosts/cli/arguments.ts'

describe('the words of faultline run', () => {
  const parse = (...words: readonly string[]) => {
    const invocation = parseArguments(['run', ...words], '1.2.3')
    if (invocation.command !== 'run') throw new Error(`it was read as ${invocation.command}`)
    return invocation.arguments
  }
  const mistake = (...words: readonly string[]) => {
    try {
      parse(...words)
    } catch (error) {
      return (error as Error).message
    }
    throw new Error('it was taken')
  }

  it('need none: what lies in this folder, once, one after the other, as a list', () => {
    expect(parse()).toEqual({
      files: [],
      grep: undefined,
      seed: undefined,
      repeat: 1,
      workers: 1,
      target: undefined,
      timeout: undefined,
      reporters: ['list'],
      output: undefined,
      bail: false,
      record: 'failure',
    })
  })

  it('say what, how often, how and where to', () => {
    const words = 'a.scenario.ts b --grep loss --seed spring --repeat 50 --workers 4 --target mqtt://h:1 --timeout 1.5m'
    const more = '--reporter list --reporter junit --reporter html --reporter junit --output r --bail --record on'
    expect(parse(...words.split(' '), ...more.split(' '))).toEqual({
      files: ['a.scenario.ts', 'b'],
      grep: 'loss',
      seed: 'spring',
      repeat: 50,
      workers: 4,
      target: 'mqtt://h:1',
      timeout: 90_000,
      reporters: ['list', 'junit', 'html'],
      output: 'r',
      bail: true,
      record: 'on',
    })
    expect(parse('--seed', '7').seed).toBe(7)
    expect(parse('--seed', '007').seed).toBe('007')
  })

  it.each([
    [['--repeat', '0'], 'from 1 to 10000'],
    [['--grep', 'a', '--grep=b'], "'--grep <TEXT>' is given more than once"],
    [['--repeat', '50', '--bail', '--repeat', '1'], "'--repeat <N>' is given more than once"],
    [['--seed', ''], 'not empty'],
    [['--workers', '65'], 'from 1 to 64'],
    [['--timeout', '30'], '30s or 30ms'],
    [['--timeout', '50ms'], 'from 100ms to 24h'],
    [['--timeout', 'soon'], 'number with a unit'],
    [['--reporter', 'dots'], 'list, junit, json, html'],
    [['--record', 'always'], 'on, off, failure'],
    [['--target', 'nowhere'], 'mqtt://'],
    [['--reporter', 'json', '--reporter', 'html'], 'need --output'],
    [['--output', 'x'], '--output is for'],
  ])('are refused where they make no sense: %s', (words, why) => {
    expect(mistake(...words)).toContain(why)
  })
})
