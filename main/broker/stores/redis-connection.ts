import { Command, Redis, type RedisOptions } from 'ioredis'
import type { Clock } from '../../../app/base/clock.ts'
import { type Disposable, DisposableStore } from '../../../app/base/disposable.ts'
import type { FaultlineError } from '../../../app/base/errors.ts'
import { answersWithoutTls } from './plain-redis.ts'
import { inWords, noTls, unusable } from './redis-words.ts'

/** Of everything that this program keeps in Redis. */
const prefix = 'faultline:'
/** How long Redis may take to answer, and to be reached at the start, in milliseconds. */
const answerMs = 10_000
/** A TLS handshake that is not answered for so long, in milliseconds, may be with one that knows no TLS. */
const silentMs = 1000
/** How long that one may take to say so, in milliseconds. */
const plainMs = 2000
/** Between two attempts to reach it, in milliseconds: each is twice as long as the one before, up to the longest. */
const retryMs = 100
const longestRetryMs = 2000

/** One connection to a Redis, and all that is said over it. */
export class RedisConnection {
  /** What to call it in a message; nothing secret. */
  readonly name: string
  readonly #redis: Redis
  /** Why it could not be reached the last time. */
  #trouble: string | undefined

  /** @throws FaultlineError `connection-closed` where it cannot be reached */
  static async open(url: string, clock: Clock): Promise<RedisConnection> {
    const connection = new RedisConnection(url)
    const silence = new URL(url).protocol === 'rediss:' ? new Silence(url, clock) : undefined
    try {
      await Promise.race([connection.#redis.connect(), ...(silence === undefined ? [] : [silence.explained])])
    } catch (error) {
      connection.close()
      if (await silence?.isWithoutTls()) connection.#trouble = noTls
      throw connection.unusable(error)
    } finally {
      silence?.dispose()
    }
    return connection
  }

  private constructor(url: string) {
    const { host, pathname, protocol } = new URL(url)
    this.name = `the store in Redis at ${host}${pathname}`
    this.#redis = new Redis(url, { ...options, lazyConnect: true })
    // Commands fail then as well, and whoever sent them says so.
    this.#redis.on('error', (error: Error & { readonly command?: { readonly name: string } }) => {
      this.#trouble = inWords(error, protocol === 'rediss:')
      // The library would go on with database 0, which is somebody else's. It is tried again, as if it were away.
      if (error.command?.name === 'select') this.#redis.disconnect(true)
    })
  }

  /** Why it can be no store. @param error what was caught */
  unusable(error: unknown): FaultlineError {
    return unusable(this.name, error, this.#trouble)
  }

  /** Runs a script in one step. Answers are octets. @throws what Redis says, or why it cannot be reached */
  async run(script: string, words: readonly (string | number | Uint8Array)[]): Promise<unknown> {
    // A batch can have more words than a function may have arguments.
    const command = new Command('EVAL', [script, '0', prefix, words.map(octetsOf)], { replyEncoding: null })
    return this.#answered(this.#redis.sendCommand(command) as Promise<unknown>)
  }

  async #answered<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer
    } catch (error) {
      // Its own words are about its options.
      if (!(error instanceof Error) || error.name !== 'MaxRetriesPerRequestError') throw error
      throw new Error(this.#trouble ?? 'the connection was lost', { cause: error })
    }
  }

  /** Why it could not be reached, if that is known. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  async get(key: string): Promise<string | null> {
    return this.#redis.get(prefix + key)
  }

  /** @returns whether there was nothing yet */
  async setNew(key: string, value: string): Promise<boolean> {
    return (await this.#redis.set(prefix + key, value, 'NX')) === 'OK'
  }

  range(key: string, after: string): Promise<StreamEntry[]> {
    return this.#redis.xrangeBuffer(prefix + key, `(${after}`, '+')
  }

  /** Waits for something after the position. @param waitMs at most so long @param most entries */
  async follow(key: string, after: string, waitMs: number, most: number): Promise<StreamEntry[]> {
    const read = this.#redis.xreadBuffer('COUNT', most, 'BLOCK', waitMs, 'STREAMS', prefix + key, after)
    const streams = (await this.#answered(read)) as [[Buffer, StreamEntry[]]] | null
    return streams?.[0][1] ?? []
  }

  close(): void {
    this.#redis.disconnect()
  }
}

/** Finds out of a TLS handshake that is not answered whether it is that of a Redis without TLS. */
class Silence implements Disposable {
  /** Rejected as soon as it is; never fulfilled. */
  readonly explained: Promise<never>
  readonly #timers = new DisposableStore()
  readonly #stop = new AbortController()
  #asked: Promise<boolean> | undefined

  constructor(url: string, clock: Clock) {
    const { hostname, port } = new URL(url)
    const host = hostname.replace(/^\[(.*)\]$/, '$1')
    let explain: (error: Error) => void = () => {}
    this.explained = new Promise((_resolve, reject) => {
      explain = reject
    })
    this.explained.catch(() => {})
    const ask = () => {
      this.#timers.add(clock.after(plainMs, () => this.#stop.abort()))
      this.#asked = answersWithoutTls(host, Number(port || 6379), this.#stop.signal)
      void this.#asked.then((isPlain) => {
        if (isPlain) explain(new Error(noTls))
      })
    }
    this.#timers.add(clock.after(silentMs, ask))
  }

  /** False where there was no reason to ask. */
  async isWithoutTls(): Promise<boolean> {
    return (await this.#asked) ?? false
  }

  dispose(): void {
    this.#timers.dispose()
    this.#stop.abort()
  }
}

/** The place of an entry of a stream, and its fields and values one after the other. */
export type StreamEntry = [position: Buffer, fields: Buffer[]]

const options: RedisOptions = {
  connectTimeout: answerMs,
  commandTimeout: answerMs,
  retryStrategy: (attempts) => Math.min(retryMs * 2 ** Math.min(attempts - 1, 10), longestRetryMs),
  // What waits while it cannot be reached fails, and is tried again by whoever knows what it means.
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
}

function octetsOf(word: string | number | Uint8Array): string | Buffer {
  if (typeof word !== 'object') return String(word)
  return Buffer.from(word.buffer, word.byteOffset, word.byteLength)
}
