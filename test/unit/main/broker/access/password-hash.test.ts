import { describe, expect, it } from 'vitest'
import { hashPassword, isPasswordHash } from '../../../../../main/broker/access/password-hash.ts'

const octets = (text: string) => Buffer.from(text)

describe('hashPassword', () => {
  it('has another salt each time', async () => {
    const [one, two] = await Promise.all([hashPassword(octets('x')), hashPassword(octets('x'))])
    expect(one).not.toBe(two)
    expect(isPasswordHash(one)).toBe(true)
  })
})

describe('isPasswordHash', () => {
  const rest = '$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA'

  it.each(['', 'x', `$scrypt$ln=14,r=8,p=1$A$A`, `$scrypt$ln=0,r=8,p=1${rest}`, `$scrypt$ln=19,r=8,p=1${rest}`])(
    'does not take %j',
    (text) => {
      expect(isPasswordHash(text)).toBe(false)
    },
  )

  it('takes other costs, as far as there is memory for them', () => {
    expect(isPasswordHash(`$scrypt$ln=17,r=8,p=1${rest}`)).toBe(true)
  })
})
