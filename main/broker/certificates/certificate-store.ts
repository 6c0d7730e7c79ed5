import { randomUUID } from 'node:crypto'
import { chmod, lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FaultlineError, messageOf } from '../../../app/base/errors.ts'
import type { CertificatePair } from './authority.ts'

/** Beside the devices' scripts; where targets and devices look for theirs. */
export const certificateFolder = 'certificates'
/** The keys of authorities, apart from what a device may use. */
const keyFolder = 'authorities'

/** The files of certificates in a workspace. */
export class CertificateStore {
  readonly #folder: string

  /** @throws FaultlineError `forbidden` where the folder is a link: what it leads to is not the workspace's */
  static async open(workspace: string): Promise<CertificateStore> {
    const folder = join(workspace, certificateFolder)
    for (const path of [folder, join(folder, keyFolder)]) {
      const info = await lstat(path).catch(() => undefined)
      if (info !== undefined && !info.isDirectory()) {
        throw new FaultlineError({
          code: 'forbidden',
          message: `${path} is not a folder of the workspace`,
          hint: 'put a folder in its place: keys are written nowhere else',
        })
      }
    }
    const store = new CertificateStore(folder)
    await store.#attempt(certificateFolder, () => mkdir(join(folder, keyFolder), { recursive: true, mode: 0o755 }))
    await store.#attempt(`${certificateFolder}/${keyFolder}`, () => chmod(join(folder, keyFolder), 0o700))
    return store
  }

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** A certificate and its key; each is undefined where it is not there. @throws FaultlineError `file-unreadable` */
  async read(name: string): Promise<Partial<CertificatePair>> {
    return this.#pair(`${name}.crt`, `${name}.key`)
  }

  /** As `read`, for an authority. */
  async readAuthority(name: string): Promise<Partial<CertificatePair>> {
    return this.#pair(`${name}.crt`, `${keyFolder}/${name}.key`)
  }

  /** @throws FaultlineError `file-unreadable` */
  async readText(file: string): Promise<string | undefined> {
    try {
      return await readFile(join(this.#folder, file), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw new FaultlineError({
        code: 'file-unreadable',
        message: `${certificateFolder}/${file} cannot be read: ${messageOf(error)}`,
        hint: 'check its permissions',
      })
    }
  }

  /** @throws FaultlineError `file-unwritable` */
  async write(name: string, { certificate, key }: CertificatePair): Promise<void> {
    await this.#write(`${name}.key`, key, 0o600)
    await this.writeText(`${name}.crt`, certificate)
  }

  /** As `write`, for an authority. */
  async writeAuthority(name: string, { certificate, key }: CertificatePair): Promise<void> {
    await this.#write(`${keyFolder}/${name}.key`, key, 0o600)
    await this.writeText(`${name}.crt`, certificate)
  }

  /** @throws FaultlineError `file-unwritable` */
  writeText(file: string, text: string): Promise<void> {
    return this.#write(file, text, 0o644)
  }

  async #pair(crt: string, key: string): Promise<Partial<CertificatePair>> {
    const [certificate, secret] = await Promise.all([this.readText(crt), this.readText(key)])
    return { ...(certificate !== undefined && { certificate }), ...(secret !== undefined && { key: secret }) }
  }

  /** In one step, and never readable for others in between. */
  async #write(file: string, text: string, mode: number): Promise<void> {
    const path = join(this.#folder, file)
    const temporary = `${path}.${randomUUID()}.tmp`
    await this.#attempt(`${certificateFolder}/${file}`, async () => {
      try {
        await writeFile(temporary, text, { mode })
        await rename(temporary, path)
      } finally {
        await rm(temporary, { force: true })
      }
    })
  }

  async #attempt(what: string, write: () => Promise<unknown>): Promise<void> {
    try {
      await write()
    } catch (error) {
      throw new FaultlineError({
        code: 'file-unwritable',
        message: `${what} cannot be written: ${messageOf(error)}`,
        hint: 'check the permissions of the workspace folder',
      })
    }
  }
}
