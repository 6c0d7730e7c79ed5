import { type Command, InvalidArgumentError } from 'commander'
import { refuseRepeated, seedIn } from './given-options.ts'

export interface ReplayArguments {
  /** Path of a recording, or of a pcap or pcapng file. */
  readonly recording: string
  readonly target: string | undefined
  /** How many times as fast as it was, 0.01 to 1000. */
  readonly speed: number | 'max'
  /** Pattern of Client Identifiers. */
  readonly clients: string
  /** Path of a file with rules. */
  readonly rules: string | undefined
  /** Again and again, until somebody stops it. */
  readonly loop: boolean
  /** Whether the result is one JSON object a line. */
  readonly json: boolean
  readonly seed: string | number
  /** The broker's port in pcap and pcapng files. */
  readonly brokerPort: number
}

const slowest = 0.01
const fastest = 1000

/**
 * @param target reads the URL of a target
 * @param port reads the broker's port
 */
export function describeReplay(
  command: Command,
  target: { readonly parse: (text: string) => string },
  port: { readonly parse: (text: string) => number; readonly initial: number },
  found: (given: ReplayArguments) => void,
): void {
  command
    .argument('<RECORDING>', 'a recording (.faultline), or a pcap or pcapng file')
    .description('Send once more what the clients of a recording sent, and compare what the broker answers.')
    .option(
      '--target <URL>',
      'the broker that it is sent to: mqtt://, mqtts://, ws:// or wss:// (default: a new one of our own)',
      target.parse,
    )
    .option('--speed <N>', 'N times as fast as it was, 0.01 to 1000; max is as fast as answers come', parseSpeed, 1)
    .option('--clients <PATTERN>', 'only clients like this; * is any run of characters', parsePattern, '*')
    .option('--rules <FILE>', 'faults that act on the way: a JSON list of rules, as the workbench has them')
    .option('--seed <SEED>', 'what rules draw comes from it', seedIn, 1)
    .option('--broker-port <PORT>', "the broker's port in pcap and pcapng files", port.parse, port.initial)
    .option('--loop', 'again and again, until Ctrl-C', false)
    .option('--json', 'print one JSON object for each time it is replayed', false)
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', `\n${replayHelp}`)
  refuseRepeated(command)
  command.action((recording: string, options: Omit<ReplayArguments, 'recording'>) => {
    const { brokerPort, clients, json, loop, rules, seed, speed, target: url } = options
    found({ recording, brokerPort, clients, json, loop, rules, seed, speed, target: url })
  })
}

const replayHelp = `Each client sends the octets that it sent then, at its time, but never before what it had received by then has come, or was
waited for in vain. What answers the broker (PUBACK, PUBREC, PUBREL, PUBCOMP) is sent when that comes, with its Packet
Identifier. What the broker does by time (Keep Alive, Will Delay Interval, expiry) is as fast as ever, whatever --speed says.
Compared is what came to each client: Packet Identifiers, times and messages on $SYS/ are left out of it.
A rule needs its fault, and has the defaults of the workbench for what it does not say:
  [{ "fault": "drop", "clients": "pump-*", "from": "broker", "filter": "type:pubrec", "times": 1 }]
What is the same at several connections is told once, with how many they are.
Up to 2,000,000 packets and 1 GiB are replayed at once: of a larger recording, --clients chooses.
Exit code 0: no differences, or only such as come from faults of then, which are not repeated; 1: other differences;
2: an option, the file or a rule is wrong; 5: the file is missing or cannot be read, or the target cannot be reached;
130: it was stopped before it had been replayed to its end once.`

function parseSpeed(text: string): number | 'max' {
  if (text === 'max') return 'max'
  const speed = Number(text)
  if (/^\d+(?:\.\d+)?$/.test(text) && speed >= slowest && speed <= fastest) return speed
  throw new InvalidArgumentError('A speed is a number from 0.01 to 1000, or max.')
}

function parsePattern(text: string): string {
  if (text !== '') return text
  throw new InvalidArgumentError('A pattern must not be empty; * is every client.')
}
