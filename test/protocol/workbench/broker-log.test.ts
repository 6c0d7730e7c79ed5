import { rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { addUser } from '../../../main/broker/access/edit-users.ts'
import { ran } from '../../helpers/listener-bench.ts'
import { openWorkbench } from '../../helpers/open-workbench.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { until } from '../../helpers/until.ts'

const settings = (broker: object) => ({ 'faultline.json': JSON.stringify({ broker }) })

function send(port: number | string, ...more: string[]) {
  return ran('mosquitto_pub', ['-h', '127.0.0.1', '-p', String(port), '-t', 'plant/1', '-m', 'x', '-q', '1', ...more])
}

/** Debian's mosquitto_pub over TLS, which trusts the authority of the workspace. */
function sendSecurely(urls: readonly string[], workspace: string) {
  const { port } = new URL(String(urls.find((url) => url.startsWith('mqtts:'))))
  const where = ['-h', 'localhost', '-p', port, '--cafile', join(workspace, 'certificates/ca.crt')]
  return ran('mosquitto_pub', [...where, '-t', 'a', '-m', 'x', '-q', '1'])
}

function said(lines: readonly string[], what: RegExp) {
  return until(`the log says ${what}`, () => lines.some((line) => what.test(line)))
}

describe('the log of a broker', () => {
  it('says why somebody did not get in, and what was denied, and no more of a flood than is good', async () => {
    const acl = { rules: [{ deny: 'publish', topics: ['plant/#'] }] }
    const { lines, port, workspace } = await openWorkbench({ files: settings({ access: { acl, anonymous: true } }) })
    await addUser(workspace, 'ann', 'right')
    await send(port, '-i', 'pump')
    await said(lines, /^pump may not publish to plant\/1: rule 1/)
    expect((await send(port, '-u', 'ann', '-P', 'wrong')).code).not.toBe(0)
    await said(lines, /^(\S+ at )?127\.0\.0\.1:\d+ did not get in: refused: the password of the user ann is wrong$/)
    for (let n = 0; n < 40; n++)
      connect(port, '127.0.0.1').end('GET / HTTP/1.1\r\nHost: broker.example\r\nAccept: */*\r\n\r\n')
    await said(lines, /did not get in: .*what the client speaks is HTTP, not MQTT/)
    await said(lines, /^21 more clients that did not get in within 10 s are left out here$/)
    expect(lines.filter((line) => line.includes('did not get in:'))).toHaveLength(20)
  })

  it('says of a will that must not be published so when its client connects, and when it is dropped', async () => {
    const acl = { rules: [{ deny: 'publish', topics: ['dev/#'] }] }
    const { lines, port } = await openWorkbench({ files: settings({ access: { acl, anonymous: true } }) })
    const will = { topic: 'dev/other/w', payload: Buffer.from('gone'), qos: 0, retain: false } as const
    const client = await RawClient.connect(Number(port), 'w1', { will })
    await said(
      lines,
      /^w1 may not publish to dev\/other\/w: rule 1: .*; as it is now, its will is going to be dropped$/,
    )
    client.socket.resetAndDestroy()
    await said(lines, /^the will of w1 to dev\/other\/w was dropped: rule 1: /)
  })

  it('says once that the files which say who may connect are broken, and once that they are not any more', async () => {
    const { lines, port, workspace } = await openWorkbench({
      files: { ...settings({ access: { jwt: { secret: 'broker/jwt.secret' } } }), 'broker/jwt.secret': 'a secret' },
    })
    await rm(join(workspace, 'broker/jwt.secret'))
    await said(lines, /nobody gets in .*: there is no broker\/jwt\.secret in the workspace$/)
    await send(port)
    await send(port)
    expect(lines.filter((line) => line.includes('nobody gets in'))).toHaveLength(1)
    await writeFile(join(workspace, 'broker/jwt.secret'), 'another')
    await said(lines, /who may connect can be read again/)
    await writeFile(join(workspace, 'broker/users.json'), '{')
    await said(lines, /nobody gets in .*: broker\/users\.json is not JSON/)
  })

  it.each([
    [{ jwt: { secret: 'broker/none' } }, { code: 'not-found', message: /^there is no broker\/none in the workspace/ }],
    [{}, { code: 'file-unreadable', message: /^broker\/users\.json is not JSON/ }],
  ])('is not begun where they cannot be used: %j', async (access, { code, message }) => {
    const files = { ...settings({ access }), ...('jwt' in access ? {} : { 'broker/users.json': '{' }) }
    await expect(openWorkbench({ files })).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  it('says that the broker shows another certificate from now on, and what is wrong with that one', async () => {
    const { lines, urls, workspace } = await openWorkbench({ files: settings({ mqtts: 0 }) })
    expect((await sendSecurely(urls, workspace)).code).toBe(0)
    const file = join(workspace, 'faultline.json')
    const show = (certificate: string) =>
      writeFile(file, settings({ mqtts: 0, tls: { certificate } })['faultline.json'])
    await show('server-not-yet-valid')
    await said(lines, /^the broker shows certificates\/server-not-yet-valid\.crt from now on$/)
    expect((await sendSecurely(urls, workspace)).code).not.toBe(0)
    await said(lines, /the client refused the broker's certificate: it is not valid yet; it will be from 20/)
    const trust = {
      certificate: 'server-not-yet-valid',
      clientAuthority: 'certificates/stranger-ca.crt',
      revoked: false,
    }
    await writeFile(file, settings({ mqtts: 0, tls: trust })['faultline.json'])
    await said(lines, /^certificates of clients have to be signed by certificates\/stranger-ca\.crt from now on$/)
    await said(lines, /^certificates of clients that were revoked are good from now on: no list of them is looked at$/)
    expect(lines.filter((line) => line.startsWith('the broker shows'))).toHaveLength(1)
    await show('none')
    await said(lines, /runs on as it was: there is no certificates\/none\.crt in the workspace/)
    await writeFile(file, `${settings({ mqtts: 0, tls: { certificate: 'none' } })['faultline.json']}\n`)
    await show('server')
    await said(lines, /^the broker shows certificates\/server\.crt from now on$/)
    await said(lines, /^the workspace has that mistake no more$/)
    expect(lines.filter((line) => line.includes('runs on as it was'))).toHaveLength(1)
    expect((await sendSecurely(urls, workspace)).code).toBe(0)
  })
})

describe('a shared subscription', () => {
  it('is served as the settings say', async () => {
    const { port } = await openWorkbench({ files: settings({ sharedSubscriptions: 'sticky' }) })
    const members = await Promise.all(['a', 'b', 'c'].map((id) => RawClient.connect(port, id)))
    onTestFinished(() => {
      for (const member of members) member.reset()
    })
    for (const member of members) await member.subscribe('$share/group/plant/#', 1)
    const [first, ...others] = members
    for (let n = 1; n <= 6; n++) {
      expect((await send(port)).code).toBe(0)
      expect(await first?.receive('publish')).toMatchObject({ topic: 'plant/1' })
    }
    for (const other of others) expect(other.packets.filter(({ cmd }) => cmd === 'publish')).toEqual([])
  })
})
