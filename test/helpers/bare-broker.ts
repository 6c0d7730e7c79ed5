import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { Aedes, type AuthErrorCode, type Client } from 'aedes'

export interface Published {
  readonly topic: string
  readonly text: string
  readonly qos: number
  readonly retain: boolean
  /** Undefined for what the broker says itself, a will among it. */
  readonly clientId: string | undefined
}

/** A broker and nothing around it: stock aedes on a socket, for tests of what connects to it. */
export class BareBroker {
  readonly port: number
  /** All messages that clients and wills have published, `$SYS` left out. */
  readonly published: Published[] = []
  /** Client Identifiers in the order in which they connected, repeated for each connection. */
  readonly connects: string[] = []
  readonly disconnects: string[] = []
  /** While true, messages are taken and not acknowledged. */
  holdAcknowledgements = false
  /** While set, CONNECT is answered with this Return Code. */
  refuseWith: 1 | 2 | 3 | 4 | 5 | undefined
  readonly #aedes: Aedes
  readonly #server: Server
  readonly #sockets = new Map<string, Socket>()
  readonly #open = new Set<Socket>()

  private constructor(aedes: Aedes, server: Server) {
    this.#aedes = aedes
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    aedes.authenticate = (_client, _username, _password, done) => {
      if (this.refuseWith === undefined) done(null, true)
      else done(Object.assign(new Error('refused'), { returnCode: this.refuseWith as AuthErrorCode }), null)
    }
    aedes.authorizePublish = (_client, _packet, done) => {
      if (!this.holdAcknowledgements) done(null)
    }
    server.on('connection', (socket) => {
      this.#open.add(socket)
      socket.on('close', () => this.#open.delete(socket))
    })
    aedes.on('client', (client) => {
      this.connects.push(client.id)
      this.#sockets.set(client.id, client.conn as Socket)
    })
    aedes.on('clientDisconnect', (client: Client) => this.disconnects.push(client.id))
    aedes.on('publish', ({ topic, payload, qos, retain }, client) => {
      if (topic.startsWith('$SYS')) return
      this.published.push({ topic, text: payload.toString(), qos, retain, clientId: client?.id })
    })
  }

  static async open(): Promise<BareBroker> {
    const aedes = await Aedes.createBroker()
    const server = createServer({ noDelay: true }, aedes.handle)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new BareBroker(aedes, server)
  }

  /** What was published to a topic, as text, oldest first. */
  texts(topic: string): string[] {
    return this.published.filter((message) => message.topic === topic).map(({ text }) => text)
  }

  publish(topic: string, payload: string | Buffer, qos: 0 | 1 | 2 = 0): void {
    this.#aedes.publish({ cmd: 'publish', topic, payload, qos, retain: false, dup: false }, () => {})
  }

  /** The network between a client and the broker breaks. */
  cut(clientId: string): void {
    this.#sockets.get(clientId)?.resetAndDestroy()
  }

  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy()
    await new Promise<void>((resolve) => this.#aedes.close(() => resolve()))
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}
