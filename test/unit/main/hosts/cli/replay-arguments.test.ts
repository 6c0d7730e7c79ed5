import { describe, expect, it } from 'vitest'
import { parseArguments } from '../../../../../main/hosts/cli/arguments.ts'

const parse = (...words: string[]) => parseArguments(['replay', ...words], '1.2.3')

describe('faultline replay on the command line', () => {
  it('needs nothing but a recording', () => {
    expect(parse('day.faultline')).toEqual({
      command: 'replay',
      arguments: {
        recording: 'day.faultline',
        brokerPort: 1883,
        clients: '*',
        json: false,
        loop: false,
        rules: undefined,
        seed: 1,
        speed: 1,
        target: undefined,
      },
    })
  })

  it('takes all that can be said', () => {
    const words = 'x.pcap --speed 0.5 --clients pump-* --rules r.json --seed lab --broker-port 1884 --loop --json'
    expect(parse(...words.split(' '), '--target', 'mqtt://b')).toMatchObject({
      arguments: {
        brokerPort: 1884,
        clients: 'pump-*',
        json: true,
        loop: true,
        rules: 'r.json',
        seed: 'lab',
        speed: 0.5,
        target: 'mqtt://b',
      },
    })
    expect(parse('x', '--speed', 'max')).toMatchObject({ arguments: { speed: 'max' } })
    expect(parse('x', '--seed', '-7')).toMatchObject({ arguments: { seed: -7 } })
  })

  it.each([
    [['--speed', '0'], 'A speed is'],
    [['--speed', 'fast'], 'A speed is'],
    [['--speed', '1001'], 'A speed is'],
    [['--clients', ''], 'A pattern'],
    [['--target', 'http://x'], 'http'],
    [['--broker-port', '0'], 'port'],
    [['--sped', '1'], '--sped'],
  ])('refuses %s', (words, why) => {
    expect(() => parse('x', ...words)).toThrow(why)
  })

  it('refuses to replay nothing', () => {
    expect(() => parse()).toThrow('RECORDING')
  })
})
