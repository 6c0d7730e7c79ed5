import { BlockList, isIP } from 'node:net'
import { FaultlineError } from '../../../app/base/errors.ts'
import { matchesName } from '../../../app/session/access/name-pattern.ts'

export interface BanSettings {
  /** Client Identifiers; `*` is any text. */
  readonly clients: readonly string[]
  /** User names; `*` is any text. */
  readonly users: readonly string[]
  /** Addresses such as `192.0.2.7`, or networks such as `192.0.2.0/24`. */
  readonly addresses: readonly string[]
}

/** The address of a remote end such as `127.0.0.1:51422` or `[::1]:51422`. */
export function addressOf(remote: string): string {
  return remote.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
}

/** Who may not connect, whatever they show. */
export class Bans {
  readonly #settings: BanSettings
  readonly #addresses = new BlockList()

  /** @throws FaultlineError `invalid-argument` */
  constructor(settings: BanSettings) {
    this.#settings = settings
    for (const text of settings.addresses) this.#add(text)
  }

  #add(text: string): void {
    const [address = '', prefix] = text.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    try {
      if (prefix === undefined) this.#addresses.addAddress(address, family)
      else this.#addresses.addSubnet(address, Number(prefix), family)
    } catch (error) {
      throw new FaultlineError(
        { code: 'invalid-argument', message: `${text} is no address and no network that can be banned` },
        { cause: error },
      )
    }
  }

  /** Why somebody is banned, in words; undefined where nobody is. @param remote such as `127.0.0.1:51422` */
  ofClient(clientId: string, remote: string): string | undefined {
    const client = this.#settings.clients.find((pattern) => matchesName(pattern, clientId))
    if (client !== undefined) return `the client ${clientId} is banned, by ${client}`
    const address = addressOf(remote)
    const version = isIP(address)
    const isBanned = version !== 0 && this.#addresses.check(address, version === 6 ? 'ipv6' : 'ipv4')
    return isBanned ? `the address ${address} is banned` : undefined
  }

  ofUser(userName: string | undefined): string | undefined {
    if (userName === undefined) return undefined
    const user = this.#settings.users.find((pattern) => matchesName(pattern, userName))
    return user === undefined ? undefined : `the user ${userName} is banned, by ${user}`
  }
}
