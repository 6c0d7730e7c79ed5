import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** A certificate and its key, as PEM. */
export interface CertificatePair {
  readonly certificate: string
  readonly key: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const day = 86_400_000

/** An authority that exists for one test: it signs what it is told to. */
export class TestAuthority {
  /** Its own certificate, as PEM. */
  readonly certificate: string
  readonly #own: X509Certificate
  readonly #keys: webcrypto.CryptoKeyPair
  #serial = 1

  private constructor(own: X509Certificate, keys: webcrypto.CryptoKeyPair) {
    this.certificate = own.toString('pem')
    this.#own = own
    this.#keys = keys
  }

  static async create(name = 'Test Authority'): Promise<TestAuthority> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
    const own = await X509CertificateGenerator.createSelfSigned({
      serialNumber: '01',
      name: `CN=${name}`,
      ...around(-day, 365 * day),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new BasicConstraintsExtension(true, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ],
    })
    return new TestAuthority(own, keys)
  }

  /** For a broker on this machine. @param from, until milliseconds from now */
  forBroker(
    names: JsonGeneralNames = [
      { type: 'dns', value: 'localhost' },
      { type: 'ip', value: '127.0.0.1' },
    ],
    from = -day,
    until = 30 * day,
  ): Promise<CertificatePair> {
    const extensions = [
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names),
    ]
    return this.#sign('the broker', extensions, from, until)
  }

  /** @param from, until milliseconds from now */
  forClient(name: string, from = -day, until = 30 * day): Promise<CertificatePair> {
    return this.#sign(name, [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])], from, until)
  }

  async #sign(name: string, extensions: Extension[], from: number, until: number): Promise<CertificatePair> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
    const certificate = await X509CertificateGenerator.create({
      serialNumber: (++this.#serial).toString(16).padStart(2, '0'),
      subject: `CN=${name}`,
      issuer: this.#own.subject,
      ...around(from, until),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      extensions,
    })
    const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
    return { certificate: certificate.toString('pem'), key }
  }
}

function around(from: number, until: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() + from), notAfter: new Date(Date.now() + until) }
}
