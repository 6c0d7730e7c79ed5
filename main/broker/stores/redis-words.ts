import type { PeerCertificate } from 'node:tls'
import { FaultlineError, messageOf } from '../../../app/base/errors.ts'

const reach = 'start Redis 6.2 or later there, or name another one with --store redis://HOST:PORT/DB'

const noRedis = 'what listens there does not answer as a Redis does'

/** Of what is meant to speak TLS. */
export const noTls = 'what listens there does not speak TLS; to one without, the URL begins with redis://'
const noTlsReason = /wrong[ _]version[ _]number|packet[ _]length[ _]too[ _]long/i

/** What a Redis answers with, by its beginning, and what is to be done. */
const answers: readonly (readonly [pattern: RegExp, words: string, hint: string])[] = [
  [
    /^NOAUTH\b/,
    'it wants a password',
    'put user and password into the URL: --store redis://USER:PASSWORD@HOST:PORT/DB',
  ],
  [
    /^WRONGPASS\b|^ERR invalid password/,
    'it does not know this user with this password',
    'put the right ones into the URL: --store redis://USER:PASSWORD@HOST:PORT/DB',
  ],
  [/^NOPERM\b/, 'its user may not do what a store needs', 'give it all commands on the keys faultline:*'],
  [
    /^ERR (DB index is out of range|invalid DB index)/,
    'it has no such database',
    'use one that it has, 0 to 15 where its configuration says nothing else',
  ],
  [
    /^ERR SELECT is not allowed/,
    'it is part of a cluster, which has database 0 only, and can keep no store',
    'use a Redis by itself',
  ],
  [/^READONLY\b/, 'it is a replica, which cannot be written', 'use the Redis of which it is a replica'],
]

/** A Redis has answered that it is no store for this, or nothing that it could be told apart by came. */
export function unusable(name: string, error: unknown, trouble: string | undefined): FaultlineError {
  const said = messageOf(error).replace(/^Ready check failed: /, '')
  const known = knownAnswer(said) ?? (trouble === undefined ? undefined : knownAnswer(trouble))
  const why = known?.[1] ?? trouble ?? (said === 'Connection is closed.' ? noRedis : said)
  return new FaultlineError(
    {
      code: 'connection-closed',
      message: `${name} cannot be ${known === undefined ? 'reached' : 'used'}: ${why.replace(/\.$/, '')}`,
      hint: known?.[2] ?? reach,
    },
    { cause: error },
  )
}

function knownAnswer(said: string) {
  return answers.find(([pattern]) => pattern.test(said))
}

/** What went wrong on the way to it, such as that nobody listens there. @param isSecure whether TLS is spoken */
export function inWords(
  error: NodeJS.ErrnoException & {
    readonly hostname?: string
    readonly port?: number
    /** Of a certificate that was refused. */
    readonly host?: string
    readonly cert?: Pick<PeerCertificate, 'subject' | 'subjectaltname'>
  },
  isSecure: boolean,
): string {
  // The library says which of its options it is about: whoever was asked has hung up, or what came is no answer.
  if (error.name === 'MaxRetriesPerRequestError' || error.name === 'ParserError') {
    return isSecure ? noRedis : `${noRedis} without TLS`
  }
  // EPROTO alone is any refusal of TLS, such as for want of a certificate.
  if (noTlsReason.test(`${error.code} ${error.message}`)) return noTls
  switch (error.code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `its certificate is for ${namesOf(error.cert)}, not for ${error.host}`
    case 'ECONNREFUSED':
      return `nothing listens at port ${error.port}`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `there is no host ${error.hostname}`
    case 'ETIMEDOUT':
      return isSecure ? 'it does not answer: a Redis without TLS does not, to rediss://' : 'it does not answer'
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'it does not answer'
    default:
      return messageOf(error)
  }
}

/** The hosts that a certificate names [RFC 6125 §6.4]. */
function namesOf(certificate: Partial<Pick<PeerCertificate, 'subject' | 'subjectaltname'>> = {}): string {
  const { subject, subjectaltname } = certificate
  return subjectaltname?.replaceAll(/DNS:|IP Address:/g, '') ?? [subject?.CN ?? 'nobody'].flat().join(', ')
}
