import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../app/base/clock.ts'
import { FaultlineError, messageOf } from '../../../app/base/errors.ts'
import { formatKey, logBucket, retainedBucket, sharedFormat } from './keys.ts'
import { RedisConnection, type StreamEntry } from './redis-connection.ts'
import {
  adoptScript,
  claimScript,
  deadScript,
  joinScript,
  leaveScript,
  membersScript,
  readScript,
  rejoinScript,
  releaseScript,
  retainedScript,
  trimScript,
  writeScript,
} from './redis-scripts.ts'
import {
  kindNamed,
  kindOf,
  type LogEntry,
  type LogListener,
  type Ownership,
  type Rejoined,
  type SharedStore,
  type StoredBucket,
} from './shared-store.ts'
import type { Batch } from './store.ts'

/** How long a broker that is not heard of counts as alive, in milliseconds. */
const aliveMs = 5000
/** How long one reading of the log waits for something, in milliseconds, and how many entries it takes. */
const waitMs = 2000
const mostEntries = 200
/** How long an entry may take to come back, in milliseconds, before it is written again. */
const readBackMs = 15_000
/** After a reading that failed, in milliseconds. */
const pauseMs = 200

/** A store in Redis, which any number of brokers may share. What it survives of Redis' own end is up to Redis. */
export class RedisStore implements SharedStore {
  readonly id: string
  readonly name: string
  readonly #clock: Clock
  readonly #redis: RedisConnection
  /** Waits in its readings, and so nothing else can be said over it. */
  readonly #reader: RedisConnection
  #position: string
  /** The newest of its own entries that was read back. */
  #readBack = 0
  /** What the batch that is being written waits for. */
  #awaited: { readonly number: number; readonly end: (isLost: boolean) => void } | undefined
  #listener: LogListener | undefined
  #isStopping = false
  #isClosed = false
  /** What all that is stored is called: it is another one after Redis has lost its data. */
  #incarnation: string
  /** It is not known, and has not rejoined yet. */
  #isOut = false
  /** The last reading failed, and that was said. */
  #isUnreadable = false

  /** @throws FaultlineError `connection-closed` where it cannot be reached, `file-unreadable` where it is something else */
  static async open(url: string, clock: Clock): Promise<RedisStore> {
    const redis = await RedisConnection.open(url, clock)
    try {
      await checkFormat(redis)
      const reader = await RedisConnection.open(url, clock)
      const id = randomBytes(6).toString('hex')
      const joined = (await redis.run(joinScript, [id, aliveMs, id])) as [Buffer, Buffer]
      return new RedisStore({ clock, redis, reader, id, position: String(joined[0]), incarnation: String(joined[1]) })
    } catch (error) {
      redis.close()
      throw error instanceof FaultlineError ? error : redis.unusable(error)
    }
  }

  private constructor({ clock, redis, reader, id, position, incarnation }: Joined) {
    this.id = id
    this.name = redis.name
    this.#clock = clock
    this.#redis = redis
    this.#reader = reader
    this.#position = position
    this.#incarnation = incarnation
  }

  get isOut(): boolean {
    return this.#isOut
  }

  get position(): string {
    return this.#position
  }

  /** The retained messages. Sessions are taken over one by one, from brokers that are dead. */
  async load(take: (bucket: string, key: string, value: Uint8Array) => void): Promise<void> {
    for (const [key, value] of pairsOf(await this.#run(retainedScript))) take(retainedBucket, key, value)
  }

  async write(batch: Batch): Promise<void> {
    if (this.#isOut) throw unknown()
    const words: (string | Uint8Array)[] = []
    let last = 0
    for (const [bucket, { changes, isDropped }] of batch) {
      if (isDropped) words.push('drop', bucket)
      for (const [key, value] of changes) {
        if (bucket === logBucket && value !== undefined) {
          last = Number(key)
          words.push('log', key, kindOf(value), value.subarray(1))
        } else if (value === undefined) words.push('delete', bucket, key)
        else words.push('put', bucket, key, value)
      }
    }
    // What was given to Sessions up to here is in this batch, or was in one before.
    await this.#run(writeScript, [aliveMs, this.#position, ...words])
    if (last > 0) await this.#untilRead(last)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.stopFollowing()
    this.#reader.close()
    try {
      await this.#redis.run(leaveScript, [this.id])
    } catch (error) {
      throw new FaultlineError(
        {
          code: 'connection-closed',
          message: `${this.name} was not told that this broker stops: ${messageOf(error)}`,
          hint: `other brokers take over its Sessions ${aliveMs / 1000} seconds later`,
        },
        { cause: error },
      )
    } finally {
      this.#redis.close()
    }
  }

  follow(listener: LogListener): void {
    this.#listener = listener
    void this.#follow(listener)
  }

  stopFollowing(): void {
    this.#isStopping = true
    this.#endWait(false)
  }

  async claim(clientId: string): Promise<Ownership> {
    const [owner, alive] = (await this.#run(claimScript, [clientId])) as [Buffer, number]
    return { owner: String(owner), isAlive: alive === 1 }
  }

  async release(clientId: string): Promise<void> {
    await this.#run(releaseScript, [clientId])
  }

  async read(clientId: string): Promise<StoredBucket> {
    const answer = await this.#run(readScript, [clientId])
    const [owner, position, values] = answer as [Buffer | null, Buffer | null, Buffer[]]
    return { owner: textOf(owner), position: textOf(position), values: pairsOf(values) }
  }

  async members(): Promise<[key: string, value: Uint8Array][]> {
    return pairsOf(await this.#run(membersScript))
  }

  async since(position: string): Promise<LogEntry[]> {
    return (await this.#redis.range(logBucket, position)).map(entryOf)
  }

  async dead(): Promise<string[]> {
    return ((await this.#run(deadScript)) as Buffer[]).map(String)
  }

  async adopt(broker: string): Promise<string[]> {
    return ((await this.#run(adoptScript, [broker])) as Buffer[]).map(String)
  }

  async rejoin(clientIds: Iterable<string>): Promise<Rejoined> {
    const about = [aliveMs, this.#position, this.#readBack, this.#incarnation, randomBytes(6).toString('hex')]
    const words = [this.id, ...about, sharedFormat, ...clientIds]
    const [isGone, name, owned] = (await this.#redis.run(rejoinScript, words)) as [number, Buffer, Buffer[]]
    this.#incarnation = String(name)
    this.#isOut = false
    if (isGone === 1) this.#endWait(true)
    return { isGone: isGone === 1, owned: owned.map(String) }
  }

  async trim(): Promise<void> {
    await this.#run(trimScript)
  }

  async #run(script: string, words: readonly (string | number | Uint8Array)[] = []): Promise<unknown> {
    try {
      return await this.#redis.run(script, [this.id, ...words])
    } catch (error) {
      if (!messageOf(error).startsWith('EXPELLED')) throw error
      this.#isOut = true
      this.#listener?.expelled()
      throw unknown()
    }
  }

  /** What a broker publishes it delivers itself when it is its turn in the log: before, it is not acknowledged. */
  #untilRead(number: number): Promise<void> {
    if (this.#isStopping || this.#readBack >= number) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const timer = this.#clock.after(readBackMs, () => this.#endWait(true))
      const end = (isLost: boolean) => {
        timer.dispose()
        if (isLost) reject(new Error('Redis has lost what was written to it last'))
        else resolve()
      }
      this.#awaited = { number, end }
    })
  }

  #endWait(isLost: boolean): void {
    const awaited = this.#awaited
    this.#awaited = undefined
    awaited?.end(isLost)
  }

  async #follow(listener: LogListener): Promise<void> {
    while (!this.#isClosed) {
      const entries = await this.#next(listener)
      if (this.#isClosed) return
      for (const entry of entries.map(entryOf)) {
        this.#position = entry.position
        if (entry.broker === this.id && entry.number > 0) this.#readBack = entry.number
        try {
          listener.entry(entry)
        } catch (error) {
          // One that is damaged does not keep the others from being read.
          listener.failed(unreadable(this.name, error))
        }
      }
      if (this.#awaited !== undefined && this.#awaited.number <= this.#readBack) this.#endWait(false)
    }
  }

  /** Nothing where it cannot be reached: it is tried again soon. */
  async #next(listener: LogListener): Promise<StreamEntry[]> {
    try {
      const entries = await this.#reader.follow(logBucket, this.#position, waitMs, mostEntries)
      this.#isUnreadable = false
      return entries
    } catch (error) {
      if (!this.#isClosed && !this.#isUnreadable) listener.failed(unreadable(this.name, error))
      this.#isUnreadable = true
      await new Promise<void>((resolve) => {
        this.#clock.after(pauseMs, resolve)
      })
      return []
    }
  }
}

interface Joined {
  readonly clock: Clock
  readonly redis: RedisConnection
  readonly reader: RedisConnection
  readonly id: string
  readonly position: string
  readonly incarnation: string
}

function unknown(): FaultlineError {
  return new FaultlineError({
    code: 'conflict',
    message: 'Redis does not know this broker any more',
    hint: 'it makes itself known again',
  })
}

function unreadable(name: string, error: unknown): FaultlineError {
  return new FaultlineError(
    {
      code: 'connection-closed',
      message: `what other brokers write to ${name} cannot be read: ${messageOf(error)}`,
      hint: 'nobody is given what is published until it can; it is tried again all the time',
    },
    { cause: error },
  )
}

function entryOf([position, fields]: StreamEntry): LogEntry {
  const [, broker, , number, , kind, , value] = fields
  return {
    position: String(position),
    broker: String(broker),
    number: Number(String(number)),
    kind: kindNamed(String(kind)),
    value: value as Buffer,
  }
}

/** The answer of HGETALL. */
function pairsOf(answer: unknown): [key: string, value: Uint8Array][] {
  const all = answer as Buffer[]
  const pairs: [string, Uint8Array][] = []
  for (let at = 0; at + 1 < all.length; at += 2) pairs.push([String(all[at]), all[at + 1] as Buffer])
  return pairs
}

function textOf(octets: Buffer | null): string | undefined {
  return octets === null ? undefined : String(octets)
}

async function checkFormat(redis: RedisConnection): Promise<void> {
  if (await redis.setNew(formatKey, sharedFormat)) return
  const found = await redis.get(formatKey)
  if (found === sharedFormat) return
  throw new FaultlineError({
    code: 'file-unreadable',
    message: `${redis.name} is of another version of Faultline: it says that it is "${found}", and this program knows "${sharedFormat}"`,
    hint: 'nothing in it was changed; use another database of it, such as redis://HOST:PORT/1',
  })
}
