import { type Command, InvalidArgumentError, Option } from 'commander'
import { FaultlineError } from '../../../app/base/errors.ts'
import { milliseconds } from '../../../app/script-api/duration.ts'
import { type RecordingMode, recordingModes } from '../../workbench/recording-modes.ts'
import { refuseRepeated, seedIn } from './given-options.ts'

export const reporters = ['list', 'junit', 'json', 'html'] as const
export type ReporterName = (typeof reporters)[number]

export interface RunArguments {
  /** Files, folders and patterns; none is the folder in which it is typed. */
  readonly files: readonly string[]
  readonly grep: string | undefined
  readonly seed: string | number | undefined
  /** From 1. */
  readonly repeat: number
  readonly workers: number
  readonly target: string | undefined
  /** For the body of each, in milliseconds. */
  readonly timeout: number | undefined
  /** At least one. */
  readonly reporters: readonly ReporterName[]
  /** Undefined is standard output. */
  readonly output: string | undefined
  readonly bail: boolean
  readonly record: RecordingMode
}

const most = { repeat: 10_000, workers: 64 }

/** @param target reads the URL of a target */
export function describeRun(
  command: Command,
  target: { readonly parse: (text: string) => string },
  found: (given: RunArguments) => void,
): void {
  command
    .argument(
      '[FILES...]',
      'scenarios, folders, or patterns such as "scenarios/**/*.scenario.ts" (default: this folder)',
    )
    .description('Run scenarios, each on a broker of its own, and say what did not come out as expected.')
    .option('--grep <TEXT>', 'only scenarios with this in their name or their file name')
    .option('--seed <SEED>', 'what is drawn comes from it (default: that of each scenario)', seedIn)
    .option('--repeat <N>', `run each so often, up to ${most.repeat}`, wholeUpTo(most.repeat), 1)
    .option('--workers <N>', `how many run at the same time, up to ${most.workers}`, wholeUpTo(most.workers), 1)
    .option('--target <URL>', 'another broker instead of their own: mqtt://, mqtts://, ws:// or wss://', target.parse)
    .option(
      '--timeout <TIME>',
      'for the body of each, and for devices to come online before it (default: that of each scenario)',
      parseTimeout,
    )
    .addOption(
      new Option('--reporter <NAME>', 'list, junit, json or html; more than once for several')
        .argParser(addReporter)
        .default(undefined, 'list'),
    )
    .option('--output <FILE>', 'where junit, json or html goes (default: standard output)')
    .option('--bail', 'begin nothing more when one has not passed', false)
    .addOption(
      new Option('--record <WHEN>', "keep recordings of runs in the workspace's recordings/")
        .choices(recordingModes)
        .default('failure'),
    )
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', `\n${runHelp}`)
  refuseRepeated(command, ['reporter'])
  command.action((files: string[], { reporter, ...options }: Options) => {
    const names = reporter ?? (['list'] as const)
    const { bail, grep, output, record, repeat, seed, target: url, timeout, workers } = options
    if (output === undefined && names.filter((name) => name !== 'list').length > 1) {
      command.error('error: several reporters need --output: each writes beside it, with its own ending')
    }
    if (output !== undefined && names.every((name) => name === 'list')) {
      command.error('error: --output is for --reporter junit, json or html')
    }
    found({ files, bail, grep, output, record, repeat, seed, target: url, timeout, workers, reporters: names })
  })
}

interface Options extends Omit<RunArguments, 'files' | 'reporters'> {
  readonly reporter?: readonly ReporterName[]
}

const runHelp = `A workspace is the folder above the folder "scenarios" that a file lies in, or else the file's own folder.
Every scenario is checked first, with --grep also those that are not to run: its options, and what its body calls. Where a name,
an option or a word is none that there is, "await" is missing before what has to be waited for, or a target could not do it, all
that is found is listed with its place, and nothing is started.
What would work when it runs is left to "faultline check", which is stricter.
Devices have as long to come online as the body has, 5s at least; where none more does for 30s, or a broker refuses one for good,
nothing more is waited for.
A scenario that fails is told with what was expected, what came instead, the packets around it, its recording, and the words
that run it again. With --repeat the last lines say how often what failed.
What a reporter writes goes to standard output, or for junit, json and html to --output; where one of them takes standard
output, list goes to standard error. With several of them, each puts its own ending to the name that --output gives. Where
nothing is started, each file that is wrong is an "invalid" run in them, and those of the others are not begun.
Ctrl-C ends what runs in order and reports what was done, and what was not; a second one ends the program at once.
Exit code: the worst of all runs, 5 before 3 before 4 before 2 before 1 before 130:
  0  all passed
  1  an expectation or a threshold did not hold, the script of a device failed, or the scenario's own broker refused one
  2  an option or a scenario is wrong, or there is none of this name, and nothing was started
  3  the script of a scenario threw
  4  a body did not end in its time, its devices were not online in it, or a script computed for too long at a stretch, as an
     endless loop does
  5  the environment failed: a port, a file, a target, a report or a recording that cannot be written
130  Ctrl-C or another signal ended it before all was done, and nothing had failed by then`

function wholeUpTo(limit: number): (text: string) => number {
  return (text) => {
    const count = Number(text)
    if (/^\d{1,6}$/.test(text) && count >= 1 && count <= limit) return count
    throw new InvalidArgumentError(`It is a whole number from 1 to ${limit}.`)
  }
}

function parseTimeout(text: string): number {
  if (/^\d+(?:\.\d+)?$/.test(text)) throw new InvalidArgumentError(`A time needs a unit: ${text}s or ${text}ms.`)
  try {
    const ms = milliseconds(text, 'it')
    if (ms >= 100 && ms <= 86_400_000) return ms
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error
    throw new InvalidArgumentError('A time is a number with a unit: 500ms, 30s, 1.5m, 2h.')
  }
  throw new InvalidArgumentError('It is from 100ms to 24h.')
}

function addReporter(text: string, before: readonly ReporterName[] | undefined): ReporterName[] {
  const name = reporters.find((known) => known === text)
  if (name === undefined) throw new InvalidArgumentError(`There are ${reporters.join(', ')}.`)
  return before?.includes(name) ? [...before] : [...(before ?? []), name]
}
