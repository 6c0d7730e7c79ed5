import type { Endpoint } from './pcap-conversation.ts'

const loopback = 0x7f000001
/** 192.0.2.1, an address for documentation [RFC 5737]: where the broker really listened is not in a capture. */
const somewhere = 0xc0000201
/** 10.0.0.0, of which clients without an IPv4 address get one each. */
const made = 0x0a000000

export interface Pair {
  readonly client: Endpoint
  readonly broker: Endpoint
}

/** Gives each open connection a client's address and port of its own: the real ones where they are IPv4 and free. */
export class PcapAddresses {
  readonly #brokerPort: number
  readonly #taken = new Set<number>()

  constructor(brokerPort: number) {
    this.#brokerPort = brokerPort
  }

  /** @param remote such as `10.0.0.7:51422`. */
  take(connection: number, remote: string): Pair {
    const real = parseIpv4(remote)
    const client = this.#free(real ?? { address: made + (connection % 0xfffffe) + 1, port: 49152 })
    const broker = { address: client.address >>> 24 === 127 ? loopback : somewhere, port: this.#brokerPort }
    this.#taken.add(keyOf(client))
    return { client, broker }
  }

  giveBack({ client }: Pair): void {
    this.#taken.delete(keyOf(client))
  }

  #free(wanted: Endpoint): Endpoint {
    const { address } = wanted
    for (let i = 0; ; i++) {
      // The port first, then the next address: there are enough of both.
      const port = ((wanted.port - 1 + i) % 65535) + 1
      const candidate = { address: (address + Math.floor(i / 65535)) >>> 0, port }
      if (port !== this.#brokerPort && !this.#taken.has(keyOf(candidate))) return candidate
    }
  }
}

function keyOf({ address, port }: Endpoint): number {
  return address * 65536 + port
}

/** `a.b.c.d:port`, also where IPv6 wraps it; undefined for anything else. */
export function parseIpv4(remote: string): Endpoint | undefined {
  const match = /^(?:\[::ffff:)?(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\]?:(\d{1,5})$/i.exec(remote)
  if (match === null) return undefined
  const [a = 0, b = 0, c = 0, d = 0, port = 0] = match.slice(1).map(Number)
  if ([a, b, c, d].some((part) => part > 255) || port < 1 || port > 65535) return undefined
  return { address: ((a << 24) | (b << 16) | (c << 8) | d) >>> 0, port }
}
