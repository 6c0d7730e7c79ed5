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

/** Topics whose listeners are remembered. */
const mostKnown = 1000

/** The matcher of aedes' queue. */
interface Matcher {
  _max_words: number
  match(topic: string): unknown[]
  add(filter: string, listener: unknown): unknown
  remove(filter: string, listener?: unknown): unknown
}

/**
 * Clients publish to few topics again and again: who listens is found once for each, until somebody comes or goes.
 * Whoever is given the listeners only reads them.
 */
function remember(matcher: Matcher): void {
  const known = new Map<string, unknown[]>()
  const { add, match, remove } = matcher
  matcher.match = (topic) => {
    const before = known.get(topic)
    if (before !== undefined) return before
    const found = match.call(matcher, topic)
    if (known.size === mostKnown) known.clear()
    known.set(topic, found)
    return found
  }
  matcher.add = (filter, listener) => {
    known.clear()
    return add.call(matcher, filter, listener)
  }
  matcher.remove = (filter, listener) => {
    known.clear()
    return remove.call(matcher, filter, listener)
  }
}

/**
 * aedes' own queue without its two bounds: the number of messages that may be on their way at a time, which does not
 * matter where all listeners are done when they return, and the number of levels.
 */
function deepQueue(): MessageQueue {
  const queue = mqemitter({ concurrency: 0, matchEmptyLevels: true })
  const { _matcher: matcher } = queue as unknown as { _matcher: Matcher }
  matcher._max_words = mostLevels
  remember(matcher)
  return queue as unknown as MessageQueue
}
