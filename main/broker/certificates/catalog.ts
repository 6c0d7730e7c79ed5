const day = 86_400_000
const year = 365 * day

/** A certificate that a workspace gets. */
export interface CatalogEntry {
  /** `pump` is `pump.crt` with `pump.key`. */
  readonly name: string
  readonly kind: 'broker' | 'client'
  readonly signedBy: 'ca' | 'intermediate' | 'other-ca'
  /** What it is for, in words. */
  readonly purpose: string
  /** From and until when it is valid, in milliseconds from now. */
  readonly from: number
  readonly until: number
  /** Whether it is made again before it is no more what its name says. */
  readonly isKeptFresh: boolean
  readonly isRevoked: boolean
  /** Whom a broker may be reached as with it. @default this machine */
  readonly hosts?: readonly string[]
}

/** Longer than this no client of our time takes from a broker. */
const usual = { from: -day, until: 397 * day, isKeptFresh: true, isRevoked: false }
const past = { ...usual, from: -2 * year, until: -day, isKeptFresh: false }
const future = { ...usual, from: year, until: 2 * year }
const revoked = { ...usual, isRevoked: true }

/** So much is left of what is kept fresh, in milliseconds. */
export const renewal = 30 * day
export const authorityValidity = { from: -3 * year, until: 10 * year }

export const authorities = {
  ca: 'the authority of this workspace: programs that trust it trust the broker',
  intermediate: 'an authority below it, which has signed the certificates named chain',
  'other-ca': 'an authority that nobody trusts, which has signed the client certificate named stranger',
} as const

export type AuthorityName = keyof typeof authorities

export const catalog: readonly CatalogEntry[] = [
  { ...usual, name: 'server', kind: 'broker', signedBy: 'ca', purpose: 'a good one, for the broker on this machine' },
  { ...past, name: 'server-expired', kind: 'broker', signedBy: 'ca', purpose: 'for a broker: it has expired' },
  { ...future, name: 'server-not-yet-valid', kind: 'broker', signedBy: 'ca', purpose: 'for a broker: not valid yet' },
  {
    ...usual,
    name: 'server-wrong-host',
    kind: 'broker',
    signedBy: 'ca',
    purpose: 'for a broker of another name',
    hosts: ['another-broker.example'],
  },
  { ...revoked, name: 'server-revoked', kind: 'broker', signedBy: 'ca', purpose: 'for a broker: it is in ca.crl' },
  {
    ...usual,
    name: 'server-chain',
    kind: 'broker',
    signedBy: 'intermediate',
    purpose: 'for the broker: good, with the intermediate authority in its file',
  },
  { ...usual, name: 'client', kind: 'client', signedBy: 'ca', purpose: 'a good one, for a client' },
  { ...past, name: 'expired', kind: 'client', signedBy: 'ca', purpose: 'for a client: it has expired' },
  { ...future, name: 'not-yet-valid', kind: 'client', signedBy: 'ca', purpose: 'for a client: not valid yet' },
  { ...revoked, name: 'revoked', kind: 'client', signedBy: 'ca', purpose: 'for a client: it is in ca.crl' },
  {
    ...usual,
    name: 'stranger',
    kind: 'client',
    signedBy: 'other-ca',
    purpose: 'for a client: of an authority that the broker does not know',
  },
  {
    ...usual,
    name: 'chain',
    kind: 'client',
    signedBy: 'intermediate',
    purpose: 'for a client: good, with the intermediate authority in its file',
  },
]
