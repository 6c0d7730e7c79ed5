/** Network Connections at a time, and octets that came over them. */
export interface StrangerLimits {
  readonly sockets: number
  readonly octets: number
}

/** A fleet connects before it says anything; its CONNECT have 100 octets each, or some thousand with a will. */
const usual: StrangerLimits = { sockets: 20_000, octets: 64 * 1024 * 1024 }

/** Clients that were not let in yet. Nobody knows who they are, so all together may cost no more than this. */
export class Strangers {
  readonly #most: StrangerLimits
  #sockets = 0
  #octets = 0

  constructor(most = usual) {
    this.#most = most
  }

  /** One more has come. @returns why it cannot stay; undefined where it can */
  came(): string | undefined {
    this.#sockets++
    const { sockets } = this.#most
    return this.#sockets > sockets ? `there are ${sockets} connections already that were not let in yet` : undefined
  }

  /** One of them has sent octets. @returns why it cannot stay; undefined where it can */
  sent(octets: number): string | undefined {
    this.#octets += octets
    const most = this.#most.octets
    return this.#octets > most ? `clients that were not let in yet have sent ${most} octets already` : undefined
  }

  /** One is none any more. @param octets all that it has sent */
  gone(octets: number): void {
    this.#sockets--
    this.#octets -= octets
  }
}
