import { describe, expect, it } from 'vitest'
import { parseArguments } from '../../../../../main/hosts/cli/arguments.ts'

const parse = (...words: string[]) => parseArguments(['fleet', ...words], '1.2.3')

describe('faultline fleet on the command line', () => {
  it('wants a script and a count', () => {
    expect(parse('a.device.ts', '--count', '5')).toEqual({
      command: 'fleet',
      arguments: {
        script: 'a.device.ts',
        count: 5,
        target: undefined,
        ramp: 0,
        duration: 60_000,
        shard: undefined,
        json: false,
        seed: undefined,
      },
    })
    expect(() => parse('--count', '5')).toThrow("missing required argument 'SCRIPT'")
    expect(() => parse('a')).toThrow("required option '--count <N>' not specified")
  })

  it('takes everything else', () => {
    const words = '--count 100000 --target mqtts://b.example --ramp 1.5s --duration 2m --shard 2/3 --seed 42 --json'
    expect(parse('a', ...words.split(' '))).toMatchObject({
      arguments: {
        count: 100_000,
        target: 'mqtts://b.example',
        ramp: 1500,
        duration: 120_000,
        shard: { index: 2, of: 3 },
        json: true,
        seed: 42,
      },
    })
    expect(parse('a', '--count', '1', '--seed', 'plant 7')).toMatchObject({ arguments: { seed: 'plant 7' } })
  })

  it.each([
    ['--count', '0', 'from 1 to 100000'],
    ['--count', '100001', 'from 1 to 100000'],
    ['--count', '1.5', 'from 1 to 100000'],
    ['--ramp', 'soon', 'A time is a number with a unit: 500ms, 30s, 1.5m, 2h'],
    ['--ramp', '5', 'A time needs a unit: 5s, 5m or 5ms'],
    ['--duration', '1.5', 'A time needs a unit: 1.5s'],
    ['--duration', '8d', 'A week is the longest'],
    ['--ramp', '61s', '--ramp is longer than --duration'],
    ['--shard', '0/3', 'I from 1 to N'],
    ['--shard', '4/3', 'I from 1 to N'],
    ['--shard', '2', 'I from 1 to N'],
    ['--target', 'http://b.example', 'such as mqtt://'],
  ])('refuses %s %s', (option, value, message) => {
    const words = option === '--count' ? [] : ['--count', '1']
    expect(() => parse('a', ...words, option, value)).toThrow(message)
  })
})
