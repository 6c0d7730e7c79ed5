import { createConnectionPair } from '../../app/mqtt/connection-pair.ts'
import type { Engine } from '../../main/broker/engine/engine.ts'
import { type Connect, connect, octets, type Part, type Version } from './mqtt-octets.ts'
import { type Came, readPackets } from './mqtt-reading.ts'

let connections = 0

/** A client of an engine in the same process: what it sends is answered before `send` returns. */
export class EngineClient {
  readonly connection = ++connections
  /** Everything that came, oldest first. */
  readonly came: Came[] = []
  isClosed = false
  /** Why the broker has ended the connection, in its words. */
  reason: string | undefined
  readonly #end = createConnectionPair()

  constructor(engine: Engine, version: Version = 4) {
    const [near, far] = this.#end
    far.listen({
      octets: (given) => {
        this.came.push(...readPackets(Buffer.from(given), version).packets)
      },
      drained: () => {},
      ended: (reason) => {
        this.isClosed = true
        this.reason = reason
        far.end()
      },
      closed: () => {
        this.isClosed = true
      },
    })
    far.resume()
    engine.accept(near, this.connection)
  }

  /** Opens a connection and sends CONNECT. */
  static connect(engine: Engine, options: Connect): EngineClient {
    const client = new EngineClient(engine, options.version ?? 4)
    client.send(connect(options))
    return client
  }

  send(...parts: readonly Part[]): void {
    this.#end[1].write(octets(...parts))
  }

  stopReading(): void {
    this.#end[1].pause()
  }

  readAgain(): void {
    this.#end[1].resume()
  }

  /** Sends FIN: nothing more comes from it. */
  finish(): void {
    this.#end[1].end()
  }

  /** The connection is lost. */
  cut(): void {
    this.#end[1].reset('cut')
  }

  /** Takes what came since. */
  take(): Came[] {
    return this.came.splice(0)
  }
}
