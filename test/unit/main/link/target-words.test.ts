import { describe, expect, it } from 'vitest'
import { describeDistrust, describeFailure, readCertificate } from '../../../../main/link/target-words.ts'
import { TestAuthority } from '../../../helpers/certificates.ts'

const error = (code: string, message = 'broken') => Object.assign(new Error(message), { code })

describe('why a target could not be had', () => {
  it.each([
    ['ECONNREFUSED', 'nobody listens on b:1'],
    ['ENOTFOUND', 'the host of b:1 is not known: there is no such name'],
    ['EHOSTUNREACH', 'there is no way to b:1 from this machine'],
    ['ETIMEDOUT', 'b:1 does not answer'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'what listens on b:1 does not speak TLS'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'the target wants a client certificate, and none was sent'],
    ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED', 'the target refused the client certificate: it was revoked'],
    ['ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', 'the target broke off the TLS handshake: internal error'],
    ['ERR_SSL_UNEXPECTED_MESSAGE', 'TLS with b:1 failed: unexpected message'],
    ['EPROTO', 'TLS with b:1 failed: broken'],
    ['ESTRANGE', 'b:1 cannot be reached: broken'],
  ])('is said of %s', (code, reason) => {
    expect(describeFailure(error(code), 'b:1')).toBe(reason)
  })
})

describe('why the certificate of a target is not trusted', () => {
  it.each([
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'it has signed itself'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'Test Authority has signed it, which is not an authority known here'],
    ['CERT_HAS_EXPIRED', 'depends on a certificate that has expired'],
    ['CERT_NOT_YET_VALID', 'depends on a certificate that is not valid yet'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'is for another host: it is for localhost, 127.0.0.1, not for b'],
    ['CERT_SIGNATURE_FAILURE', 'is not trusted: cert signature failure'],
  ])('is said of %s', async (code, words) => {
    const { certificate } = await (await TestAuthority.create()).forBroker()
    const der = Buffer.from(certificate.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
    const seen = readCertificate(der)
    expect(seen).toMatchObject({ subject: 'the broker', issuer: 'Test Authority' })
    expect(describeDistrust(code, 'b', seen, Date.now())).toContain(words)
  })
})
