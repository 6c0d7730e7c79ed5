import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { FaultlineError, messageOf } from '../../../app/base/errors.ts'
import { parseTarget } from '../../../app/device/target-address.ts'
import type { MetricsAddress } from '../web/metrics-host.ts'
import {
  type CertificatesArguments,
  describeCertificates,
  describeListeners,
  describeUser,
  type ListenerArguments,
  type UserArguments,
} from './broker-arguments.ts'
import { describeFleet, type FleetArguments } from './fleet-arguments.ts'
import { type DoctorArguments, describeDoctor, describeInit, type InitArguments } from './init-arguments.ts'
import { metricsHelp, parseMetricsAddress } from './metrics-argument.ts'
import { describeReplay, type ReplayArguments } from './replay-arguments.ts'
import { describeRun, type RunArguments } from './run-arguments.ts'
import { describeStore, type StoreArguments } from './store-arguments.ts'

export interface ServeArguments extends ListenerArguments, StoreArguments {
  /** Undefined means the shipped simulations. */
  readonly workspace: string | undefined
  /** Port of the MQTT listener; 0 is any. */
  readonly mqtt: number
  /** Port of the page; 0 is any. */
  readonly http: number
  /** Whether to open a window or a browser. */
  readonly open: boolean
  /** URL of what devices connect to instead of the workspace's target. */
  readonly target: string | undefined
  /** Where the figures for Prometheus are served; undefined is nowhere. Of `serve` only. */
  readonly metrics: MetricsAddress | undefined
}

export interface FileArguments {
  /** The file that is read. */
  readonly file: string
  /** Undefined means beside the file, `-` standard output. */
  readonly output: string | undefined
  /** The broker's port in pcap and pcapng files. */
  readonly brokerPort: number
  /** Whether a file that exists may be replaced. */
  readonly force: boolean
}

export interface CheckArguments {
  /** Undefined means the shipped simulations. */
  readonly workspace: string | undefined
  /** Whether the result is one JSON object. */
  readonly json: boolean
}

export const exportTargets = ['pcapng', 'jsonl', 'csv'] as const

export interface ExportArguments extends FileArguments {
  readonly to: (typeof exportTargets)[number]
  /** In the filter language; empty is everything. */
  readonly filter: string
}

export type Invocation =
  | { readonly command: 'serve' | 'open'; readonly arguments: ServeArguments }
  | { readonly command: 'check'; readonly arguments: CheckArguments }
  | { readonly command: 'init'; readonly arguments: InitArguments }
  | { readonly command: 'doctor'; readonly arguments: DoctorArguments }
  | { readonly command: 'run'; readonly arguments: RunArguments }
  | { readonly command: 'fleet'; readonly arguments: FleetArguments }
  | { readonly command: 'replay'; readonly arguments: ReplayArguments }
  | { readonly command: 'export'; readonly arguments: ExportArguments }
  | { readonly command: 'import'; readonly arguments: FileArguments }
  | { readonly command: 'certificates'; readonly arguments: CertificatesArguments }
  | { readonly command: 'user'; readonly arguments: UserArguments }
  /** `--help` or `--version`: this text is all that was asked for. */
  | { readonly command: 'print'; readonly text: string }

export const defaultPorts = { mqtt: 1883, http: 7183 } as const

/**
 * Reads the command line.
 * @param words what follows `faultline`
 * @throws FaultlineError `invalid-argument`
 */
export function parseArguments(words: readonly string[], version: string): Invocation {
  let invocation: Invocation | undefined
  let printed = ''
  const program = createProgram(version, (found) => {
    invocation = found
  })
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => {
        printed += text
      },
      writeErr: () => {},
      outputError: () => {},
    })
  }
  try {
    program.parse(words, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { command: 'print', text: printed.trimEnd() }
    throw mistake(error, words, program)
  }
  if (invocation === undefined) throw mistake(undefined, words, program)
  return invocation
}

function createProgram(version: string, found: (invocation: Invocation) => void): Command {
  const program = new Command('faultline')
    .description('A workbench for MQTT: broker, scripted devices, faults, and every packet as it was on the wire.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', `\n${exitCodeHelp}`)
  describeServe(program.command('serve'), found)
    .option('--metrics <PORT>', metricsHelp, (text) => parseMetricsAddress(text, parsePort))
    .description('Run the workbench and serve its screen to the browser on this machine.')
    .addHelpText('after', `\n${readyHelp}`)
  describeServe(program.command('open'), found).description(
    'Open the workbench in a desktop window, or where that cannot be had, do as serve does.',
  )
  describeInit(program.command('init'), (given) => found({ command: 'init', arguments: given }))
  describeDoctor(program.command('doctor'), (given) => found({ command: 'doctor', arguments: given }))
  describeCheck(program.command('check'), found)
  describeRun(program.command('run'), { parse: parseTargetUrl }, (given) => found({ command: 'run', arguments: given }))
  describeFleet(program.command('fleet'), { help: targetHelp, parse: parseTargetUrl }, (given) =>
    found({ command: 'fleet', arguments: given }),
  )
  describeReplay(
    program.command('replay'),
    { parse: parseTargetUrl },
    { parse: parseBrokerPort, initial: defaultPorts.mqtt },
    (given) => found({ command: 'replay', arguments: given }),
  )
  describeExport(program.command('export'), found)
  describeImport(program.command('import'), found)
  describeCertificates(program.command('certificates'), (given) => found({ command: 'certificates', arguments: given }))
  describeUser(program.command('user'), (given) => found({ command: 'user', arguments: given }))
  return program
}

function describeCheck(command: Command, found: (invocation: Invocation) => void): void {
  command
    .argument('[WORKSPACE]', 'folder with devices/ and faultline.json (default: the demo plant)')
    .description('Look for mistakes in a workspace, with the same eyes as the editor, and start no device.')
    .option('--json', 'print one JSON object: how many scripts, and every mistake with file, line and column', false)
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', `\n${checkHelp}`)
    .action((workspace: string | undefined, { json }: { json: boolean }) => {
      found({ command: 'check', arguments: { workspace, json } })
    })
}

function describeExport(command: Command, found: (invocation: Invocation) => void): void {
  describeFile(command, 'a recording (.faultline), or a pcap or pcapng file')
    .description('Write what a recording holds in another format.')
    .addOption(new Option('--to <FORMAT>', 'format').choices(exportTargets).makeOptionMandatory())
    .option('--filter <TEXT>', 'only what this filter matches, such as "client:pump-* type:publish"', '')
    .addHelpText('after', `\n${exportHelp}`)
    .action((file: string, options: Omit<ExportArguments, 'file'>) => {
      found({
        command: 'export',
        arguments: { ...fileArguments(file, options), to: options.to, filter: options.filter },
      })
    })
}

function describeImport(command: Command, found: (invocation: Invocation) => void): void {
  describeFile(command, 'a pcap or pcapng file with MQTT over TCP')
    .description('Make a recording of what another program has captured.')
    .addHelpText('after', `\n${importHelp}`)
    .action((file: string, options: Omit<FileArguments, 'file'>) => {
      found({ command: 'import', arguments: fileArguments(file, options) })
    })
}

function describeFile(command: Command, file: string): Command {
  return command
    .argument('<FILE>', file)
    .option('--output <FILE>', 'where it goes; - is standard output (default: beside the file, with its own ending)')
    .option('--broker-port <PORT>', "the broker's port in pcap and pcapng files", parseBrokerPort, defaultPorts.mqtt)
    .option('--force', 'replace a file that exists', false)
    .helpOption('-h, --help', 'print this help')
}

function fileArguments(file: string, { output, brokerPort, force }: Omit<FileArguments, 'file'>): FileArguments {
  return { file, output, brokerPort, force }
}

function describeServe(command: Command, found: (invocation: Invocation) => void): Command {
  command
    .argument('[WORKSPACE]', workspaceHelp)
    .option('--mqtt <PORT>', 'port of the MQTT broker; 0 is any', parsePort, defaultPorts.mqtt)
  describeListeners(command, parsePort)
  // The window opens one workspace after the other; each run of `serve` has one.
  if (command.name() === 'serve') describeStore(command)
  return command
    .option('--http <PORT>', 'port of the page; 0 is any', parsePort, defaultPorts.http)
    .option('--no-open', 'open neither a window nor a browser')
    .option('--target <URL>', targetHelp, parseTargetUrl)
    .helpOption('-h, --help', 'print this help')
    .action((workspace: string | undefined, options: Omit<ServeArguments, 'workspace'>) => {
      const { host, mqtt, mqtts, ws, wss, http, metrics, open, target, data, store } = options
      const given = { workspace, host, mqtt, mqtts, ws, wss, http, metrics, open, target, data, store }
      found({ command: command.name() as 'serve' | 'open', arguments: given })
    })
}

const workspaceHelp = 'folder with devices/ and faultline.json; an empty one will do (default: the demo plant)'

const targetHelp = `what devices connect to instead of the workspace's target: mqtt://, mqtts://, ws:// or wss://`

const checkHelp = `It types the scripts, reads faultline.json, looks for the files that scripts name, and runs each script in its sandbox as
far as a device of it would before it connects. Of a scenario it checks the options, and that every promise is waited for.
Nothing is connected to anything.
Each mistake is a line FILE:LINE:COLUMN: MESSAGE on standard output.
Exit code 0: no mistakes; 2: some, or there is no script; 5: the workspace is missing or cannot be read.`

const readyHelp = `When it is ready it prints one line on standard output:
  ready mqtt://127.0.0.1:PORT http://127.0.0.1:PORT/?token=...
The URLs of --ws, --mqtts and --wss follow on the same line, where they listen.
Everything else goes to standard error. SIGINT (Ctrl-C) and SIGTERM stop it.`

const exportHelp = `Formats:
  pcapng  for Wireshark: each connection as TCP, as it went on to its receivers; comments say what faults did
  jsonl   one JSON object a line and record
  csv     a header and one row a record; a text that a spreadsheet would take for a formula gets a ' before it`

const importHelp = `TCP at the broker's port is MQTT, and so is what begins with a CONNECT.`

const exitCodeHelp = `Exit codes:
  0  passed, or stopped as asked
  1  an expectation or a threshold did not hold; of replay, that the broker answers otherwise
  2  the input is invalid: an option, faultline.json, a script, a scenario that there is not
  3  a script threw
  4  time ran out, or a script did not come to an end
  5  the environment failed: a port, a file that is missing or cannot be read or written, a target
130  run or replay was ended by a signal (Ctrl-C) before all was done, and nothing had failed by then`

function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65535) return port
  throw new InvalidArgumentError('A port is a whole number from 0 to 65535, and 0 is any.')
}

function parseTargetUrl(text: string): string {
  try {
    parseTarget(text)
    return text
  } catch (error) {
    throw new InvalidArgumentError(
      error instanceof FaultlineError ? `${error.message}; ${error.hint}` : messageOf(error),
    )
  }
}

function parseBrokerPort(text: string): number {
  const port = parsePort(text)
  if (port !== 0) return port
  throw new InvalidArgumentError('The port of a broker is a whole number from 1 to 65535.')
}

function mistake(error: CommanderError | undefined, words: readonly string[], program: Command): FaultlineError {
  const command = program.commands.find((candidate) => candidate.name() === words[0])
  const noCommand = error === undefined || error.code === 'commander.help'
  return new FaultlineError({
    code: 'invalid-argument',
    message: noCommand ? 'no command was given' : oneLine(error.message),
    hint: `see faultline ${command === undefined ? '' : `${command.name()} `}--help`,
  })
}

/** Commander's own words, without its prefix and its line breaks. */
function oneLine(message: string): string {
  return message
    .replace(/^error: /, '')
    .replaceAll(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '')
}
