import { type Command, InvalidArgumentError, Option } from 'commander'
import { FaultlineError } from '../../../app/base/errors.ts'
import { seedOf } from '../../../app/base/seed.ts'
import { milliseconds } from '../../../app/script-api/duration.ts'

export interface FleetArguments {
  /** Path of the script. */
  readonly script: string
  /** Of the whole fleet, 1 to 100,000. */
  readonly count: number
  readonly target: string | undefined
  /** In milliseconds. */
  readonly ramp: number
  /** How long it runs, the ramp included, in milliseconds. */
  readonly duration: number
  readonly shard: { readonly index: number; readonly of: number } | undefined
  /** Whether the summary is one JSON object. */
  readonly json: boolean
  /** Undefined: that of the workspace. */
  readonly seed: string | number | undefined
}

const mostClients = 100_000
const longest = 7 * 86_400_000

/** @param target reads the URL of a target */
export function describeFleet(
  command: Command,
  target: { readonly help: string; readonly parse: (text: string) => string },
  found: (given: FleetArguments) => void,
): void {
  command
    .argument('<SCRIPT>', 'file of a script, devices/NAME.device.ts, that describes a device or a load fleet')
    .description('Run a fleet of one script without a screen, and sum up what it did.')
    .requiredOption('--count <N>', 'how many devices or clients, 1 to 100000', parseCount)
    .option('--target <URL>', `${target.help} (default: a broker that is started for this)`, target.parse)
    .option('--ramp <TIME>', 'time in which all of them are started, evenly, such as 30s (default: at once)', parseTime)
    .addOption(
      new Option('--duration <TIME>', 'how long it runs, the ramp included')
        .argParser(parseTime)
        .default(60_000, '60s'),
    )
    .option('--shard <I/N>', 'take every N-th client, beginning with number I: N machines share a fleet', parseShard)
    .option('--seed <SEED>', "what is drawn comes from it (default: the workspace's)", seedOf)
    .option('--json', 'print the summary as one JSON object', false)
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', `\n${fleetHelp}`)
    .action((script: string, options: Omit<FleetArguments, 'script'>) => {
      const { count, duration, json, ramp = 0, seed, shard, target: url } = options
      if (ramp > duration) command.error('error: --ramp is longer than --duration, which includes it')
      found({ script, count, duration, json, ramp, seed, shard, target: url })
    })
}

const fleetHelp = `A time is a number with a unit: 500ms, 30s, 1.5m, 2h.
The summary goes to standard output, everything else to standard error. Ctrl-C ends the run in order, with a summary.
A script in a folder named devices may import and read the files of the workspace around it. One by itself may read none.
More than 10000 devices with a script of their own are refused; a load fleet, of fleet(...), can have 100000 clients.
Exit code 2: an option or faultline.json is wrong; 3: a script threw; 4: not all of them were connected at some time;
5: none was, or the script or another file is missing or cannot be read.`

function parseCount(text: string): number {
  const count = Number(text)
  if (/^\d{1,6}$/.test(text) && count >= 1 && count <= mostClients) return count
  throw new InvalidArgumentError('A count is a whole number from 1 to 100000.')
}

function parseTime(text: string): number {
  if (/^\d+(?:\.\d+)?$/.test(text))
    throw new InvalidArgumentError(`A time needs a unit: ${text}s, ${text}m or ${text}ms.`)
  try {
    const ms = milliseconds(text, 'it')
    if (ms <= longest) return ms
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error
    throw new InvalidArgumentError('A time is a number with a unit: 500ms, 30s, 1.5m, 2h.')
  }
  throw new InvalidArgumentError('A week is the longest.')
}

function parseShard(text: string): { index: number; of: number } {
  const [, index = 0, of = 0] = (/^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? []).map(Number)
  if (index >= 1 && index <= of) return { index, of }
  throw new InvalidArgumentError('A shard is I/N, such as 1/3: I from 1 to N.')
}
