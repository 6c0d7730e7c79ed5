import type { Command } from 'commander'

export interface InitArguments {
  readonly workspace: string
  /** Only the declarations of `faultline`, in place of older ones. */
  readonly typesOnly: boolean
}

export interface DoctorArguments {
  readonly workspace: string
  /** Whether the result is one JSON list. */
  readonly json: boolean
}

export function describeInit(command: Command, found: (given: InitArguments) => void): void {
  command
    .argument('[DIR]', 'folder of the workspace; made where it is not there', '.')
    .description('Make a workspace: a device, a scenario, types for the editor, and CI for GitHub and GitLab.')
    .option('--types', 'only types/, in place of those of another version of Faultline', false)
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', `\n${initHelp}`)
    .action((workspace: string, { types }: { types: boolean }) => found({ workspace, typesOnly: types }))
}

export function describeDoctor(command: Command, found: (given: DoctorArguments) => void): void {
  command
    .argument('[WORKSPACE]', 'folder that is to be written to', '.')
    .description('Look whether this machine has what Faultline needs.')
    .option('--json', 'print one JSON list: what, state, found and advice of each', false)
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', `\n${doctorHelp}`)
    .action((workspace: string, { json }: { json: boolean }) => found({ workspace, json }))
}

const initHelp = `No file is ever replaced: those that cannot be made, as something else is in their place, are listed and nothing is written.
Exit code 0: made; 2: something is in the way; 5: it cannot be written.`

const doctorHelp = `Node, ports 1883 and 7183, loopback, disk, the workspace, a worker thread with its sandbox, the clock, the desktop window:
each is tried, and is a line WHAT STATE FOUND on standard output, with what to do below it.
Exit code 0: all is ok, or warned of; 5: something fails.`
