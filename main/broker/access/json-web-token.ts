import { createPublicKey, createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import type * as Library from 'jose'
import type { ProtectedHeaderParameters } from 'jose'
import { FaultlineError, messageOf } from '../../../app/base/errors.ts'
import { jsonStart } from '../../../app/base/json-start.ts'

export interface TokenSettings {
  /** Of the issuer and the audience that a token has to name; undefined is not looked at. */
  readonly issuer?: string | undefined
  readonly audience?: string | undefined
  /** The claim that is the user name. */
  readonly userName: string
  /** How much the clocks may differ, in seconds. */
  readonly tolerance: number
}

/** A key that tokens are checked with. */
export interface TokenKey {
  readonly key: KeyObject
  /** The only algorithms that this key is used with, whatever a token says [RFC 8725 §3.1]. */
  readonly algorithms: readonly string[]
  /** Undefined takes tokens of any. */
  readonly id: string | undefined
}

export type TokenOutcome =
  | {
      readonly userName: string
      /** In milliseconds since 1970. */
      readonly validUntil: number | undefined
      readonly reason?: never
    }
  | {
      readonly userName?: never
      /** Why it is no good. */
      readonly reason: string
    }

/** Whether a password looks like a JSON Web Token in its compact form [RFC 7519 §3]. */
export function isToken(text: string): boolean {
  return /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(text)
}

/** @throws FaultlineError `file-unreadable` */
export function secretKey(text: string): TokenKey[] {
  const secret = text.replace(/\r?\n$/, '')
  if (secret === '') throw unusable('the secret is empty')
  // What is public is no secret: whoever has it would make tokens.
  if (secret.includes('-----BEGIN')) throw unusable('the secret is a PEM file; name a public key as "publicKey"')
  return [{ key: createSecretKey(Buffer.from(secret)), algorithms: ['HS256', 'HS384', 'HS512'], id: undefined }]
}

/** @param text a public key or certificate as PEM, a JWK, or a JWK Set [RFC 7517]. @throws FaultlineError `file-unreadable` */
export function publicKeys(text: string): TokenKey[] {
  try {
    if (!text.trimStart().startsWith('{')) return [tokenKey(createPublicKey(text), undefined, undefined)]
    const json: { keys?: JsonWebKey[] } & JsonWebKey = JSON.parse(text)
    const keys = (json.keys ?? [json]).filter(({ use, kty }) => use !== 'enc' && kty !== 'oct')
    if (keys.length === 0) throw new Error('there is no public key in it')
    return keys.map((jwk) => tokenKey(createPublicKey({ key: jwk, format: 'jwk' }), jwk['kid'], jwk['alg']))
  } catch (error) {
    throw error instanceof FaultlineError ? error : unusable(messageOf(error))
  }
}

function tokenKey(key: KeyObject, id: unknown, algorithm: unknown): TokenKey {
  const all = algorithmsOf(key)
  const algorithms = typeof algorithm === 'string' ? all.filter((name) => name === algorithm) : all
  if (algorithms.length === 0) throw unusable(`keys of type ${key.asymmetricKeyType} are not used for tokens here`)
  return { key, algorithms, id: typeof id === 'string' ? id : undefined }
}

function algorithmsOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string[] {
  if (asymmetricKeyType === 'rsa') return ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
  if (asymmetricKeyType === 'ed25519') return ['EdDSA']
  const curves: Record<string, string> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' }
  const curve = asymmetricKeyType === 'ec' ? curves[asymmetricKeyDetails?.namedCurve ?? ''] : undefined
  return curve === undefined ? [] : [curve]
}

function unusable(why: string): FaultlineError {
  return new FaultlineError({
    code: 'file-unreadable',
    message: `"broker.access.jwt" of faultline.json cannot be used: ${why}`,
    hint: '"secret" names a file with a shared secret, "publicKey" one with a public key as PEM or JWKS',
  })
}

/** Checks a token: its signature first, what it claims then [RFC 7519 §7.2]. Never rejects. @param now in ms since 1970 */
export async function checkToken(
  token: string,
  keys: readonly TokenKey[],
  settings: TokenSettings,
  now: number,
): Promise<TokenOutcome> {
  // Large, and only a broker that takes tokens needs it.
  const jose = await import('jose')
  const header = headerOf(jose, token)
  if (header === undefined) return { reason: 'the token is broken: it does not begin with a header' }
  const { alg, kid, crit } = header
  if (typeof alg !== 'string' || alg === 'none') return { reason: 'the token is not signed' }
  // What has to be understood, and is not, makes a token invalid [RFC 7515 §4.1.11].
  if (crit !== undefined) return { reason: 'the token demands extensions that are not known here' }
  const named = keys.filter(({ id }) => typeof kid !== 'string' || id === undefined || id === kid)
  if (named.length === 0) return { reason: `the token is signed with the key ${String(kid)}, which is not known here` }
  const fitting = named.filter(({ algorithms }) => algorithms.includes(alg))
  if (fitting.length === 0) return { reason: `the token is signed with ${alg}, for which no key is known here` }
  let outcome: TokenOutcome = { reason: wrongSignature }
  for (const key of fitting) {
    outcome = await checkWith(jose, key, token, settings, now)
    if (outcome.reason !== wrongSignature) return outcome
  }
  return outcome
}

type Jose = typeof Library

const wrongSignature = "the token's signature is wrong"

function headerOf({ decodeProtectedHeader }: Jose, token: string): ProtectedHeaderParameters | undefined {
  try {
    return decodeProtectedHeader(token)
  } catch {
    // Undefined says it: whatever is no token is refused with that reason.
    return undefined
  }
}

async function checkWith(
  jose: Jose,
  { algorithms, key }: TokenKey,
  token: string,
  { audience, issuer, tolerance, userName: claim }: TokenSettings,
  now: number,
): Promise<TokenOutcome> {
  try {
    const { payload } = await jose.jwtVerify(token, key, {
      algorithms: [...algorithms],
      currentDate: new Date(now),
      clockTolerance: tolerance,
      ...(issuer === undefined ? {} : { issuer }),
      ...(audience === undefined ? {} : { audience }),
    })
    const userName = payload[claim]
    if (typeof userName !== 'string' || userName === '') {
      return { reason: `the token has no claim ${claim} that names a user` }
    }
    return { userName, validUntil: payload.exp === undefined ? undefined : (payload.exp + tolerance) * 1000 }
  } catch (error) {
    return { reason: whyRefused(jose, error, issuer, audience) }
  }
}

function whyRefused(
  { errors }: Jose,
  error: unknown,
  issuer: string | undefined,
  audience: string | undefined,
): string {
  if (error instanceof errors.JWSSignatureVerificationFailed) return wrongSignature
  const isClaim = error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired
  if (!isClaim) return `the token is broken: ${messageOf(error)}`
  const { claim, payload, reason } = error
  const { exp = 0, nbf = 0 } = payload
  if (claim === 'iss') return `the token is of the issuer ${shown(payload.iss)}, not ${issuer}`
  if (claim === 'aud') return `the token is for ${shown(payload.aud)}, not for ${audience}`
  if (reason === 'invalid') return `the token's ${claim} is not a number`
  if (claim === 'exp') return `the token has expired: it was valid until ${moment(exp)}`
  return `the token is not valid yet: it will be from ${moment(nbf)}`
}

function moment(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString().replace('.000Z', 'Z')
}

function shown(value: unknown): string {
  return value === undefined ? 'nobody' : jsonStart(value, 100)
}
