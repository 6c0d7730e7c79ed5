import { describe, expect, it } from 'vitest'
import { parseArguments } from '../../../../../main/hosts/cli/arguments.ts'
import { exitCodes } from '../../../../../main/hosts/cli/exit-codes.ts'

const parse = (...words: string[]) => parseArguments(words, '1.2.3')

describe('the command line', () => {
  it('serves the demo workspace at the usual ports when nothing else is said', () => {
    const usual = { workspace: undefined, mqtt: 1883, http: 7183, open: true }
    expect(parse('serve')).toEqual({ command: 'serve', arguments: usual })
    expect(parse('open')).toEqual({ command: 'open', arguments: usual })
  })

  it('takes a workspace, ports and --no-open, in any order', () => {
    const asked = { workspace: 'plant', mqtt: 0, http: 65535, open: false }
    expect(parse('serve', 'plant', '--mqtt', '0', '--http', '65535', '--no-open')).toMatchObject({ arguments: asked })
    expect(parse('serve', '--no-open', '--http=65535', '--mqtt=0', 'plant')).toMatchObject({ arguments: asked })
  })

  it('takes a target, and refuses what is none', () => {
    expect(parse('serve', '--target', 'mqtts://broker.example')).toMatchObject({
      arguments: { target: 'mqtts://broker.example' },
    })
    expect(() => parse('serve', '--target', 'http://broker.example')).toThrow('such as mqtt://broker.example:1883')
    expect(() => parse('open', '--target', 'mqtt://ann:secret@broker.example')).toThrow('no user and password')
  })

  it('takes what to check, and how it is told', () => {
    expect(parse('check')).toEqual({ command: 'check', arguments: { workspace: undefined, json: false } })
    expect(parse('check', 'plant', '--json')).toEqual({
      command: 'check',
      arguments: { workspace: 'plant', json: true },
    })
    expect(() => parse('check', 'a', 'b')).toThrow('too many arguments')
  })

  it('prints its version and its help', () => {
    expect(parse('--version')).toEqual({ command: 'print', text: '1.2.3' })
    const help = parse('--help')
    expect(help).toMatchObject({ command: 'print', text: expect.stringContaining('serve') })
    expect(help).toMatchObject({ text: expect.stringContaining('Exit codes') })
    expect(parse('serve', '--help')).toMatchObject({ text: expect.stringContaining('--mqtt <PORT>') })
  })

  it.each(['', 'run'])('lists every exit code in the help of %s', (command) => {
    const { text } = parse(...command.split(' ').filter(Boolean), '--help') as { text: string }
    const listed = text.split('\n').flatMap((line) => /^ *(\d+) {2}\S/.exec(line)?.[1] ?? [])
    expect(listed.map(Number)).toEqual(Object.values(exitCodes))
  })

  it('takes what to export, and where it goes', () => {
    const usual = { file: 'day.faultline', output: undefined, brokerPort: 1883, force: false, to: 'csv', filter: '' }
    expect(parse('export', 'day.faultline', '--to', 'csv')).toEqual({ command: 'export', arguments: usual })
    const words = ['--to=pcapng', '--filter', 'type:publish not dup', '--output', '-', '--broker-port', '1', '--force']
    const asked = { to: 'pcapng', filter: 'type:publish not dup', output: '-', brokerPort: 1, force: true }
    expect(parse('export', ...words, 'day.pcap')).toEqual({
      command: 'export',
      arguments: { ...usual, file: 'day.pcap', ...asked },
    })
    expect(parse('export', '--help')).toMatchObject({ text: expect.stringContaining('--filter <TEXT>') })
  })

  it('takes what to import, and where it goes', () => {
    expect(parse('import', 'a.pcap', '--output', 'b', '--broker-port=2')).toEqual({
      command: 'import',
      arguments: { file: 'a.pcap', output: 'b', brokerPort: 2, force: false },
    })
    expect(parse('import', '--help')).toMatchObject({ text: expect.stringContaining('<FILE>') })
  })

  it.each([
    [['export', 'a'], "required option '--to <FORMAT>' not specified", 'see faultline export --help'],
    [['export', 'a', '--to', 'xml'], 'Allowed choices are pcapng, jsonl, csv', 'see faultline export --help'],
    [['export', '--to', 'csv'], "missing required argument 'FILE'", 'see faultline export --help'],
    [['import', 'a', 'b'], 'too many arguments', 'see faultline import --help'],
    [['import', 'a', '--broker-port', '0'], 'from 1 to 65535', 'see faultline import --help'],
    [['serve', '--colour'], "unknown option '--colour'", 'see faultline serve --help'],
    [['serve', '--http', '1', 'a', 'b'], 'too many arguments', 'see faultline serve --help'],
    [['serve', '--mqtt'], "option '--mqtt <PORT>' argument missing", 'see faultline serve --help'],
    [
      ['serve', '--metrics', 'here:port'],
      "option '--metrics <PORT>' argument 'here:port' is invalid. A port is a whole number from 0 to 65535, and 0 is any. HOST:PORT also answers others than this machine",
      'see faultline serve --help',
    ],
    [['bake'], "unknown command 'bake'", 'see faultline --help'],
    [['opne'], "unknown command 'opne' (Did you mean open?)", 'see faultline --help'],
    [[], 'no command was given', 'see faultline --help'],
  ])('refuses %j in one line with a hint', (words, message, hint) => {
    const error = catching(() => parse(...words))
    expect(error).toMatchObject({ code: 'invalid-argument', message: expect.stringContaining(message), hint })
    expect(error).toMatchObject({ message: expect.not.stringMatching(/\n|^error/) })
  })

  it.each(['', 'abc', '-1', '65536', '1883.5', '1e3', '0x10', ' 1', '99999999999'])('refuses the port %j', (port) => {
    expect(catching(() => parse('serve', `--mqtt=${port}`))).toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('A port is a whole number from 0 to 65535'),
    })
  })
})

function catching(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return 'nothing was thrown'
}
