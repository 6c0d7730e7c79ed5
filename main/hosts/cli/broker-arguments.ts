import { Argument, type Command, Option } from 'commander'

/** Where the broker listens besides `--mqtt`; undefined is what `faultline.json` says. */
export interface ListenerArguments {
  /** An address of this machine. */
  readonly host: string | undefined
  /** Ports; 0 is any. */
  readonly mqtts: number | undefined
  readonly ws: number | undefined
  readonly wss: number | undefined
}

export interface CertificatesArguments {
  readonly workspace: string
  /** Whether the list is one JSON array. */
  readonly json: boolean
}

export type UserArguments =
  | { readonly action: 'list'; readonly workspace: string }
  | { readonly action: 'add' | 'remove'; readonly name: string; readonly workspace: string }

/** @param parse reads a port */
export function describeListeners(command: Command, parse: (text: string) => number): Command {
  return command
    .option(
      '--host <ADDRESS>',
      `address of this machine that the broker listens on; 0.0.0.0 is all of them (${settingsHelp}, or 127.0.0.1)`,
    )
    .option('--mqtts <PORT>', `port of MQTT over TLS; 0 is any (${settingsHelp})`, parse)
    .option('--ws <PORT>', `port of MQTT over WebSocket; 0 is any (${settingsHelp})`, parse)
    .option('--wss <PORT>', `port of MQTT over WebSocket over TLS; 0 is any (${settingsHelp})`, parse)
}

export function describeCertificates(command: Command, found: (given: CertificatesArguments) => void): void {
  command
    .argument('[WORKSPACE]', 'folder whose certificates/ they are in', '.')
    .description('Make the certificates of a workspace that are missing, good ones and bad ones, and list them.')
    .option('--json', 'print one JSON array, with when each was made and until when it is valid', false)
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', `\n${certificatesHelp}`)
    .action((workspace: string, { json }: { json: boolean }) => found({ workspace, json }))
}

export function describeUser(command: Command, found: (given: UserArguments) => void): void {
  command
    .addArgument(new Argument('<ACTION>', 'what to do').choices(['add', 'remove', 'list']))
    .argument('[NAME]', 'user name, for add and remove')
    .description('Add, remove or list the users that may connect to the broker of a workspace.')
    .addOption(new Option('--workspace <DIR>', 'folder whose broker/users.json they are in').default('.'))
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', `\n${userHelp}`)
    .action((action: UserArguments['action'], name: string | undefined, { workspace }: { workspace: string }) => {
      if (action === 'list' && name === undefined) found({ action, workspace })
      else if (action !== 'list' && name !== undefined) found({ action, name, workspace })
      else command.error(`error: ${action} takes ${action === 'list' ? 'no NAME' : 'a NAME'}`)
    })
}

const settingsHelp = 'default: what "broker" in faultline.json says'

const certificatesHelp = `NAME is NAME.crt with NAME.key. Clients trust the broker with certificates/ca.crt:
  mosquitto_pub -h localhost -p 8883 --cafile certificates/ca.crt -t a -m b
A device shows another one with useCertificate('expired'). Files of your own are left as they are.`

const userHelp = `add asks for the password; where standard input is no terminal, its first line is the password. add also changes the
password of a user that there is. Hashes of passwords are kept (scrypt), never passwords. A broker that runs knows at once.`
