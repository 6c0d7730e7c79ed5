import { createConnectionPair } from '../../../../../app/mqtt/connection-pair.ts'
import type { NetworkConnection } from '../../../../../app/mqtt/network-connection.ts'
import { connect, subscribe } from '../../../../helpers/mqtt-octets.ts'
import { type Came, readPackets } from '../../../../helpers/mqtt-reading.ts'
import { demand, type Message } from './model-words.ts'
import { keyOf } from './reference-session.ts'

/** Sees everything that is published in the tick in which it is, over a connection that is never slow nor lost. */
export class ModelWatcher {
  readonly brokerEnd: NetworkConnection
  readonly #far: NetworkConnection
  readonly #seen: Came[] = []
  #checked = 0

  constructor() {
    const [near, far] = createConnectionPair()
    this.brokerEnd = near
    this.#far = far
    far.listen({
      octets: (octets) => {
        const { packets } = readPackets(Buffer.from(octets), 5)
        this.#seen.push(...packets.filter(({ kind }) => kind === 'PUBLISH'))
      },
      drained: () => {},
      ended: () => far.end(),
      closed: () => {},
    })
    far.resume()
  }

  /** To be called when the broker serves its end. */
  watch(): void {
    const retainAsPublished = 8
    this.#far.write(connect({ version: 5, id: 'watcher' }))
    this.#far.write(subscribe(5, 1, [['#', retainAsPublished]]))
  }

  /** Demands that what was published by now is what was to be published by now. */
  check(log: readonly Message[]): void {
    for (; this.#checked < log.length; this.#checked++) {
      const expected = log[this.#checked] as Message
      const came = this.#seen[this.#checked]
      demand(came !== undefined, () => `'${expected.key}' of ${expected.topic} was not published`)
      const isSame = keyOf(came) === expected.key && came.topic === expected.topic && came.retain === expected.retain
      demand(
        isSame,
        () => `'${keyOf(came)}' of ${came.topic} was published instead of '${expected.key}' of ${expected.topic}`,
      )
    }
    const more = this.#seen[log.length]
    demand(more === undefined, () => `'${more && keyOf(more)}' of ${more?.topic} was published, and was not to be`)
  }
}
