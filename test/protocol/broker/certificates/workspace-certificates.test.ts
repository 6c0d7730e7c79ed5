import { mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  ensureCertificates,
  type WorkspaceCertificate,
} from '../../../../main/broker/certificates/workspace-certificates.ts'
import { listCertificates } from '../../../../main/workspace/certificate-files.ts'
import { ran } from '../../../helpers/listener-bench.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

const day = 86_400_000
let workspace: string

beforeEach(async () => {
  workspace = await temporaryFolder()
})

const path = (file: string) => join(workspace, 'certificates', file)
const text = (file: string) => readFile(path(file), 'utf8')

/** What openssl says of a certificate, as a client or a broker would that trusts the workspace's authority. */
async function verdict(name: string, purpose: 'sslserver' | 'sslclient', ...more: string[]): Promise<string> {
  const lists = ['-CAfile', path('ca.crt'), '-untrusted', path(`${name}.crt`), '-CRLfile', path('ca.crl')]
  const args = ['verify', ...lists, '-crl_check_all', '-purpose', purpose, ...more, path(`${name}.crt`)]
  const { code, output } = await ran('openssl', args)
  return code === 0 ? 'good' : (/error \d+ at 0 depth lookup: (.*)/.exec(output)?.[1] ?? output)
}

function made(list: readonly WorkspaceCertificate[]): string[] {
  return list.filter((one) => one.made === 'now').map(({ name }) => name)
}

describe('ensureCertificates', () => {
  it('makes certificates that are what their names say, to openssl', async () => {
    const list = await ensureCertificates(workspace, Date.now())
    expect(list.every((one) => one.made === 'now')).toBe(true)
    const said = async (name: string, purpose: 'sslserver' | 'sslclient') => [name, await verdict(name, purpose)]
    const clients = list.filter(({ kind }) => kind === 'client').map(({ name }) => said(name, 'sslclient'))
    expect(Object.fromEntries(await Promise.all(clients))).toEqual({
      client: 'good',
      expired: 'certificate has expired',
      'not-yet-valid': 'certificate is not yet valid',
      revoked: 'certificate revoked',
      stranger: 'unable to get local issuer certificate',
      chain: 'good',
    })
    const brokers = list.filter(({ kind }) => kind === 'broker').map(({ name }) => said(name, 'sslserver'))
    expect(Object.fromEntries(await Promise.all(brokers))).toEqual({
      server: 'good',
      'server-expired': 'certificate has expired',
      'server-not-yet-valid': 'certificate is not yet valid',
      'server-revoked': 'certificate revoked',
      'server-wrong-host': 'good',
      'server-chain': 'good',
    })
    expect(await verdict('server', 'sslclient')).toMatch(/purpose/)
    expect(await verdict('client', 'sslserver')).toMatch(/purpose/)
  })

  it('makes a certificate for this machine by all its names, and one for another', async () => {
    await ensureCertificates(workspace, Date.now())
    for (const name of ['localhost', hostname()]) {
      expect(await verdict('server', 'sslserver', '-verify_hostname', name)).toBe('good')
    }
    for (const address of ['127.0.0.1', '::1']) {
      expect(await verdict('server-chain', 'sslserver', '-verify_ip', address)).toBe('good')
    }
    expect(await verdict('server-wrong-host', 'sslserver', '-verify_hostname', 'localhost')).toBe('hostname mismatch')
    expect(await verdict('server-wrong-host', 'sslserver', '-verify_ip', '127.0.0.1')).toBe('IP address mismatch')
  })

  it('lets nobody else read the keys, and devices use all but those of authorities', async () => {
    const list = await ensureCertificates(workspace, Date.now())
    for (const { kind, name } of list) {
      const { mode } = await stat(path(kind === 'authority' ? `authorities/${name}.key` : `${name}.key`))
      expect(mode & 0o777, name).toBe(0o600)
    }
    expect((await stat(path('authorities'))).mode & 0o777).toBe(0o700)
    const leaves = list.filter(({ kind }) => kind !== 'authority').map(({ name }) => name)
    expect(await listCertificates(workspace)).toEqual(leaves.sort())
  })

  it('leaves what there is, and makes what is missing with the same authority', async () => {
    const first = await ensureCertificates(workspace, Date.now())
    const before = await text('client.crt')
    expect(made(await ensureCertificates(workspace, Date.now()))).toEqual([])
    await Promise.all([rm(path('client.key')), rm(path('revoked.crt')), rm(path('ca.crl'))])
    const again = await ensureCertificates(workspace, Date.now())
    expect(made(again)).toEqual(['client', 'revoked'])
    expect(again.map(({ name, purpose }) => [name, purpose])).toEqual(first.map(({ name, purpose }) => [name, purpose]))
    expect(await text('client.crt')).not.toBe(before)
    expect(await verdict('client', 'sslclient')).toBe('good')
    expect(await verdict('revoked', 'sslclient')).toBe('certificate revoked')
    expect(await verdict('server-revoked', 'sslserver')).toBe('certificate revoked')
  })

  it('makes anew what would soon not be what its name says', async () => {
    await ensureCertificates(workspace, Date.now() - 340 * day)
    const list = await ensureCertificates(workspace, Date.now())
    expect(made(list)).toEqual(['server-not-yet-valid', 'not-yet-valid'])
    expect(made(await ensureCertificates(workspace, Date.now() + 100 * day))).toContain('client')
    expect(made(await ensureCertificates(workspace, Date.now() + 11 * 365 * day))).toHaveLength(15)
  })

  it('leaves the files of others as they are', async () => {
    const elsewhere = await temporaryFolder()
    await ensureCertificates(elsewhere, Date.now())
    const theirs = await readFile(join(elsewhere, 'certificates/expired.crt'), 'utf8')
    await mkdir(path('.'), { recursive: true })
    await writeFile(path('client.crt'), 'not a certificate')
    await ensureCertificates(workspace, Date.now())
    await writeFile(path('expired.crt'), theirs)
    const list = await ensureCertificates(workspace, Date.now())
    expect(list.filter((one) => one.made === 'foreign').map(({ name }) => name)).toEqual(['client', 'expired'])
    expect([await text('client.crt'), await text('expired.crt')]).toEqual(['not a certificate', theirs])
    expect(list.find(({ name }) => name === 'client')?.validUntil).toBeNaN()
  })

  it('makes all anew where its authority is gone', async () => {
    await ensureCertificates(workspace, Date.now())
    await Promise.all([rm(path('ca.crt')), rm(path('authorities/ca.key'))])
    const list = await ensureCertificates(workspace, Date.now())
    expect(list.filter((one) => one.made !== 'now').map(({ name }) => name)).toEqual(['other-ca', 'stranger'])
    expect(await verdict('chain', 'sslclient')).toBe('good')
  })

  it('does not take the place of an authority of somebody else', async () => {
    await ensureCertificates(workspace, Date.now())
    await rm(path('authorities/ca.key'))
    await expect(ensureCertificates(workspace, Date.now())).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('its key is not in certificates/authorities'),
    })
  })

  it('writes nothing where a link leads out of the workspace', async () => {
    const elsewhere = await temporaryFolder()
    await symlink(elsewhere, join(workspace, 'certificates'))
    await expect(ensureCertificates(workspace, Date.now())).rejects.toMatchObject({ code: 'forbidden' })
  })
})
