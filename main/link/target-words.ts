import { X509Certificate } from 'node:crypto'

/** Of a target that ends a connection after the TLS handshake and says nothing. */
export const unaccepted =
  'the target closed the connection after the TLS handshake: it may not accept the client certificate'

/** Alerts [RFC 8446 §6.2] by the end of OpenSSL's name for them; what the target says about our certificate. */
const certificateAlerts: Readonly<Record<string, string>> = {
  BAD_CERTIFICATE: 'the target refused the client certificate: it is broken, or its signature is',
  CERTIFICATE_EXPIRED: 'the target refused the client certificate: it has expired',
  CERTIFICATE_REVOKED: 'the target refused the client certificate: it was revoked',
  CERTIFICATE_UNKNOWN: 'the target refused the client certificate, for a reason of its own',
  UNSUPPORTED_CERTIFICATE: 'the target refused the client certificate: it is of a kind that the target does not take',
  UNKNOWN_CA: 'the target refused the client certificate: it does not know the authority that signed it',
  ACCESS_DENIED: 'the target refused the client certificate: its owner has no access',
  CERTIFICATE_REQUIRED: 'the target wants a client certificate, and none was sent',
  HANDSHAKE_FAILURE:
    'the target broke off the TLS handshake: it wants a client certificate that was not sent, or other ciphers',
  PROTOCOL_VERSION: 'the target broke off the TLS handshake: it wants another version of TLS',
  UNRECOGNIZED_NAME: 'the target broke off the TLS handshake: it does not go by that host name',
}

/**
 * Why a target could not be had: what is said of an error of a socket, of TLS, or of a name that was looked up. In plain
 * words, with `the target` as who is spoken of.
 */
export function describeFailure(error: NodeJS.ErrnoException, where: string): string {
  const code = error.code ?? ''
  const alert = /^ERR_SSL_(?:SSLV3|TLSV1|TLSV13)_ALERT_(\w+)$/.exec(code)?.[1]
  if (alert !== undefined) {
    const said = alert.toLowerCase().replaceAll('_', ' ')
    return certificateAlerts[alert] ?? `the target broke off the TLS handshake: ${said}`
  }
  if (noTls.has(code)) return `what listens on ${where} does not speak TLS`
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO') {
    const said = code === 'EPROTO' ? error.message : code.slice('ERR_SSL_'.length).toLowerCase().replaceAll('_', ' ')
    return `TLS with ${where} failed: ${said}`
  }
  return socketWords[code]?.(where) ?? `${where} cannot be reached: ${error.message}`
}

/** The peer's RST, or the same noticed while writing. */
export function isReset({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE'
}

const noTls = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'ERR_SSL_HTTP_REQUEST'])

type Words = (where: string) => string

const reset: Words = (where) => `${where} reset the connection before it was made use of`
const noWay: Words = (where) => `there is no way to ${where} from this machine`
const noName: Words = (where) => `the host of ${where} is not known: there is no such name`

const socketWords: Readonly<Record<string, Words>> = {
  ECONNREFUSED: (where) => `nobody listens on ${where}`,
  ECONNRESET: reset,
  EPIPE: reset,
  ETIMEDOUT: (where) => `${where} does not answer`,
  EHOSTUNREACH: noWay,
  ENETUNREACH: noWay,
  ENOTFOUND: noName,
  EAI_AGAIN: (where) => `the host of ${where} could not be looked up: no name server answers`,
}

/** What a certificate says, as far as it is of interest here. */
export interface SeenCertificate {
  readonly subject: string
  readonly issuer: string
  readonly names: string
  readonly from: Date
  readonly until: Date
}

export function readCertificate(der: Uint8Array): SeenCertificate {
  const { subject, issuer, subjectAltName, validFrom, validTo } = new X509Certificate(der)
  const names = subjectAltName?.replaceAll(/DNS:|IP Address:/g, '') ?? ''
  return {
    subject: commonName(subject),
    issuer: commonName(issuer),
    names,
    from: new Date(validFrom),
    until: new Date(validTo),
  }
}

/** Why we do not trust the target, by the code that Node and OpenSSL give [RFC 5280 §6]. */
export function describeDistrust(code: string, host: string, seen: SeenCertificate, now: number): string {
  const its = `the target's certificate (${seen.subject})`
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return seen.until.getTime() < now
        ? `${its} has expired: it was valid until ${day(seen.until)}`
        : `${its} depends on a certificate that has expired`
    case 'CERT_NOT_YET_VALID':
      return seen.from.getTime() > now
        ? `${its} is not valid yet: it will be from ${day(seen.from)}`
        : `${its} depends on a certificate that is not valid yet`
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `${its} is for another host: it is for ${seen.names || seen.subject}, not for ${host}`
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return `${its} is not trusted: it has signed itself, and is not named as the "ca" of the target`
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return `${its} is not trusted: ${seen.issuer} has signed it, which is not an authority known here`
    default:
      return `${its} is not trusted: ${code.toLowerCase().replaceAll('_', ' ')}`
  }
}

function commonName(name: string): string {
  const lines = name.split('\n')
  return (lines.find((line) => line.startsWith('CN=')) ?? lines[0] ?? '').replace(/^CN=/, '') || 'without a name'
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}
