import { createHmac } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { AuthOutcome, ConnectAttempt } from '../../../../../main/broker/access/access.ts'
import { type AccessSettings, BrokerAccess } from '../../../../../main/broker/access/broker-access.ts'
import { addUser, readUsers, removeUser } from '../../../../../main/broker/access/edit-users.ts'
import { hashPassword } from '../../../../../main/broker/access/password-hash.ts'
import type { ClientCertificate } from '../../../../../main/broker/connection-info.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'

const certificate: ClientCertificate = {
  commonName: 'pump-01',
  subject: 'CN=pump-01',
  issuer: 'CN=a',
  serialNumber: '01',
  fingerprint: 'AB',
  validFrom: 0,
  validUntil: 5000,
}

interface Said {
  clientId?: string
  userName?: string | undefined
  password?: string | undefined
  remote?: string
  certificate?: ClientCertificate
}

function attempt({ clientId = 'pump', userName, password, remote = '127.0.0.1:5000', certificate: shown }: Said = {}) {
  const made: ConnectAttempt = {
    clientId,
    userName,
    password: password === undefined ? undefined : Buffer.from(password),
    connection: { transport: 'tls', remote, certificate: shown, tls: undefined },
  }
  return made
}

let annsHash: string
let files: Map<string, string>
let clock: FakeClock

beforeEach(async () => {
  annsHash ??= await hashPassword(Buffer.from('right'))
  files = new Map()
  clock = new FakeClock()
})

function access(settings: AccessSettings = {}): BrokerAccess {
  return new BrokerAccess({ clock, settings, read: async (path) => files.get(path) })
}

function withAnn(): void {
  files.set('broker/users.json', JSON.stringify({ users: { ann: annsHash } }))
}

async function refusal(outcome: AuthOutcome | Promise<AuthOutcome>) {
  const { allowed, ...rest } = await outcome
  expect(allowed).toBe(false)
  return rest
}

describe('BrokerAccess', () => {
  it('lets everybody in where nothing is set up, with the user name that they say', async () => {
    const all = access()
    expect(await all.authenticate(attempt())).toEqual({
      allowed: true,
      userName: undefined,
      clientId: 'pump',
      rule: 'anonymous clients may connect',
      validUntil: undefined,
    })
    expect(await all.authenticate(attempt({ userName: 'bob', password: 'x' }))).toMatchObject({
      allowed: true,
      userName: 'bob',
      rule: 'there are no users to check the user name against',
    })
  })

  it('answers at once when nothing has to be read or reckoned', async () => {
    const all = access()
    await all.authenticate(attempt())
    expect(all.authenticate(attempt())).toMatchObject({ allowed: true })
  })

  it('checks passwords, and remembers the right ones alone', async () => {
    withAnn()
    const some = access()
    const right = attempt({ userName: 'ann', password: 'right' })
    expect(await some.authenticate(right)).toMatchObject({
      allowed: true,
      userName: 'ann',
      rule: 'by the password of the user ann',
    })
    expect(some.authenticate(right)).toMatchObject({ allowed: true })
    const wrong = some.authenticate(attempt({ userName: 'ann', password: 'wrong' }))
    expect(wrong).toBeInstanceOf(Promise)
    expect(await refusal(wrong)).toEqual({ code: 0x86, reason: 'the password of the user ann is wrong' })
    expect(await refusal(some.authenticate(attempt({ userName: 'bob', password: 'right' })))).toEqual({
      code: 0x86,
      reason: 'there is no user bob',
    })
    expect(await refusal(some.authenticate(attempt({ userName: 'ann' })))).toMatchObject({ code: 0x86 })
  })

  it('lets nobody in without a name once there are users, unless it is told to', async () => {
    withAnn()
    expect(await refusal(access().authenticate(attempt()))).toEqual({
      code: 0x87,
      reason: 'the client has no user name, and anonymous clients may not connect',
    })
    expect(await access({ anonymous: true }).authenticate(attempt())).toMatchObject({ allowed: true })
    files.clear()
    const closed = access({ anonymous: false })
    expect(await refusal(closed.authenticate(attempt()))).toMatchObject({ code: 0x87 })
    expect(await refusal(closed.authenticate(attempt({ userName: 'ann', password: 'x' })))).toEqual({
      code: 0x87,
      reason: 'there are no users, and anonymous clients may not connect',
    })
  })

  it('knows a user name that nothing has proved for what it is, also beside a certificate that proves something else', async () => {
    const said = { userName: 'ann', password: 'x' }
    expect(await access().authenticate(attempt(said))).toMatchObject({ userName: 'ann', isClaimed: true })
    const certified = access({ certificateIdentity: 'client id', anonymous: false })
    expect(await certified.authenticate(attempt({ ...said, certificate, clientId: '' }))).toMatchObject({
      clientId: 'pump-01',
      userName: 'ann',
      isClaimed: true,
    })
    withAnn()
    const proved = await access().authenticate(attempt({ userName: 'ann', password: 'right' }))
    expect(proved).toMatchObject({ userName: 'ann' })
    expect(proved).not.toHaveProperty('isClaimed', true)
  })

  it('hears of users that are added and removed while it runs', async () => {
    const some = access()
    expect(await some.authenticate(attempt())).toMatchObject({ allowed: true })
    withAnn()
    clock.advance(1000)
    expect(await refusal(some.authenticate(attempt()))).toMatchObject({ code: 0x87 })
    expect(await some.authenticate(attempt({ userName: 'ann', password: 'right' }))).toMatchObject({ allowed: true })
    files.set('broker/users.json', JSON.stringify({ users: { bob: annsHash } }))
    clock.advance(1000)
    expect(await refusal(some.authenticate(attempt({ userName: 'ann', password: 'right' })))).toMatchObject({
      code: 0x86,
    })
  })

  it('lets nobody in while the file of users cannot be read', async () => {
    files.set('broker/users.json', '{ "users": { "ann": "plain" } }')
    expect(await refusal(access().authenticate(attempt()))).toEqual({
      code: 0x88,
      reason: 'broker/users.json has something else than the hash of a password for ann',
    })
  })

  it('takes tokens as passwords, and says when they expire', async () => {
    files.set('jwt.secret', 's3cret')
    const jwt = { secret: 'jwt.secret', userName: 'sub', tolerance: 0 }
    const token = (claims: object) => {
      const text = [{ alg: 'HS256' }, claims]
        .map((one) => Buffer.from(JSON.stringify(one)).toString('base64url'))
        .join('.')
      return `${text}.${createHmac('sha256', 's3cret').update(text).digest('base64url')}`
    }
    const exp = clock.now() / 1000 + 60
    const some = access({ jwt })
    const password = token({ sub: 'ann', exp })
    expect(await some.authenticate(attempt({ userName: 'whoever', password }))).toMatchObject({
      allowed: true,
      userName: 'ann',
      rule: 'by a token of the user ann; the user name of CONNECT, whoever, counts for nothing',
      validUntil: exp * 1000,
    })
    expect(await some.authenticate(attempt({ password }))).toMatchObject({
      allowed: true,
      userName: 'ann',
      rule: 'by a token of the user ann',
    })
    clock.advance(60_000)
    expect(await refusal(some.authenticate(attempt({ password })))).toMatchObject({
      code: 0x86,
      reason: expect.stringMatching(/^the token has expired/),
    })
    expect(await refusal(some.authenticate(attempt({ userName: 'ann', password: 'right' })))).toMatchObject({
      code: 0x86,
    })
    expect(await refusal(access({ jwt: { ...jwt, secret: 'none' } }).authenticate(attempt()))).toMatchObject({
      code: 0x88,
      reason: 'there is no none in the workspace',
    })
  })

  it('takes the user name from a certificate, without a password', async () => {
    withAnn()
    const some = access({ certificateIdentity: 'user name' })
    for (const userName of [undefined, 'ann', 'pump-01']) {
      expect(await some.authenticate(attempt({ certificate, userName }))).toMatchObject({
        allowed: true,
        userName: 'pump-01',
        clientId: 'pump',
        validUntil: 5000,
      })
    }
    expect(await refusal(some.authenticate(attempt()))).toMatchObject({ code: 0x87 })
  })

  it('takes the Client Identifier from a certificate, and no other', async () => {
    withAnn()
    const some = access({ certificateIdentity: 'client id' })
    const shown = { certificate, clientId: '' }
    expect(await some.authenticate(attempt(shown))).toMatchObject({
      allowed: true,
      clientId: 'pump-01',
      userName: undefined,
    })
    const banned = { clients: ['pump-01'], users: [], addresses: [] }
    const banning = access({ certificateIdentity: 'client id', banned })
    expect(await refusal(banning.authenticate(attempt(shown)))).toMatchObject({ code: 0x8a })
    expect(await refusal(some.authenticate(attempt({ ...shown, clientId: 'pump-02' })))).toEqual({
      code: 0x85,
      reason: 'the client calls itself pump-02, and its certificate is that of pump-01',
    })
    expect(await refusal(some.authenticate(attempt({ ...shown, userName: 'ann', password: 'x' })))).toMatchObject({
      code: 0x86,
    })
    expect(await some.authenticate(attempt({ ...shown, userName: 'ann', password: 'right' }))).toMatchObject({
      allowed: true,
      userName: 'ann',
      clientId: 'pump-01',
    })
  })

  it.each([
    [{ clientId: 'bad-7' }, 'the client bad-7 is banned, by bad-*'],
    [{ userName: 'eve' }, 'the user eve is banned, by eve'],
    [{ remote: '192.0.2.7:4000' }, 'the address 192.0.2.7 is banned'],
    [{ remote: '[2001:db8::7]:4000' }, 'the address 2001:db8::7 is banned'],
    [{ remote: '[::ffff:192.0.2.7]:4000' }, 'the address ::ffff:192.0.2.7 is banned'],
  ])('does not let in %j, who is banned', async (said, reason) => {
    const banned = { clients: ['bad-*'], users: ['eve'], addresses: ['192.0.2.0/24', '2001:db8::/32'] }
    const some = access({ banned })
    expect(await refusal(some.authenticate(attempt(said)))).toEqual({ code: 0x8a, reason })
    expect(await some.authenticate(attempt({ remote: '192.0.3.7:1' }))).toMatchObject({ allowed: true })
  })

  it('takes other settings while it runs, and none that are wrong', async () => {
    const some = access()
    const identity = { clientId: 'a', userName: undefined }
    expect(some.mayPublish(identity, 'secret').allowed).toBe(true)
    const rules = [{ effect: 'deny', action: 'all', topics: ['secret'] } as const]
    some.configure({ acl: { rules, otherwise: 'allow' } })
    expect(some.mayPublish(identity, 'secret').rule).toBe('rule 1: deny publish to secret')
    expect(some.maySubscribe(identity, '#').allowed).toBe(false)
    expect(() => some.configure({ banned: { clients: [], users: [], addresses: ['x/33'] } })).toThrow(
      'x/33 is no address',
    )
    expect(some.mayPublish(identity, 'secret').allowed).toBe(false)
  })

  it('checks a password that many clients share once', async () => {
    withAnn()
    const some = access()
    const same = Array.from({ length: 3000 }, () => some.authenticate(attempt({ userName: 'ann', password: 'right' })))
    expect((await Promise.all(same)).every(({ allowed }) => allowed)).toBe(true)
  })
})

describe('the users of a workspace', () => {
  async function folder(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'faultline-'))
    onTestFinished(() => rm(path, { recursive: true }))
    return path
  }

  it('are added, changed and removed, and nobody else reads their file', async () => {
    const workspace = await folder()
    expect(await readUsers(workspace)).toEqual(new Map())
    expect(await addUser(workspace, 'bob', 'one')).toBe(true)
    expect(await addUser(workspace, 'ann', 'two')).toBe(true)
    const before = (await readUsers(workspace)).get('bob')
    expect(await addUser(workspace, 'bob', 'three')).toBe(false)
    const users = await readUsers(workspace)
    expect([...users.keys()]).toEqual(['ann', 'bob'])
    expect(users.get('bob')).not.toBe(before)
    expect(users.get('bob')).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$[\w+/]{22}\$[\w+/]{43}$/)
    const file = join(workspace, 'broker/users.json')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    await removeUser(workspace, 'ann')
    expect(await readFile(file, 'utf8')).not.toContain('ann')
    await expect(removeUser(workspace, 'ann')).rejects.toMatchObject({ code: 'invalid-argument', hint: 'there is bob' })
  })

  it('have names and passwords that MQTT can carry', async () => {
    const workspace = await folder()
    await expect(addUser(workspace, 'a\0', 'x')).rejects.toThrow('control characters')
    await expect(addUser(workspace, '', 'x')).rejects.toThrow('not empty')
    await expect(addUser(workspace, 'a', '')).rejects.toThrow('a password is not empty')
  })

  it.each([
    '{',
    '[]',
    '{"users":[]}',
    '{"users":{"ann":1}}',
    '{"users":{"ann":"$scrypt$ln=30,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA"}}',
  ])('are not read from %s', async (text) => {
    const workspace = await folder()
    await addUser(workspace, 'a', 'x')
    await writeFile(join(workspace, 'broker/users.json'), text)
    await expect(readUsers(workspace)).rejects.toMatchObject({ code: 'file-unreadable' })
  })
})
