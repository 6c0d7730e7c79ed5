import { describe, expect, it } from 'vitest'
import { type ApplicationMessage, expiryLeft, isExpired } from '../../../../app/session/application-message.ts'

function message(expiresAt: number | undefined): ApplicationMessage {
  const origin = { message: 1, kind: 'publish', clientId: undefined } as const
  return { topic: 't', payload: new Uint8Array(0), qos: 0, retain: false, properties: undefined, expiresAt, origin }
}

describe('The Message Expiry Interval', () => {
  it('passes at its end, not before', () => {
    expect(isExpired(message(5000), 4999)).toBe(false)
    expect(isExpired(message(5000), 5000)).toBe(true)
    expect(isExpired(message(undefined), Number.MAX_SAFE_INTEGER)).toBe(false)
  })

  it('is passed on without the time that the message has waited, and never as 0, which would be expired', () => {
    expect(expiryLeft(message(5000), 0)).toBe(5)
    expect(expiryLeft(message(5000), 1001)).toBe(4)
    expect(expiryLeft(message(5000), 4999)).toBe(1)
    expect(expiryLeft(message(5000), 9000)).toBe(1)
    expect(expiryLeft(message(undefined), 0)).toBeUndefined()
  })
})
