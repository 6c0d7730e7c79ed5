import { createSecureContext, type SecureContext } from 'node:tls'
import { messageOf } from '../../app/base/errors.ts'
import type { TlsSettings } from './target-dial.ts'

/** Names of files, as the target's settings have them. */
export interface TlsFiles {
  /** Authorities, as PEM, instead of those that Node brings. */
  readonly ca: string | undefined
  /** The client certificate with its chain, and its key, as PEM. */
  readonly certificate: string | undefined
  readonly key: string | undefined
}

/** What a target's TLS needs, from files that are read anew for each connection: somebody may have replaced them. */
export class TargetTls implements TlsSettings {
  readonly insecure: boolean
  readonly #files: TlsFiles
  readonly #read: (path: string) => Promise<string>
  #last: { readonly texts: readonly (string | undefined)[]; readonly context: SecureContext } | undefined

  /** @param options.read gives a file's text. @throws what is told where the connection fails. */
  constructor(options: {
    readonly files: TlsFiles
    readonly insecure: boolean
    readonly read: (path: string) => Promise<string>
  }) {
    this.#files = options.files
    this.#read = options.read
    this.insecure = options.insecure
  }

  /** @throws Error where a file cannot be read, or holds no certificate or not the key of the certificate. */
  async context(): Promise<SecureContext> {
    const { ca, certificate, key } = this.#files
    const text = async (path: string | undefined) => (path === undefined ? undefined : this.#read(path))
    const texts = await Promise.all([text(ca), text(certificate), text(key)])
    // To make one takes longer than to compare: a fleet connects with the same files a thousand times.
    if (this.#last !== undefined && texts.every((each, i) => each === this.#last?.texts[i])) return this.#last.context
    const context = this.#create(texts)
    this.#last = { texts, context }
    return context
  }

  #create([ca, certificate, key]: readonly (string | undefined)[]): SecureContext {
    const trusted = ca === undefined ? {} : { ca }
    const authority = this.#attempt(this.#files.ca, () => createSecureContext(trusted))
    if (certificate === undefined || key === undefined) return authority
    return this.#attempt(`${this.#files.certificate} with ${this.#files.key}`, () =>
      createSecureContext({ ...trusted, cert: certificate, key }),
    )
  }

  #attempt(what: string | undefined, create: () => SecureContext): SecureContext {
    try {
      return create()
    } catch (error) {
      throw new Error(`${what} cannot be used: ${messageOf(error)}`, { cause: error })
    }
  }
}
