import { describe, expect, it } from 'vitest'
import { hashPassword, isPasswordHash, PasswordChecker } from '../../../../../main/broker/access/password-hash.ts'

const octets = (text: string) => Buffer.from(text)

describe('PasswordChecker', () => {
  it('tells the right password from others, also of nobody', async () => {
    const hash = await hashPassword(octets('right'))
    const checker = new PasswordChecker()
    expect(await checker.check(octets('right'), hash)).toBe(true)
    expect(checker.check(octets('right'), hash)).toBe(true)
    expect(await checker.check(octets('right '), hash)).toBe(false)
    expect(await checker.check(octets('right'), undefined)).toBe(false)
    expect(await checker.check(octets(''), undefined)).toBe(false)
  })

  it('says that it is busy where too many wait', async () => {
    const checker = new PasswordChecker(1)
    const asked = ['a', 'b', 'c', 'd', 'a'].map((text) => checker.check(octets(text), undefined))
    expect(asked[3]).toBe('busy')
    expect(asked[4]).toBe(asked[0])
    expect(await Promise.all(asked)).toEqual([false, false, false, 'busy', false])
    expect(await checker.check(octets('d'), undefined)).toBe(false)
  })
})

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
