import { Aedes, type AedesOptions } from 'aedes'
import mqemitter from 'mqemitter'

/** Levels that a Topic Name may have: as many as fit into one [MQTT-4.7.3-3]. The matcher allows 100 unless told. */
const mostLevels = 65_536

type Listener = (packet: object, done: () => void) => void

/** The message queue that aedes routes with [mqemitter]. Its types do not say so, but `broker.mq` is documented. */
export interface MessageQueue {
  /** Calls the listener for every message whose topic the filter matches. */
  on(filter: string, listener: Listener, done?: () => void): unknown
  removeListener(filter: string, listener: Listener, done?: () => void): unknown
  /** @param done when all listeners are done; in a cluster, when the others have been told */
  emit(message: object, done: () => void): unknown
}

/** The part of aedes' persistence that the engine uses: where retained messages are kept. */
export interface RetainedStore {
  /** One without a payload deletes. */
  storeRetained(message: object): Promise<void>
}

/** What the engine uses of aedes. */
export interface AedesHeart {
  readonly id: string
  readonly version: string
  readonly queue: MessageQueue
  readonly persistence: RetainedStore
  close(): Promise<void>
}

/** Starts an aedes that serves no client by itself. @param options such as another `persistence` or `mq` */
export async function startAedes(options: AedesOptions = {}): Promise<AedesHeart> {
  const queue: MessageQueue = options.mq ?? deepQueue()
  const aedes = new Aedes({ id: 'faultline', ...options, mq: queue })
  await aedes.listen()
  const { persistence, version } = aedes as unknown as { persistence: RetainedStore; version: string }
  return {
    id: aedes.id,
    version,
    queue,
    persistence,
    close: () => new Promise((resolve) => aedes.close(() => resolve())),
  }
}

/**
 * aedes' own queue without its two bounds: the number of messages that may be on their way at a time, which does not
 * matter where all listeners are done when they return, and the number of levels.
 */
function deepQueue(): MessageQueue {
  const queue = mqemitter({ concurrency: 0, matchEmptyLevels: true })
  const { _matcher: matcher } = queue as unknown as { _matcher: { _max_words: number } }
  matcher._max_words = mostLevels
  return queue as unknown as MessageQueue
}
