import { randomBytes, X509Certificate } from 'node:crypto'
import { hostname } from 'node:os'
import { FaultlineError, messageOf } from '../../../app/base/errors.ts'
import { Authority, type CertificatePair, type Validity } from './authority.ts'
import { type AuthorityName, authorities, authorityValidity, type CatalogEntry, catalog, renewal } from './catalog.ts'
import { CertificateStore, certificateFolder } from './certificate-store.ts'

/** Lists what the authorities of the workspace have taken back. */
const revocationFile = `${certificateFolder}/ca.crl`

export interface WorkspaceCertificate {
  readonly name: string
  /** Relative to the workspace. */
  readonly file: string
  readonly kind: 'authority' | 'broker' | 'client'
  /** What it is for, in words. */
  readonly purpose: string
  /** Whose it is. */
  readonly commonName: string
  /** In milliseconds since 1970. */
  readonly validFrom: number
  readonly validUntil: number
  /** `foreign`: the file is somebody else's, and was left as it is. */
  readonly made: 'now' | 'before' | 'foreign'
}

/**
 * Sees to it that a workspace has an authority and everything that it signs, good and bad, and makes what is missing or
 * would soon not be what it is meant to be. What others have put there stays.
 *
 * @param workspace path of the workspace
 * @param now in milliseconds since 1970
 * @throws FaultlineError `file-unreadable`, `file-unwritable`, `forbidden`, and `conflict` where the file of an authority is
 * somebody else's
 */
export async function ensureCertificates(workspace: string, now: number): Promise<WorkspaceCertificate[]> {
  return new Making(await CertificateStore.open(workspace), now).all()
}

class Making {
  readonly #store: CertificateStore
  readonly #now: number
  readonly #found: WorkspaceCertificate[] = []

  constructor(store: CertificateStore, now: number) {
    this.#store = store
    this.#now = now
  }

  async all(): Promise<WorkspaceCertificate[]> {
    // Two authorities of one name would be taken for each other: the signature fails then, not the trust.
    const unique = randomBytes(4).toString('hex')
    const validity = this.#validity(authorityValidity)
    const ca = await this.#authority('ca', () => Authority.createRoot(`Faultline workspace ${unique}`, validity))
    const intermediate = await this.#authority(
      'intermediate',
      () => ca.createIntermediate(`Faultline intermediate ${unique}`, validity),
      ca,
    )
    const other = await this.#authority('other-ca', () => Authority.createRoot(`Stranger ${unique}`, validity))
    const signers = { ca, intermediate, 'other-ca': other }
    const leaves: WorkspaceCertificate[] = []
    for (const entry of catalog) leaves.push(await this.#leaf(entry, signers[entry.signedBy]))
    this.#found.push(...leaves)
    await this.#revocations(ca, intermediate, leaves)
    return this.#found
  }

  /** @param above who has to have signed it; undefined for a root */
  async #authority(name: AuthorityName, create: () => Promise<Authority>, above?: Authority): Promise<Authority> {
    const { certificate, key } = await this.#store.readAuthority(name)
    let authority: Authority | undefined
    if (certificate !== undefined) {
      const kept = await readAuthority(name, certificate, key)
      const { validTo } = new X509Certificate(certificate)
      const isOf = above === undefined || (await above.hasSigned(certificate))
      if (isOf && Date.parse(validTo) > this.#now + renewal) authority = kept
    }
    const made = authority === undefined ? 'now' : 'before'
    if (authority === undefined) {
      authority = await create()
      await this.#store.writeAuthority(name, authority.pair)
    }
    this.#found.push(describe(name, 'authority', authorities[name], authority.pair.certificate, made))
    return authority
  }

  async #leaf(entry: CatalogEntry, signer: Authority): Promise<WorkspaceCertificate> {
    const { name, kind, purpose } = entry
    const { certificate, key } = await this.#store.read(name)
    const state = await stateOf(certificate, key, signer, this.#isNew(entry.signedBy))
    if (certificate !== undefined && state === 'foreign') {
      return describe(name, kind, 'not made by Faultline, and left as it is', certificate, 'foreign')
    }
    if (certificate !== undefined && state === 'whole' && this.#isAsMeant(entry, certificate)) {
      return describe(name, kind, purpose, certificate, 'before')
    }
    const pair = await this.#create(entry, signer)
    await this.#store.write(name, pair)
    return describe(name, kind, purpose, pair.certificate, 'now')
  }

  #isNew(authority: AuthorityName): boolean {
    return this.#found.some(({ name, made }) => name === authority && made === 'now')
  }

  #isAsMeant({ from, isKeptFresh, kind, hosts }: CatalogEntry, certificate: string): boolean {
    const { validFrom, validTo, subjectAltName = '' } = new X509Certificate(certificate)
    if (isKeptFresh && Date.parse(validTo) < this.#now + renewal) return false
    if (from > 0 && Date.parse(validFrom) < this.#now + renewal) return false
    const names = subjectAltName.split(', ')
    return kind === 'client' || (hosts ?? ownHosts()).every((host) => names.includes(`DNS:${host}`))
  }

  async #create(entry: CatalogEntry, signer: Authority): Promise<CertificatePair> {
    const validity = this.#validity(entry)
    const addresses = entry.hosts === undefined ? ['127.0.0.1', '::1'] : []
    const pair =
      entry.kind === 'client'
        ? await signer.signClient(entry.name, validity)
        : await signer.signBroker(entry.name, { hosts: entry.hosts ?? ownHosts(), addresses }, validity)
    // Who trusts the root alone has to be shown the way to it.
    const between = entry.signedBy === 'intermediate' ? signer.pair.certificate : ''
    return { ...pair, certificate: pair.certificate + between }
  }

  /** Where a client's chain is checked, each authority in it needs a list, also one that takes nothing back. */
  async #revocations(ca: Authority, intermediate: Authority, leaves: readonly WorkspaceCertificate[]): Promise<void> {
    const file = revocationFile.slice(certificateFolder.length + 1)
    const revoked = catalog.filter(({ isRevoked, name }) => {
      return isRevoked && leaves.some((leaf) => leaf.name === name && leaf.made !== 'foreign')
    })
    const isNew = this.#found.some(({ name, made }) => {
      return made === 'now' && (revoked.some((entry) => entry.name === name) || name in authorities)
    })
    if (!isNew && (await this.#store.readText(file)) !== undefined) return
    const texts = await Promise.all(revoked.map(async ({ name }) => (await this.#store.read(name)).certificate ?? ''))
    const validity = this.#validity({ from: -60_000, until: authorityValidity.until })
    await this.#store.writeText(file, (await ca.revoke(texts, validity)) + (await intermediate.revoke([], validity)))
  }

  #validity({ from, until }: { from: number; until: number }): Validity {
    return { from: new Date(this.#now + from), until: new Date(this.#now + until) }
  }
}

/** What this machine may be called by its clients. */
function ownHosts(): string[] {
  const own = hostname()
  // What is no DNS name cannot stand in a certificate.
  return /^[a-z\d]([a-z\d.-]*[a-z\d])?$/i.test(own) && own !== 'localhost' ? ['localhost', own] : ['localhost']
}

async function readAuthority(name: string, certificate: string, key: string | undefined): Promise<Authority> {
  try {
    if (key === undefined) throw new Error(`its key is not in ${certificateFolder}/authorities`)
    return await Authority.read({ certificate, key })
  } catch (error) {
    throw new FaultlineError(
      {
        code: 'conflict',
        message: `${certificateFolder}/${name}.crt is not an authority of Faultline's making: ${messageOf(error)}`,
        hint: 'give the file another name: this one is needed for the authority of the workspace',
      },
      { cause: error },
    )
  }
}

/**
 * Whether there is a pair of this signer, only a part of one, or somebody else's file.
 *
 * @param isNew of a signer that was made anew: then those of the one before are of no use any more
 */
async function stateOf(
  certificate: string | undefined,
  key: string | undefined,
  signer: Authority,
  isNew: boolean,
): Promise<'missing' | 'whole' | 'foreign'> {
  if (certificate === undefined) return 'missing'
  try {
    if (!(await signer.hasSigned(certificate))) return isNew && isOurs(certificate) ? 'missing' : 'foreign'
  } catch {
    // What cannot be read as a certificate was not written here.
    return 'foreign'
  }
  return key === undefined ? 'missing' : 'whole'
}

/** Of an authority such as this workspace had before. */
function isOurs(certificate: string): boolean {
  return /^CN=(Faultline (workspace|intermediate)|Stranger) [\da-f]{8}$/m.test(new X509Certificate(certificate).issuer)
}

function describe(
  name: string,
  kind: WorkspaceCertificate['kind'],
  purpose: string,
  certificate: string,
  made: WorkspaceCertificate['made'],
): WorkspaceCertificate {
  const seen = made === 'foreign' ? readable(certificate) : new X509Certificate(certificate)
  return {
    name,
    file: `${certificateFolder}/${name}.crt`,
    kind,
    purpose,
    commonName: /^CN=(.*)$/m.exec(seen?.subject ?? '')?.[1] ?? '',
    validFrom: Date.parse(seen?.validFrom ?? ''),
    validUntil: Date.parse(seen?.validTo ?? ''),
    made,
  }
}

function readable(certificate: string): X509Certificate | undefined {
  try {
    return new X509Certificate(certificate)
  } catch {
    // A file of somebody else's may hold anything.
    return undefined
  }
}
