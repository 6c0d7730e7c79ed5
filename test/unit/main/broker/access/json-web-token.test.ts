import { execFileSync } from 'node:child_process'
import { createHmac, createSecretKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  checkToken,
  isToken,
  publicKeys,
  secretKey,
  type TokenKey,
} from '../../../../../main/broker/access/json-web-token.ts'

const now = Date.parse('2026-03-01T12:00:00Z')
const seconds = now / 1000
const settings = { userName: 'sub', tolerance: 0 }
/** What the tokens claim of themselves that name the issuer and the audience that are asked for. */
const meant = { iss: 'a', aud: 'x' }

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function signed(head: object, claims: object, make: (text: string) => Buffer): string {
  const text = `${part(head)}.${part(claims)}`
  return `${text}.${make(text).toString('base64url')}`
}

function hs256(claims: object, secret = 'a secret', head: object = {}): string {
  return signed({ alg: 'HS256', typ: 'JWT', ...head }, claims, (text) =>
    createHmac('sha256', secret).update(text).digest(),
  )
}

function pem(key: KeyObject): string {
  return String(key.export({ type: 'spki', format: 'pem' }))
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed = generateKeyPairSync('ed25519')

function check(token: string, keys: readonly TokenKey[] = secretKey('a secret\n'), more = {}) {
  return checkToken(token, keys, { ...settings, ...more }, now)
}

describe('checkToken', () => {
  it('takes the user from a token that is signed with the secret', async () => {
    expect(await check(hs256({ sub: 'ann', exp: seconds + 60 }))).toEqual({ userName: 'ann', validUntil: now + 60_000 })
    expect(await check(hs256({ sub: 'ann' }))).toEqual({ userName: 'ann', validUntil: undefined })
    expect(await check(hs256({ name: 'bob', sub: 'ann' }), undefined, { userName: 'name' })).toMatchObject({
      userName: 'bob',
    })
  })

  it('takes the example of RFC 7515, which nobody here made', async () => {
    const token =
      'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
    const secret = Buffer.from(
      'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
      'base64url',
    )
    const [key] = secretKey('x')
    const octets = { ...(key as TokenKey), key: createSecretKey(secret) }
    const at = 1_300_819_379_000
    expect(await checkToken(token, [octets], { userName: 'iss', tolerance: 0 }, at)).toMatchObject({ userName: 'joe' })
    expect(await checkToken(token, [octets], { userName: 'iss', tolerance: 0 }, at + 1000)).toEqual({
      reason: 'the token has expired: it was valid until 2011-03-22T18:43:00Z',
    })
  })

  it('takes tokens that openssl has signed, with keys as PEM and as JWK', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'faultline-'))
    try {
      const file = join(folder, 'key.pem')
      writeFileSync(file, String(rsa.privateKey.export({ type: 'pkcs8', format: 'pem' })))
      const token = signed({ alg: 'RS256' }, { sub: 'ann' }, (text) =>
        execFileSync('openssl', ['dgst', '-sha256', '-sign', file], { input: text }),
      )
      for (const text of [pem(rsa.publicKey), JSON.stringify({ keys: [rsa.publicKey.export({ format: 'jwk' })] })]) {
        expect(await check(token, publicKeys(text))).toMatchObject({ userName: 'ann' })
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('takes elliptic curves and Edwards curves, and the key that the token names', async () => {
    const keys = publicKeys(
      JSON.stringify({
        keys: [
          { ...ec.publicKey.export({ format: 'jwk' }), kid: 'one' },
          { ...ed.publicKey.export({ format: 'jwk' }), kid: 'two', alg: 'EdDSA' },
          { kty: 'oct', k: 'AAAA', kid: 'three' },
        ],
      }),
    )
    const es = (kid: string) =>
      signed({ alg: 'ES256', kid }, { sub: 'ann' }, (text) =>
        sign('sha256', Buffer.from(text), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' }),
      )
    expect(await check(es('one'), keys)).toMatchObject({ userName: 'ann' })
    expect(await check(es('two'), keys)).toEqual({
      reason: 'the token is signed with ES256, for which no key is known here',
    })
    expect(await check(es('three'), keys)).toEqual({
      reason: 'the token is signed with the key three, which is not known here',
    })
    const edwards = signed({ alg: 'EdDSA', kid: 'two' }, { sub: 'ann' }, (text) =>
      sign(undefined, Buffer.from(text), ed.privateKey),
    )
    expect(await check(edwards, keys)).toMatchObject({ userName: 'ann' })
  })

  it('does not let a token choose how it is checked', async () => {
    const none = `${part({ alg: 'none' })}.${part({ sub: 'ann' })}.`
    expect(await check(none)).toEqual({ reason: 'the token is not signed' })
    // The public key as the secret of an HMAC, and an HMAC where there is a public key.
    expect(await check(hs256({ sub: 'ann' }, pem(rsa.publicKey)), publicKeys(pem(rsa.publicKey)))).toEqual({
      reason: 'the token is signed with HS256, for which no key is known here',
    })
    expect(() => secretKey(pem(rsa.publicKey))).toThrow('"publicKey"')
  })

  it.each([
    [{ sub: 'ann', exp: seconds, ...meant }, /^the token has expired: it was valid until 2026-03-01T12:00:00Z$/],
    [{ sub: 'ann', nbf: seconds + 1, ...meant }, /^the token is not valid yet: it will be from 2026-03-01T12:00:01Z$/],
    [{ sub: 'ann', exp: '1', ...meant }, /exp is not a number/],
    [{ sub: 'ann', iss: 'b', aud: 'x' }, /^the token is of the issuer "b", not a$/],
    [{ sub: 'ann', iss: 'a' }, /^the token is for nobody, not for x$/],
    [{ sub: '', iss: 'a', aud: ['x', 'y'] }, /no claim sub/],
    [{ iss: 'a', aud: 'x' }, /no claim sub/],
  ])('refuses the claims %j, and says why', async (claims, why) => {
    expect((await check(hs256(claims), undefined, { issuer: 'a', audience: 'x' })).reason).toMatch(why)
  })

  it('lets clocks differ a little', async () => {
    expect(await check(hs256({ sub: 'ann', exp: seconds - 9 }), undefined, { tolerance: 10 })).toEqual({
      userName: 'ann',
      validUntil: now + 1000,
    })
    expect((await check(hs256({ sub: 'ann', exp: seconds - 10 }), undefined, { tolerance: 10 })).reason).toMatch(
      /expired/,
    )
  })

  it('refuses what it would have to understand, and what is broken', async () => {
    expect((await check(hs256({ sub: 'ann' }, 'a secret', { crit: ['b64'] }))).reason).toMatch(/extensions/)
    expect((await check(`eyJ.${part({})}.x`)).reason).toMatch(/broken/)
  })

  it('takes no token that somebody has changed', async () => {
    const token = hs256({ sub: 'ann', exp: seconds + 60 })
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.constantFrom(...letters), async (at, letter) => {
        const changed = token.slice(0, at) + letter + token.slice(at + 1)
        const octets = (text: string) =>
          text
            .split('.')
            .map((one) => Buffer.from(one, 'base64url').toString('hex'))
            .join()
        // The last letter of a part has bits that mean nothing.
        fc.pre(changed !== token && octets(changed) !== octets(token))
        expect(await check(changed)).toHaveProperty('reason')
      }),
    )
  })

  it('never throws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.base64String(), { maxLength: 4 }), fc.json(), async (parts, json) => {
        expect(await check(parts.join('.'))).toHaveProperty('reason')
        expect(await check(`${part({ alg: 'HS256' })}.${Buffer.from(json).toString('base64url')}.x`)).toHaveProperty(
          'reason',
        )
      }),
    )
  })
})

describe('isToken', () => {
  it('tells tokens from passwords', async () => {
    expect(isToken(hs256({ sub: 'ann' }))).toBe(true)
    for (const text of ['', 'eyJ', 'pass.word.x', 'eyJhbGciOiJIUzI1NiJ9', 'eyJh.b c.d'])
      expect(isToken(text)).toBe(false)
  })
})

describe('publicKeys', () => {
  it.each(['', '{}', '{"keys":[]}', 'a secret', '{"kty":"oct","k":"AAAA"}'])('refuses %j', (text) => {
    expect(() => publicKeys(text)).toThrow('"broker.access.jwt" of faultline.json cannot be used')
  })
})
