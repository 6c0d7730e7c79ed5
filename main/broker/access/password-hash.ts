import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** What scrypt costs: 16 MB of memory, five times [RFC 7914 §2; OWASP's equal of N=2^17, p=1]. */
const usual = { ln: 14, r: 8, p: 5 }
const saltOctets = 16
const hashOctets = 32

/** What a hash in a file may cost: no more memory than this, in octets. */
const mostMemory = 256 * 1024 * 1024

const form = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([\w+/]{16,128})\$([\w+/]{22,128})$/

interface Hash {
  readonly ln: number
  readonly r: number
  readonly p: number
  readonly salt: Buffer
  readonly hash: Buffer
}

/** The hash of a password with a salt of its own: `$scrypt$ln=14,r=8,p=5$SALT$HASH`. */
export async function hashPassword(password: Uint8Array): Promise<string> {
  const salt = randomBytes(saltOctets)
  const hash = await derive(password, { ...usual, salt, hash: Buffer.alloc(hashOctets) })
  const text = (octets: Buffer) => octets.toString('base64').replaceAll('=', '')
  return `$scrypt$ln=${usual.ln},r=${usual.r},p=${usual.p}$${text(salt)}$${text(hash)}`
}

/** Whether this is a hash that can be checked here. */
export function isPasswordHash(text: string): boolean {
  return parse(text) !== undefined
}

function parse(text: string): Hash | undefined {
  const [, ln, r, p, salt = '', hash = ''] = form.exec(text) ?? []
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) }
  if (!(cost.ln >= 1 && cost.r >= 1 && cost.p >= 1) || 128 * 2 ** cost.ln * cost.r > mostMemory) return undefined
  return { ...cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') }
}

function derive(password: Uint8Array, { ln, r, p, salt, hash }: Hash): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const cost = { N: 2 ** ln, r, p, maxmem: 2 * mostMemory }
    scrypt(password, salt, hash.length, cost, (error, key) => (error === null ? resolve(key) : reject(error)))
  })
}

/** Checks at a time: they share their threads with everything that reads and writes files. */
const mostAtOnce = 2
/** Checks that wait; a fleet that comes with as many passwords would wait for minutes. */
const mostWaiting = 2000
/** Passwords that were right and are remembered. */
const mostKnown = 20_000

/** Checks passwords against their hashes. One that was right once costs nothing from then on. */
export class PasswordChecker {
  /** Nobody outside of this process can tell a password from what is remembered of it. */
  readonly #secret = randomBytes(32)
  readonly #known = new Set<string>()
  readonly #asked = new Map<string, Promise<boolean>>()
  readonly #waiting: (() => void)[] = []
  readonly #mostWaiting: number
  #running = 0

  constructor(most = mostWaiting) {
    this.#mostWaiting = most
  }

  /**
   * Whether it is the password of the hash: at once where that is known, `busy` where too many wait already.
   *
   * @param hash undefined takes as long as others do, and is never right
   */
  check(password: Uint8Array, hash: string | undefined): true | 'busy' | Promise<boolean> {
    const name = createHmac('sha256', this.#secret).update(`${hash}\0`).update(password).digest('base64')
    if (this.#known.has(name)) return true
    const asked = this.#asked.get(name)
    // A fleet that shares a password is checked once.
    if (asked !== undefined) return asked
    if (this.#waiting.length >= this.#mostWaiting) return 'busy'
    const answer = this.#compare(password, hash, name).finally(() => this.#asked.delete(name))
    this.#asked.set(name, answer)
    return answer
  }

  async #compare(password: Uint8Array, text: string | undefined, name: string): Promise<boolean> {
    const hash = text === undefined ? undefined : parse(text)
    const against = hash ?? { ...usual, salt: Buffer.alloc(saltOctets), hash: Buffer.alloc(hashOctets) }
    await this.#turn()
    try {
      const isRight = timingSafeEqual(await derive(password, against), against.hash) && hash !== undefined
      if (isRight) this.#remember(name)
      return isRight
    } finally {
      this.#running -= 1
      this.#waiting.shift()?.()
    }
  }

  async #turn(): Promise<void> {
    if (this.#running >= mostAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#running += 1
  }

  #remember(name: string): void {
    if (this.#known.size >= mostKnown) this.#known.clear()
    this.#known.add(name)
  }
}
