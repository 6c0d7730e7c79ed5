import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'

const folder = 'certificates'

/** More than any chain of certificates has, in octets. */
const mostOctets = 1024 * 1024

/**
 * Reads a certificate or a key of a workspace as text.
 *
 * @param root path of the workspace
 * @param path relative to it, with `/`
 * @throws FaultlineError `not-found`, `forbidden` for what is not inside the workspace, `file-unreadable`
 */
export async function readCertificateFile(root: string, path: string): Promise<string> {
  const file = await inside(root, path)
  try {
    const info = await stat(file)
    // Reading a pipe would wait for ever.
    if (!info.isFile()) throw new Error('it is not a plain file')
    const { size } = info
    if (size > mostOctets) throw new Error(`it has ${size} octets, at most ${mostOctets} are read`)
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new FaultlineError({
      code: 'file-unreadable',
      message: `${path} cannot be read: ${messageOf(error)}`,
      hint: 'check its permissions',
    })
  }
}

/**
 * Names of the client certificates of a workspace, sorted: `pump` where there are `certificates/pump.crt` and
 * `certificates/pump.key`. None where there is no such folder.
 *
 * @param root path of the workspace
 * @throws FaultlineError `forbidden` where the folder is not inside the workspace, `file-unreadable`
 */
export async function listCertificates(root: string): Promise<string[]> {
  const files = new Set(await filesIn(root))
  const names = [...files].flatMap((file) => (file.endsWith('.crt') ? [file.slice(0, -'.crt'.length)] : []))
  // Only what an action may name: see `useCertificate` in the contract.
  return names.filter((name) => files.has(`${name}.key`) && /^[\w.-]+$/.test(name)).sort()
}

async function filesIn(root: string): Promise<string[]> {
  try {
    return await readdir(await inside(root, folder))
  } catch (error) {
    if (error instanceof FaultlineError && error.code === 'not-found') return []
    if (error instanceof FaultlineError) throw error
    throw new FaultlineError({
      code: 'file-unreadable',
      message: `the folder ${folder} cannot be read: ${messageOf(error)}`,
      hint: 'check its permissions',
    })
  }
}

/** Where the file really is. The workspace may come from a stranger: no link and no `..` leads out of it. */
async function inside(root: string, path: string): Promise<string> {
  const home = await realpath(root)
  const wanted = join(home, path)
  const file = isInside(home, wanted) ? await realpath(wanted).catch(() => undefined) : wanted
  if (file === undefined) {
    throw new FaultlineError({ code: 'not-found', message: `there is no ${path} in the workspace` })
  }
  if (isInside(home, file)) return file
  throw new FaultlineError({
    code: 'forbidden',
    message: `${path} is not inside the workspace`,
    hint: 'put a copy of it there: certificates are read from nowhere else',
  })
}

function isInside(home: string, file: string): boolean {
  const way = relative(home, file)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !/^[a-z]:/i.test(way) && !way.startsWith(sep)
}
