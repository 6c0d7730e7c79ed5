import type { X509Certificate } from 'node:crypto'
import type { TlsVersion } from './listener.ts'

/** What a client says of the broker's certificate: alerts [RFC 8446 §6.2] by the end of OpenSSL's name for them. */
const alerts: Readonly<Record<string, string>> = {
  BAD_CERTIFICATE: "the client refused the broker's certificate: it is broken, or made for another host",
  CERTIFICATE_EXPIRED: "the client refused the broker's certificate: it has expired",
  CERTIFICATE_REVOKED: "the client refused the broker's certificate: it was revoked",
  CERTIFICATE_UNKNOWN: "the client refused the broker's certificate, for a reason of its own",
  UNSUPPORTED_CERTIFICATE: "the client refused the broker's certificate: it is of a kind that the client does not take",
  UNKNOWN_CA: "the client refused the broker's certificate: it does not know the authority that signed it",
  PROTOCOL_VERSION: 'the client broke off the TLS handshake: it wants another version of TLS',
  INTERNAL_ERROR:
    'the client broke off the TLS handshake with an internal error; some say so of a certificate for another host',
  HANDSHAKE_FAILURE: 'the client broke off the TLS handshake: it found nothing that both sides can do',
}

const notTls = 'what the client speaks is not TLS'

/** Errors of OpenSSL on the broker's side. */
const failures: Readonly<Record<string, string>> = {
  WRONG_VERSION_NUMBER: `${notTls}: is it plain MQTT, at the port of mqtts?`,
  PACKET_LENGTH_TOO_LONG: notTls,
  BAD_RECORD_TYPE: notTls,
  UNEXPECTED_MESSAGE: notTls,
  HTTP_REQUEST: `${notTls}: it is HTTP, of a browser or of a WebSocket without TLS`,
  HTTPS_PROXY_REQUEST: `${notTls}: it asks for a proxy`,
  NO_SHARED_CIPHER: 'client and broker have no cipher in common',
  NO_SUITABLE_SIGNATURE_ALGORITHM: 'client and broker have no way to sign in common',
  NO_SHARED_SIGNATURE_ALGORITHMS: 'client and broker have no way to sign in common',
  CERTIFICATE_VERIFY_FAILED: 'the client certificate could not be verified',
  BAD_SIGNATURE: 'the client does not have the key of the certificate that it showed',
}

/** Why a handshake failed, for an error of Node. */
export function describeFailure(
  error: NodeJS.ErrnoException,
  listener: {
    readonly minVersion: TlsVersion
    readonly maxVersion: TlsVersion
    readonly protocols: readonly string[]
  },
): string {
  const code = error.code ?? ''
  const alert = /^ERR_SSL_(?:SSLV3|TLSV1|TLSV13)_ALERT_(\w+)$/.exec(code)?.[1]
  if (alert !== undefined) {
    return alerts[alert] ?? `the client broke off the TLS handshake: ${alert.toLowerCase().replaceAll('_', ' ')}`
  }
  const ours = code.replace(/^ERR_SSL_/, '')
  if (ours === 'UNSUPPORTED_PROTOCOL' || ours === 'VERSION_TOO_LOW') {
    const { minVersion, maxVersion } = listener
    const which = minVersion === maxVersion ? `TLS ${minVersion}` : `TLS ${minVersion} to ${maxVersion}`
    return `the client speaks no version of TLS that this listener speaks, which is ${which}`
  }
  if (ours === 'NO_APPLICATION_PROTOCOL') {
    return `the client asked by ALPN for another protocol than ${listener.protocols.join(' or ')}`
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return "the client's connection was closed before the TLS handshake was complete"
  }
  return failures[ours] ?? `the TLS handshake failed: ${error.message}`
}

/** What is wrong with the broker's own certificate, where a client may have refused it for that. @param now in ms since 1970 */
export function describeOwnFault(own: X509Certificate, now: number): string | undefined {
  const from = Date.parse(own.validFrom)
  const until = Date.parse(own.validTo)
  const refused = "the client refused the broker's certificate"
  if (from > now) return `${refused}: it is not valid yet; it will be from ${day(from)}`
  return until < now ? `${refused}: it has expired; it was valid until ${day(until)}` : undefined
}

/** Whether what `describeFailure` says is that the client did not like what it was shown. */
export function isDistrust(reason: string): boolean {
  return reason.startsWith("the client refused the broker's certificate")
}

/** Why a client certificate is no good, by the code that Node and OpenSSL give [RFC 5280 §6]. @param now in ms since 1970 */
export function describeDistrust(code: string, seen: X509Certificate, now: number): string {
  const its = `the client's certificate (${commonName(seen.subject)})`
  const until = Date.parse(seen.validTo)
  const from = Date.parse(seen.validFrom)
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return until < now
        ? `${its} has expired: it was valid until ${day(until)}`
        : `${its} depends on a certificate that has expired`
    case 'CERT_NOT_YET_VALID':
      return from > now
        ? `${its} is not valid yet: it will be from ${day(from)}`
        : `${its} depends on a certificate that is not valid yet`
    case 'CERT_REVOKED':
      return `${its} was revoked by ${commonName(seen.issuer)}`
    case 'INVALID_PURPOSE':
      return `${its} is not for clients`
    case 'UNABLE_TO_GET_CRL':
      return `${its} cannot be checked: there is no revocation list of an authority that it depends on`
    case 'CRL_HAS_EXPIRED':
      return `${its} cannot be checked: the revocation list is out of date`
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return `${its} is not trusted: it has signed itself`
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return `${its} is not trusted: ${commonName(seen.issuer)} has signed it, which is not an authority known here`
    default:
      return `${its} is not trusted: ${code.toLowerCase().replaceAll('_', ' ')}`
  }
}

function commonName(name: string | undefined): string {
  const lines = (name ?? '').split('\n')
  return (lines.find((line) => line.startsWith('CN=')) ?? lines[0] ?? '').replace(/^CN=/, '') || 'without a name'
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}
