import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../app/base/clock.ts'
import { FaultlineError, messageOf } from '../../../app/base/errors.ts'
import { format, formatKey, logBucket, retainedBucket } from './keys.ts'
import { RedisConnection, type StreamEntry } from './redis-connection.ts'
import {
  adoptScript,
  claimScript,
  deadScript,
  joinScript,
  leaveScript,
  readScript,
  releaseScript,
  retainedScript,
  trimScript,
  writeScript,
} from './redis-scripts.ts'
import {
  kindOf,
  type LogEntry,
  type LogListener,
  type Ownership,
  type SharedStore,
  type StoredBucket,
} from './shared-store.ts'
import type { Batch } from './store.ts'

/** How long a broker that is not heard of counts as alive, in milliseconds. */
const aliveMs = 5000
/** How long one reading of the log waits for something, in milliseconds, and how many entries it takes. */
const waitMs = 2000
const mostEntries = 200
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
  #waiting: { readonly number: number; readonly resolve: () => void }[] = []
  #listener: LogListener | undefined
  #isStopping = false
  #isClosed = false

  /** @throws FaultlineError `connection-closed` where it cannot be reached, `file-unreadable` where it is something else */
  static async open(url: string, clock: Clock): Promise<RedisStore> {
    const redis = await RedisConnection.open(url)
    try {
      await checkFormat(redis)
      const reader = await RedisConnection.open(url)
      const id = randomBytes(6).toString('hex')
      const position = await redis.run(joinScript, [id, aliveMs])
      return new RedisStore(clock, redis, reader, id, String(position))
    } catch (error) {
      redis.close()
      throw error
    }
  }

  private constructor(clock: Clock, redis: RedisConnection, reader: RedisConnection, id: string, position: string) {
    this.id = id
    this.name = redis.name
    this.#clock = clock
    this.#redis = redis
    this.#reader = reader
    this.#position = position
  }

  get position(): string {
    return this.#position
  }

  /** The retained messages. Sessions are taken over one by one, from brokers that are dead. */
  async load(take: (bucket: string, key: string, value: Uint8Array) => void): Promise<void> {
    for (const [key, value] of pairsOf(await this.#run(retainedScript))) take(retainedBucket, key, value)
  }

  async write(batch: Batch): Promise<void> {
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
    // Where it cannot be reached, the others find out by themselves.
    await this.#redis.run(leaveScript, [this.id]).catch(() => {})
    this.#redis.close()
  }

  follow(listener: LogListener): void {
    this.#listener = listener
    void this.#follow(listener)
  }

  stopFollowing(): void {
    this.#isStopping = true
    for (const { resolve } of this.#waiting.splice(0)) resolve()
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

  async since(position: string): Promise<LogEntry[]> {
    return (await this.#redis.range(logBucket, position)).map(entryOf)
  }

  async dead(): Promise<string[]> {
    return ((await this.#run(deadScript)) as Buffer[]).map(String)
  }

  async adopt(broker: string): Promise<string[]> {
    return ((await this.#run(adoptScript, [broker])) as Buffer[]).map(String)
  }

  async trim(): Promise<void> {
    await this.#run(trimScript)
  }

  async #run(script: string, words: readonly (string | number | Uint8Array)[] = []): Promise<unknown> {
    try {
      return await this.#redis.run(script, [this.id, ...words])
    } catch (error) {
      if (!messageOf(error).startsWith('EXPELLED')) throw error
      this.#listener?.expelled()
      throw new FaultlineError({
        code: 'conflict',
        message:
          'Redis does not know this broker any more: others have not heard of it for too long and have its Sessions, or Redis has lost its data',
        hint: 'start it again',
      })
    }
  }

  /** What a broker publishes it delivers itself when it is its turn in the log: before, it is not acknowledged. */
  #untilRead(number: number): Promise<void> {
    if (this.#isStopping || this.#readBack >= number) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiting.push({ number, resolve })
    })
  }

  async #follow(listener: LogListener): Promise<void> {
    while (!this.#isClosed) {
      const entries = await this.#next()
      if (this.#isClosed) return
      for (const entry of entries.map(entryOf)) {
        this.#position = entry.position
        if (entry.broker === this.id) this.#readBack = entry.number
        listener.entry(entry)
      }
      const isRead = ({ number }: { readonly number: number }) => number <= this.#readBack
      const read = this.#waiting.filter(isRead)
      this.#waiting = this.#waiting.filter((waiting) => !isRead(waiting))
      for (const { resolve } of read) resolve()
    }
  }

  /** Nothing where it cannot be reached: writing says so. */
  async #next(): Promise<StreamEntry[]> {
    try {
      return await this.#reader.follow(logBucket, this.#position, waitMs, mostEntries)
    } catch {
      await new Promise<void>((resolve) => {
        this.#clock.after(pauseMs, resolve)
      })
      return []
    }
  }
}

function entryOf([position, fields]: StreamEntry): LogEntry {
  const [, broker, , number, , kind, , value] = fields
  return {
    position: String(position),
    broker: String(broker),
    number: Number(String(number)),
    kind: String(kind) === 'word' ? 'word' : 'message',
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
  if (await redis.setNew(formatKey, format)) return
  const found = await redis.get(formatKey)
  if (found === format) return
  throw new FaultlineError({
    code: 'file-unreadable',
    message: `${redis.name} is of another version of Faultline: it says that it is "${found}", and this program knows "${format}"`,
    hint: 'nothing in it was changed; use another database of it, such as redis://HOST:PORT/1',
  })
}
