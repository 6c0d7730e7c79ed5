import { randomBytes, scrypt } from 'node:crypto'

/** What scrypt costs: 16 MB of memory, five times [RFC 7914 §2; OWASP's equal of N=2^17, p=1]. */
const usual = { ln: 14, r: 8, p: 5 }
const saltOctets = 16
const hashOctets = 32

/** What a hash in a file may cost: no more memory than this, in octets. */
const mostMemory = 256 * 1024 * 1024

const form = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([\w+/]{16,128})\$([\w+/]{22,128})$/

export interface Hash {
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

/** A hash that no password has, and that costs as much to check as others. */
export const nobodys: Hash = { ...usual, salt: Buffer.alloc(saltOctets), hash: Buffer.alloc(hashOctets) }

/** Whether this is a hash that can be checked here. */
export function isPasswordHash(text: string): boolean {
  return parseHash(text) !== undefined
}

export function parseHash(text: string): Hash | undefined {
  const [, ln, r, p, salt = '', hash = ''] = form.exec(text) ?? []
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) }
  if (!(cost.ln >= 1 && cost.r >= 1 && cost.p >= 1) || 128 * 2 ** cost.ln * cost.r > mostMemory) return undefined
  return { ...cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') }
}

/** @throws Error where there is no memory for it */
export function derive(password: Uint8Array, { ln, r, p, salt, hash }: Hash): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const cost = { N: 2 ** ln, r, p, maxmem: 2 * mostMemory }
    scrypt(password, salt, hash.length, cost, (error, key) => (error === null ? resolve(key) : reject(error)))
  })
}
