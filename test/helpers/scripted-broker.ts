import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { generate, type IConnackPacket, type Packet, parser } from 'mqtt-packet'
import { until } from './until.ts'

/** One Network Connection that a client has opened. */
export interface ScriptedConnection {
  readonly socket: Socket
  /** What has come from the client. */
  readonly packets: Packet[]
  closed: boolean
  send(packet: Packet | Buffer): void
}

/** A broker that does nothing but what a test tells it to: it writes down what comes, and answers CONNECT if it shall. */
export class ScriptedBroker {
  readonly port: number
  readonly connections: ScriptedConnection[] = []
  /** The answer to CONNECT; undefined is none. */
  connack: Partial<IConnackPacket> | undefined = { returnCode: 0, sessionPresent: false }
  /** Called for each packet after it was written down. */
  answer: (packet: Packet, connection: ScriptedConnection) => void = () => {}
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (socket) => this.#take(socket))
  }

  static async open(): Promise<ScriptedBroker> {
    const server = createServer({ noDelay: true })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new ScriptedBroker(server)
  }

  /** The n-th connection from 1, once it has sent CONNECT. */
  connection(n: number): Promise<ScriptedConnection> {
    return until(`connection ${n} has sent CONNECT`, () => {
      const connection = this.connections[n - 1]
      return connection !== undefined && connection.packets.length > 0 && connection
    })
  }

  /** The first packet of a kind on a connection, once it has come. */
  receives<C extends Packet['cmd']>(connection: ScriptedConnection, cmd: C): Promise<Extract<Packet, { cmd: C }>> {
    return until(`${cmd} has come`, () => {
      return connection.packets.find((packet): packet is Extract<Packet, { cmd: C }> => packet.cmd === cmd)
    })
  }

  /** Makes it as it was at first, for the next test; waits until all connections are gone. */
  async forget(): Promise<void> {
    for (const { socket } of this.connections) socket.destroy()
    await until('all connections are gone', () => this.connections.every(({ closed }) => closed))
    this.connections.length = 0
    this.connack = { returnCode: 0, sessionPresent: false }
    this.answer = () => {}
  }

  async close(): Promise<void> {
    for (const { socket } of this.connections) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #take(socket: Socket): void {
    // Packets go out in the version that the client asked for.
    let protocolVersion = 4
    const connection: ScriptedConnection = {
      socket,
      packets: [],
      closed: false,
      send: (packet) => void socket.write(Buffer.isBuffer(packet) ? packet : generate(packet, { protocolVersion })),
    }
    this.connections.push(connection)
    const reader = parser()
    reader.on('packet', (packet) => {
      connection.packets.push(packet)
      if (packet.cmd === 'connect') protocolVersion = packet.protocolVersion ?? 4
      if (packet.cmd === 'connect' && this.connack !== undefined) {
        connection.send({ cmd: 'connack', returnCode: 0, reasonCode: 0, sessionPresent: false, ...this.connack })
      }
      this.answer(packet, connection)
    })
    socket.on('data', (octets) => reader.parse(octets))
    socket.on('close', () => {
      connection.closed = true
    })
    // A client that resets the connection is what some tests are about.
    socket.on('error', () => {})
  }
}
