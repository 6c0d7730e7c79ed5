import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { generate, type IConnectPacket, type Packet, parser } from 'mqtt-packet'
import { until } from './until.ts'

/** A client that is a socket and nothing else: it sends what it is told and answers nothing by itself. */
export class RawClient {
  readonly socket: Socket
  readonly #version: { readonly protocolVersion: number }
  /** Every octet that was sent and received. */
  readonly sent: Buffer[] = []
  readonly received: Buffer[] = []
  /** What was received, as far as it could be read. */
  readonly packets: Packet[] = []
  error: NodeJS.ErrnoException | undefined
  ended = false
  closed = false

  private constructor(socket: Socket, protocolVersion: number) {
    this.socket = socket
    this.#version = { protocolVersion }
    const reader = parser(this.#version)
    reader.on('packet', (packet) => this.packets.push(packet))
    socket.on('data', (octets) => {
      this.received.push(octets)
      reader.parse(octets)
    })
    socket.on('end', () => {
      this.ended = true
    })
    socket.on('error', (error) => {
      this.error = error
    })
    socket.on('close', () => {
      this.closed = true
    })
  }

  /** @param version in which packets are written and read */
  static async open(port: number, version = 4): Promise<RawClient> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true })
    await once(socket, 'connect')
    return new RawClient(socket, version)
  }

  /** Opens and sends CONNECT; settles with CONNACK. */
  static async connect(port: number, clientId: string, options: Partial<IConnectPacket> = {}): Promise<RawClient> {
    const client = await RawClient.open(port, options.protocolVersion)
    client.send({ cmd: 'connect', clientId, protocolVersion: 4, clean: true, keepalive: 0, ...options })
    await client.receive('connack')
    return client
  }

  send(what: Packet | Uint8Array): void {
    const octets = what instanceof Uint8Array ? Buffer.from(what) : generate(what, this.#version)
    this.sent.push(octets)
    this.socket.write(octets)
  }

  /** The first packet of this kind that was received, and forgets it and all before it. */
  async receive<C extends Packet['cmd']>(cmd: C): Promise<Extract<Packet, { cmd: C }>> {
    const index = await until(`${cmd} is received`, () => {
      const found = this.packets.findIndex((packet) => packet.cmd === cmd)
      return found >= 0 && found
    })
    return this.packets.splice(0, index + 1)[index] as Extract<Packet, { cmd: C }>
  }

  async subscribe(topic: string, qos: 0 | 1 | 2): Promise<void> {
    this.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos }] })
    await this.receive('suback')
  }

  reset(): void {
    this.socket.resetAndDestroy()
  }
}
