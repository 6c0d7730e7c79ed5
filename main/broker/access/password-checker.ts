import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../../app/base/clock.ts'
import type { Presence } from './access.ts'
import { FailedLogins } from './failed-logins.ts'
import { derive, nobodys, parseHash } from './password-hash.ts'

export interface PasswordLimits {
  /** Checks at a time: they share their threads with everything that reads and writes files. @default 2 */
  readonly atOnce?: number
  /** Checks that wait; a fleet that comes with as many passwords would wait for minutes. @default 2000 */
  readonly waiting?: number
}

/** Passwords that were right and are remembered. */
const mostKnown = 20_000
/** How much the newest check says of what the next one costs. */
const weight = 0.25

/** Who wants to know. */
export interface Asker {
  readonly address: string
  readonly userName: string
  presence(): Presence
  /** In milliseconds. */
  readonly patience: number
}

interface Check {
  readonly name: string
  readonly password: Uint8Array
  readonly hash: string | undefined
  readonly askers: Asker[]
  readonly answer: Promise<boolean>
  readonly settle: (isRight: boolean) => void
  readonly fail: (error: unknown) => void
}

/** After everybody else. */
const last = 1e12

/**
 * Checks passwords against their hashes. One that was right once costs nothing from then on. Who has failed before waits
 * behind those who have not, so that guesses keep nobody else out.
 */
export class PasswordChecker {
  readonly #clock: Clock
  readonly #mostAtOnce: number
  readonly #mostWaiting: number
  /** Nobody outside of this process can tell a password from what is remembered of it. */
  readonly #secret = randomBytes(32)
  readonly #known = new Set<string>()
  readonly #asked = new Map<string, Check>()
  /** In the order in which they came. */
  #waiting: Check[] = []
  readonly #failed: FailedLogins
  #running = 0
  /** What a check takes, in milliseconds. */
  #cost = 0

  constructor(clock: Clock, { atOnce = 2, waiting = 2000 }: PasswordLimits = {}) {
    this.#clock = clock
    this.#mostAtOnce = atOnce
    this.#mostWaiting = waiting
    this.#failed = new FailedLogins(clock)
  }

  /**
   * Whether it is the password of the hash: at once where that is known; `busy` where the answer would come too late. It
   * is false, and was not looked at, where nobody waits for it any more.
   *
   * @param hash undefined takes as long as others do, and is never right
   */
  check(password: Uint8Array, hash: string | undefined, asker: Asker): true | 'busy' | Promise<boolean> {
    const name = createHmac('sha256', this.#secret).update(`${hash}\0`).update(password).digest('base64')
    if (this.#known.has(name)) return true
    const asked = this.#asked.get(name)
    if (asked !== undefined) {
      // A fleet that shares a password is checked once.
      asked.askers.push(asker)
      return asked.answer
    }
    this.#dropGone()
    if (this.#isTooLong(asker)) return 'busy'
    const check = checkOf(name, password, hash, asker)
    this.#asked.set(name, check)
    this.#waiting.push(check)
    this.#next()
    return check.answer
  }

  #isTooLong(asker: Asker): boolean {
    if (this.#waiting.length >= this.#mostWaiting) return true
    const own = this.#rankOf(asker)
    let before = this.#running
    for (const check of this.#waiting) if (this.#rank(check) <= own) before++
    return (Math.floor(before / this.#mostAtOnce) + 1) * this.#cost > asker.patience
  }

  #next(): void {
    while (this.#running < this.#mostAtOnce) {
      this.#dropGone()
      let best: Check | undefined
      let least = Number.POSITIVE_INFINITY
      for (const check of this.#waiting) {
        const rank = this.#rank(check)
        if (rank >= least) continue
        best = check
        least = rank
      }
      if (best === undefined) return
      this.#waiting.splice(this.#waiting.indexOf(best), 1)
      void this.#run(best)
    }
  }

  #dropGone(): void {
    const gone = this.#waiting.filter(isGone)
    if (gone.length === 0) return
    this.#waiting = this.#waiting.filter((check) => !gone.includes(check))
    for (const check of gone) {
      this.#asked.delete(check.name)
      check.settle(false)
    }
  }

  /** Who has failed least is next: from the same address, and as the same user. */
  #rank({ askers }: Check): number {
    return Math.min(...askers.map((asker) => this.#rankOf(asker)))
  }

  #rankOf({ address, presence, userName }: Asker): number {
    const failures = 1e6 * this.#failed.from(address) + this.#failed.as(userName)
    return presence() === 'there' ? failures : last + failures
  }

  async #run(check: Check): Promise<void> {
    const { askers, hash: text, name, password } = check
    this.#running++
    const began = this.#clock.monotonic()
    try {
      const hash = text === undefined ? undefined : parseHash(text)
      const against = hash ?? nobodys
      const isRight = timingSafeEqual(await derive(password, against), against.hash) && hash !== undefined
      const took = (this.#clock.monotonic() - began) / 1e6
      this.#cost = this.#cost === 0 ? took : this.#cost + weight * (took - this.#cost)
      if (isRight) this.#remember(name)
      else for (const { address, userName } of askers) this.#failed.add(address, userName)
      check.settle(isRight)
    } catch (error) {
      check.fail(error)
    }
    this.#asked.delete(name)
    this.#running--
    this.#next()
  }

  #remember(name: string): void {
    if (this.#known.size >= mostKnown) this.#known.clear()
    this.#known.add(name)
  }
}

function isGone({ askers }: Check): boolean {
  return askers.every(({ presence }) => presence() === 'gone')
}

function checkOf(name: string, password: Uint8Array, hash: string | undefined, asker: Asker): Check {
  let settle: Check['settle'] = () => undefined
  let fail: Check['fail'] = () => undefined
  const answer = new Promise<boolean>((resolve, reject) => {
    settle = resolve
    fail = reject
  })
  return { name, password, hash, askers: [asker], answer, settle, fail }
}
