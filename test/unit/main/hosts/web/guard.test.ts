import { describe, expect, it } from 'vitest'
import { createToken, isOwnHost, isOwnOrigin, isToken } from '../../../../../main/hosts/web/guard.ts'

describe('the token', () => {
  it('is only itself', () => {
    const token = createToken()
    expect(isToken(token, token)).toBe(true)
    for (const other of [null, '', token.slice(1), `${token} `, token.toUpperCase(), createToken()]) {
      expect(isToken(other, token)).toBe(false)
    }
  })

  it('needs no escaping in a URL', () => {
    for (let i = 0; i < 100; i++) {
      const token = createToken()
      expect(new URL(`http://127.0.0.1/?token=${token}`).searchParams.get('token')).toBe(token)
    }
  })
})

describe('the name that a request is addressed to', () => {
  it('may leave the port out where it is the usual one of HTTP, and only there', () => {
    expect(isOwnHost('localhost', 80)).toBe(true)
    expect(isOwnHost('localhost:80', 80)).toBe(true)
    expect(isOwnHost('localhost', 7183)).toBe(false)
    expect(isOwnHost(undefined, 80)).toBe(false)
  })

  it('has to be that of the page that asks', () => {
    expect(isOwnOrigin('http://localhost:7183', 'localhost:7183')).toBe(true)
    expect(isOwnOrigin('http://127.0.0.1:7183', 'localhost:7183')).toBe(false)
    expect(isOwnOrigin('https://localhost:7183', 'localhost:7183')).toBe(false)
    expect(isOwnOrigin(undefined, 'localhost:7183')).toBe(false)
  })
})
