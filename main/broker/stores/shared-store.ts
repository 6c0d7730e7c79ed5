import type { FaultlineError } from '../../../app/base/errors.ts'
import type { Store } from './store.ts'

/** What one broker asks another one, or tells it, in the log. */
export interface LogWord {
  readonly type: 'ask' | 'handed'
  readonly clientId: string
  /** The broker that is meant. */
  readonly to: string
  /** The broker that says it. */
  readonly from: string
}

/** A broker is dead, and another one has adopted its Sessions. Written when that is done, in the same step. */
export interface GoneWord {
  readonly type: 'gone'
  readonly from: string
  readonly to: string
  /** Up to where it had read the log. */
  readonly position: string
}

/** Something in the log, in the order that is the same for all brokers. */
export interface LogEntry {
  /** Its place. */
  readonly position: string
  /** The broker that wrote it, and which of the entries of that broker it is. */
  readonly broker: string
  readonly number: number
  readonly kind: (typeof kinds)[number]
  readonly value: Uint8Array
}

/** Who has a Session, and whether that broker is alive. */
export interface Ownership {
  readonly owner: string
  readonly isAlive: boolean
}

/** What is stored of one Session. */
export interface StoredBucket {
  readonly owner: string | undefined
  /** Up to where of the log its former owner has given it messages; undefined where that needs no saying. */
  readonly position: string | undefined
  readonly values: readonly (readonly [key: string, value: Uint8Array])[]
}

/** What a broker finds that was not known any more. */
export interface Rejoined {
  /** All that was stored is gone: what this broker knows is to be written again. */
  readonly isGone: boolean
  /** Then, the Sessions that are this broker's still; otherwise others have them all. */
  readonly owned: readonly string[]
}

export interface LogListener {
  /** In order. The position of the store is that of the entry already. */
  entry(entry: LogEntry): void
  /** The log cannot be read, which is said once until it can, or one entry of it. */
  failed(error: FaultlineError): void
  /**
   * It is not known any more: others have taken it for dead and have its Sessions, or all that was stored is gone. Nothing
   * that it writes counts until it has rejoined. Said again and again until then.
   */
  expelled(): void
}

/**
 * A store that several brokers share. Beside buckets it has a log, which all of them read in one order; what is put into
 * the bucket `log` is appended to it, by number. Each Session has one broker that serves it.
 */
export interface SharedStore extends Store {
  /** Names this broker among those that share the store. */
  readonly id: string
  /** The place of the newest entry that was read. Every write takes it along. */
  readonly position: string
  /** It is not known any more, and has not rejoined yet. */
  readonly isOut: boolean
  /** Begins to read the log. */
  follow(listener: LogListener): void
  /** Whatever is written counts as written before it was read back: this broker stops. */
  stopFollowing(): void
  /** The owner of a Session; from now on this broker, where it had none. */
  claim(clientId: string): Promise<Ownership>
  /** This broker gives up a Session that has ended. */
  release(clientId: string): Promise<void>
  read(clientId: string): Promise<StoredBucket>
  /** Who is a member of Shared Subscriptions: keys as `memberKey`, and what was stored for them. */
  members(): Promise<[key: string, value: Uint8Array][]>
  /** What is in the log after the position. */
  since(position: string): Promise<LogEntry[]>
  /** Brokers that have not been heard of for too long. */
  dead(): Promise<string[]>
  /** Takes over the Sessions of a broker that is dead; of several brokers that try it, one gets them. */
  adopt(broker: string): Promise<string[]>
  /** Is known again. Nothing is written before this is done. @param clientIds of the Sessions that are here */
  rejoin(clientIds: Iterable<string>): Promise<Rejoined>
  /** Removes from the log what every broker has read. */
  trim(): Promise<void>
}

/** Whether several brokers may share it. */
export function isShared(store: Store): store is SharedStore {
  return 'claim' in store
}

/** Whether one place of the log comes before another: `milliseconds-number`. */
export function isBefore(a: string, b: string): boolean {
  const [aTime = 0, aNumber = 0] = a.split('-').map(Number)
  const [bTime = 0, bNumber = 0] = b.split('-').map(Number)
  return aTime === bTime ? aNumber < bNumber : aTime < bTime
}

const kinds = ['message', 'word', 'shared'] as const

/** The kind that has the name; a message where there is none. */
export function kindNamed(name: string): LogEntry['kind'] {
  return kinds.find((kind) => kind === name) ?? 'message'
}

/** What is put into the bucket `log`: the kind comes first. */
export function logValue(kind: LogEntry['kind'], value: Uint8Array): Uint8Array {
  const octets = new Uint8Array(value.length + 1)
  octets[0] = kinds.indexOf(kind)
  octets.set(value, 1)
  return octets
}

export function kindOf(value: Uint8Array): LogEntry['kind'] {
  return kinds[value[0] as number] as LogEntry['kind']
}
