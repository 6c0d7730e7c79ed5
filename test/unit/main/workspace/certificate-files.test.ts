import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listCertificates, readCertificateFile } from '../../../../main/workspace/certificate-files.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

describe('certificates of a workspace', () => {
  it('are read from inside of it, also by a link that stays there', async () => {
    const root = await temporaryFolder()
    await mkdir(join(root, 'certificates'))
    await writeFile(join(root, 'certificates', 'a.crt'), 'PEM')
    await symlink(join(root, 'certificates', 'a.crt'), join(root, 'ca.crt'))
    expect(await readCertificateFile(root, 'certificates/a.crt')).toBe('PEM')
    expect(await readCertificateFile(root, 'ca.crt')).toBe('PEM')
    expect(await readCertificateFile(root, 'certificates/../ca.crt')).toBe('PEM')
  })

  it('are not read from outside, whatever way is tried', async () => {
    const [root, outside] = [await temporaryFolder(), await temporaryFolder()]
    await writeFile(join(outside, 'secret'), 'PEM')
    await symlink(outside, join(root, 'away'))
    await symlink(join(outside, 'secret'), join(root, 'secret'))
    const refused = { code: 'forbidden' }
    for (const path of [
      'away/secret',
      'secret',
      '../secret',
      `../${outside.split('/').at(-1)}/secret`,
      '..',
      '.',
      '',
    ]) {
      await expect(readCertificateFile(root, path), path).rejects.toMatchObject(refused)
    }
    // An absolute path is taken as a relative one.
    await expect(readCertificateFile(root, join(outside, 'secret'))).rejects.toMatchObject({ code: 'not-found' })
  })

  it('that are not there, or are no files, or endless, are said to be so', async () => {
    const root = await temporaryFolder()
    await mkdir(join(root, 'folder'))
    await writeFile(join(root, 'large'), Buffer.alloc(1024 * 1024 + 1))
    await expect(readCertificateFile(root, 'none')).rejects.toThrow('there is no none in the workspace')
    await expect(readCertificateFile(root, 'folder')).rejects.toMatchObject({ code: 'file-unreadable' })
    await expect(readCertificateFile(root, 'large')).rejects.toThrow('at most 1048576 are read')
  })
})

describe('the client certificates of a workspace', () => {
  it('are those of which there is a certificate and a key', async () => {
    const root = await temporaryFolder()
    await mkdir(join(root, 'certificates'))
    for (const file of [
      'pump.crt',
      'pump.key',
      'expired.crt',
      'expired.key',
      'ca.crt',
      'lost.key',
      'a b.crt',
      'a b.key',
    ]) {
      await writeFile(join(root, 'certificates', file), 'PEM')
    }
    expect(await listCertificates(root)).toEqual(['expired', 'pump'])
  })

  it('are none where there is no folder, and are looked for nowhere else', async () => {
    const [root, outside] = [await temporaryFolder(), await temporaryFolder()]
    expect(await listCertificates(root)).toEqual([])
    await symlink(outside, join(root, 'certificates'))
    await expect(listCertificates(root)).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('cannot be read from a file', async () => {
    const root = await temporaryFolder()
    await writeFile(join(root, 'certificates'), 'PEM')
    await expect(listCertificates(root)).rejects.toMatchObject({ code: 'file-unreadable' })
  })
})
