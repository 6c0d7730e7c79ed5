import { createPrivateKey, createPublicKey, randomBytes, webcrypto } from 'node:crypto'
import type * as X509 from '@peculiar/x509'

/** A certificate and its key, as PEM. */
export interface CertificatePair {
  /** Where there are others between it and the authority, with those after it. */
  readonly certificate: string
  readonly key: string
}

/** From and until when a certificate is valid. */
export interface Validity {
  readonly from: Date
  readonly until: Date
}

/** P-256 with SHA-256: small, and known to every TLS library that a device has. */
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

let loading: Promise<typeof X509> | undefined

/** Takes long to load, and most starts of the workbench make no certificate. */
function x509(): Promise<typeof X509> {
  // First what it adds to the language.
  loading ??= import('reflect-metadata').then(() => import('@peculiar/x509'))
  return loading
}

/** A certificate authority: signs certificates, and says which of them it takes back. */
export class Authority {
  readonly pair: CertificatePair
  readonly #own: X509.X509Certificate
  readonly #signing: webcrypto.CryptoKey

  private constructor(pair: CertificatePair, own: X509.X509Certificate, signing: webcrypto.CryptoKey) {
    this.pair = pair
    this.#own = own
    this.#signing = signing
  }

  /** One that nobody stands above. */
  static async createRoot(commonName: string, validity: Validity): Promise<Authority> {
    const keys = await newKeys()
    const { X509CertificateGenerator } = await x509()
    const own = await X509CertificateGenerator.createSelfSigned({
      ...head(validity),
      name: named(commonName),
      keys,
      extensions: await authorityExtensions(keys.publicKey, undefined),
    })
    return Authority.#of(own, keys)
  }

  /** Reads one from its files. @throws Error where they are broken, or the key is another's */
  static async read({ certificate, key }: CertificatePair): Promise<Authority> {
    const { X509Certificate } = await x509()
    const own = new X509Certificate(certificate)
    const secret = createPrivateKey(key)
    const theirs = createPublicKey(secret).export({ type: 'spki', format: 'der' })
    if (!theirs.equals(Buffer.from(own.publicKey.rawData))) throw new Error('the key is not that of the certificate')
    const der = secret.export({ type: 'pkcs8', format: 'der' })
    const signing = await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
    return new Authority({ certificate, key }, own, signing)
  }

  static async #of(own: X509.X509Certificate, keys: webcrypto.CryptoKeyPair): Promise<Authority> {
    const pair = { certificate: pemText(own.toString('pem')), key: await exported(keys.privateKey) }
    return new Authority(pair, own, keys.privateKey)
  }

  /** An authority that this one vouches for. */
  async createIntermediate(commonName: string, validity: Validity): Promise<Authority> {
    const keys = await newKeys()
    const extensions = await authorityExtensions(keys.publicKey, 0)
    const certificate = await this.#sign(commonName, validity, keys.publicKey, extensions)
    return Authority.#of(certificate, keys)
  }

  /** @param names whom the broker may be reached as: host names and addresses */
  async signBroker(
    commonName: string,
    names: { readonly hosts: readonly string[]; readonly addresses: readonly string[] },
    validity: Validity,
  ): Promise<CertificatePair> {
    const { ExtendedKeyUsage, SubjectAlternativeNameExtension } = await x509()
    const general: X509.JsonGeneralNames = [
      ...names.hosts.map((value) => ({ type: 'dns' as const, value })),
      ...names.addresses.map((value) => ({ type: 'ip' as const, value })),
    ]
    return this.#signLeaf(commonName, validity, ExtendedKeyUsage.serverAuth, [
      new SubjectAlternativeNameExtension(general),
    ])
  }

  async signClient(commonName: string, validity: Validity): Promise<CertificatePair> {
    const { ExtendedKeyUsage } = await x509()
    return this.#signLeaf(commonName, validity, ExtendedKeyUsage.clientAuth, [])
  }

  /**
   * The list of what this authority takes back, as PEM.
   *
   * @param certificates of this authority, as PEM
   */
  async revoke(certificates: readonly string[], validity: Validity): Promise<string> {
    const { AuthorityKeyIdentifierExtension, PemConverter, X509Certificate, X509CrlGenerator, X509CrlReason } =
      await x509()
    const list = await X509CrlGenerator.create({
      issuer: this.#own.subject,
      thisUpdate: validity.from,
      nextUpdate: validity.until,
      signingAlgorithm: algorithm,
      signingKey: this.#signing,
      entries: certificates.map((certificate) => ({
        serialNumber: new X509Certificate(certificate).serialNumber,
        revocationDate: validity.from,
        reason: X509CrlReason.keyCompromise,
      })),
      extensions: [await AuthorityKeyIdentifierExtension.create(this.#own.publicKey)],
    })
    // OpenSSL, and so Node and Mosquitto, know a list by no other label.
    return pemText(PemConverter.encode(list.rawData, 'X509 CRL'))
  }

  /** Whether this authority has signed it. @param certificate the first of the text counts */
  async hasSigned(certificate: string): Promise<boolean> {
    const { X509Certificate } = await x509()
    const leaf = new X509Certificate(certificate)
    if (leaf.issuer !== this.#own.subject) return false
    return leaf.verify({ publicKey: this.#own.publicKey, signatureOnly: true })
  }

  async #signLeaf(
    commonName: string,
    validity: Validity,
    usage: X509.ExtendedKeyUsage,
    more: X509.Extension[],
  ): Promise<CertificatePair> {
    const {
      BasicConstraintsExtension,
      ExtendedKeyUsageExtension,
      KeyUsageFlags,
      KeyUsagesExtension,
      SubjectKeyIdentifierExtension,
    } = await x509()
    const keys = await newKeys()
    const certificate = await this.#sign(commonName, validity, keys.publicKey, [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([usage]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...more,
    ])
    return { certificate: pemText(certificate.toString('pem')), key: await exported(keys.privateKey) }
  }

  async #sign(
    commonName: string,
    validity: Validity,
    publicKey: webcrypto.CryptoKey,
    extensions: X509.Extension[],
  ): Promise<X509.X509Certificate> {
    const { AuthorityKeyIdentifierExtension, X509CertificateGenerator } = await x509()
    return X509CertificateGenerator.create({
      ...head(validity),
      subject: named(commonName),
      issuer: this.#own.subject,
      publicKey,
      signingKey: this.#signing,
      extensions: [...extensions, await AuthorityKeyIdentifierExtension.create(this.#own.publicKey)],
    })
  }
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

async function exported(key: webcrypto.CryptoKey): Promise<string> {
  const { PemConverter } = await x509()
  return pemText(PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY'))
}

function pemText(pem: string): string {
  return pem.endsWith('\n') ? pem : `${pem}\n`
}

function head({ from, until }: Validity) {
  return {
    // Positive, and never the same twice [RFC 5280 §4.1.2.2].
    serialNumber: `4${randomBytes(16).toString('hex').slice(1)}`,
    notBefore: from,
    notAfter: until,
    signingAlgorithm: algorithm,
  }
}

function named(commonName: string) {
  return [{ CN: [commonName] }]
}

async function authorityExtensions(
  key: webcrypto.CryptoKey,
  pathLength: number | undefined,
): Promise<X509.Extension[]> {
  const { BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension, SubjectKeyIdentifierExtension } = await x509()
  return [
    new BasicConstraintsExtension(true, pathLength, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    await SubjectKeyIdentifierExtension.create(key),
  ]
}
