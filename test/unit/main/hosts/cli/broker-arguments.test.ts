import { describe, expect, it } from 'vitest'
import { parseArguments } from '../../../../../main/hosts/cli/arguments.ts'

const parse = (line: string) => parseArguments(line.split(' '), '1.0.0')

describe('the command line of the broker', () => {
  it('has the ports and the address of listeners', () => {
    expect(parse('serve --mqtts 8883 --ws 0 --wss 8084 --host 0.0.0.0')).toMatchObject({
      command: 'serve',
      arguments: { mqtt: 1883, mqtts: 8883, ws: 0, wss: 8084, host: '0.0.0.0' },
    })
    expect(parse('serve')).toMatchObject({ arguments: { mqtts: undefined, ws: undefined, host: undefined } })
    expect(() => parse('serve --mqtts x')).toThrow('0 to 65535')
  })

  it('has certificates and users of a workspace', () => {
    expect(parse('certificates plant')).toEqual({
      command: 'certificates',
      arguments: { workspace: 'plant', json: false },
    })
    expect(parse('user add ann --workspace plant')).toEqual({
      command: 'user',
      arguments: { action: 'add', name: 'ann', workspace: 'plant' },
    })
    expect(parse('user list')).toEqual({ command: 'user', arguments: { action: 'list', workspace: '.' } })
  })

  it.each(['user', 'user add', 'user list ann', 'user change ann', 'certificates --key a'])('refuses %s', (line) => {
    expect(() => parse(line)).toThrow(expect.objectContaining({ code: 'invalid-argument' }))
  })
})
