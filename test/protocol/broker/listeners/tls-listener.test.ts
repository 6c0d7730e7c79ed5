import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureCertificates } from '../../../../main/broker/certificates/workspace-certificates.ts'
import type { SecureListener, TlsOptions } from '../../../../main/broker/listeners/listener.ts'
import { listenTls } from '../../../../main/broker/listeners/tls-listener.ts'
import { systemClock } from '../../../../main/workbench/system-clock.ts'
import { leadTo, materialOf, publishOverTls, ran } from '../../../helpers/listener-bench.ts'
import { launchMosquitto, type MosquittoBroker } from '../../../helpers/mosquitto-broker.ts'
import { until } from '../../../helpers/until.ts'

let workspace = ''
let broker: MosquittoBroker

beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'faultline-'))
  await ensureCertificates(workspace, Date.now())
  broker = await launchMosquitto()
})

afterAll(async () => {
  await broker.stop()
  await rm(workspace, { recursive: true })
})

async function open(tls: Partial<TlsOptions> = {}, timeout?: number) {
  const listener: SecureListener = await listenTls({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    timeout,
    tls: { material: await materialOf(workspace), ...tls },
  })
  const led = leadTo(listener, broker.port)
  const reason = () => until('somebody is refused', () => led.refused[0]?.reason)
  return { listener, ...led, reason }
}

/** What openssl's client says to a listener. */
function openssl(port: number, ...args: string[]) {
  const trust = ['-CAfile', join(workspace, 'certificates', 'ca.crt')]
  return ran('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-brief', ...trust, ...args])
}

describe('listenTls', () => {
  it.each(['1.2', '1.3'] as const)('speaks TLS %s with a client that checks its certificate', async (version) => {
    const { listener, through, refused } = await open({ minVersion: version, maxVersion: version })
    expect(listener.url).toBe(`mqtts://127.0.0.1:${listener.port}`)
    const published = await publishOverTls(listener, workspace, undefined)
    expect(published).toEqual({ code: 0, output: '' })
    expect(through).toMatchObject([{ transport: 'tls', certificate: undefined, tls: { protocol: `TLSv${version}` } }])
    expect(through[0]?.tls?.cipher).toMatch(/^TLS_/)
    expect(refused).toEqual([])
  })

  it('lets in a client with a certificate of the workspace, and says whose it is', async () => {
    const { listener, through } = await open({ clientCertificate: 'required' })
    expect(await publishOverTls(listener, workspace, 'client')).toMatchObject({ code: 0 })
    expect(through[0]?.certificate).toMatchObject({ commonName: 'client', subject: 'CN=client' })
    expect(through[0]?.certificate?.issuer).toMatch(/^CN=Faultline workspace /)
    const x509 = ['x509', '-in', join(workspace, 'certificates/client.crt'), '-noout', '-fingerprint', '-sha256']
    const { output } = await ran('openssl', x509)
    expect(through[0]?.certificate?.fingerprint).toBe(output.trim().split('=')[1]?.replaceAll(':', ''))
  })

  it('lets in a client whose certificate comes with the authority between', async () => {
    const { listener, through } = await open({ clientCertificate: 'required' })
    expect(await publishOverTls(listener, workspace, 'chain')).toMatchObject({ code: 0 })
    expect(through[0]?.certificate?.commonName).toBe('chain')
  })

  describe.each(['1.2', '1.3'] as const)('with TLS %s', (version) => {
    it.each([
      ['expired', /^the client's certificate \(expired\) has expired: it was valid until \d{4}-\d\d-\d\d$/],
      [
        'not-yet-valid',
        /^the client's certificate \(not-yet-valid\) is not valid yet: it will be from \d{4}-\d\d-\d\d$/,
      ],
      ['revoked', /^the client's certificate \(revoked\) was revoked by Faultline workspace [\da-f]{8}$/],
      [
        'stranger',
        /^the client's certificate \(stranger\) is not trusted: Stranger [\da-f]{8} has signed it, which is not/,
      ],
      ['server', /^the client's certificate \(server\) is not for clients$/],
    ])('refuses a client that shows %s, and says why', async (name, why) => {
      const { listener, through, reason } = await open({ clientCertificate: 'wanted', maxVersion: version })
      const published = await publishOverTls(listener, workspace, name)
      expect(published.code).not.toBe(0)
      expect(await reason()).toMatch(why)
      expect(through).toEqual([])
    })

    it('refuses a client without a certificate where one is required, and not where it is wanted', async () => {
      const required = await open({ clientCertificate: 'required', maxVersion: version })
      expect((await publishOverTls(required.listener, workspace, undefined)).code).not.toBe(0)
      expect(await required.reason()).toBe('the client showed no certificate, and this listener requires one')
      const wanted = await open({ clientCertificate: 'wanted', maxVersion: version })
      expect((await publishOverTls(wanted.listener, workspace, undefined)).code).toBe(0)
      expect(wanted.through[0]?.certificate).toBeUndefined()
    })
  })

  it('lets in what is revoked where no list is given', async () => {
    const material = { ...(await materialOf(workspace)), revoked: undefined }
    const { listener } = await open({ clientCertificate: 'required', material })
    expect((await publishOverTls(listener, workspace, 'revoked')).code).toBe(0)
  })

  it('says that a client speaks another version of TLS', async () => {
    const newer = await open({ minVersion: '1.3' })
    expect((await openssl(newer.listener.port, '-tls1_2')).code).not.toBe(0)
    expect(await newer.reason()).toBe('the client speaks no version of TLS that this listener speaks, which is TLS 1.3')
    const older = await open({ maxVersion: '1.2' })
    expect((await openssl(older.listener.port, '-tls1_3')).code).not.toBe(0)
    expect(await older.reason()).toBe('the client speaks no version of TLS that this listener speaks, which is TLS 1.2')
  })

  it.each([
    ['server-expired', /^the client refused the broker's certificate: it has expired; it was valid until 20[\d-]+$/],
    ['server-not-yet-valid', /^the client refused the broker's certificate: it is not valid yet; it will be from 20/],
    [
      'server-wrong-host',
      /^the client broke off the TLS handshake with an internal error; some say so of a certificate for another host$/,
    ],
    ['server-revoked', undefined],
    ['server-chain', undefined],
  ])('shows %s when it is told to, and says what the client makes of it', async (name, why) => {
    const { listener, reason, through } = await open()
    listener.present(await materialOf(workspace, name))
    const published = await publishOverTls(listener, workspace, undefined)
    // mosquitto_pub asks no list of what is revoked.
    expect(published.code === 0).toBe(why === undefined)
    if (why === undefined) expect(through).toHaveLength(1)
    else expect(await reason()).toMatch(why)
  })

  it('says that a client does not know its authority', async () => {
    const { listener, reason } = await open()
    const other = ['--cafile', join(workspace, 'certificates', 'other-ca.crt')]
    expect((await publishOverTls(listener, workspace, undefined, ...other)).code).not.toBe(0)
    expect(await reason()).toBe(
      "the client refused the broker's certificate: it does not know the authority that signed it",
    )
  })

  it.each([
    ['plain MQTT', '\x10\x0d\0\x04MQTT\x04\x02\0\x3c\0\x01a', /is not TLS: is it plain MQTT/],
    ['HTTP', 'GET / HTTP/1.1\r\n\r\n', /is not TLS: it is HTTP/],
  ])('says that %s is spoken to it', async (_, octets, why) => {
    const { listener, reason } = await open()
    const socket = connect(listener.port, '127.0.0.1')
    socket.write(octets, 'latin1')
    socket.resume()
    expect(await reason()).toMatch(why)
    if (!socket.closed) await once(socket, 'close')
  })

  it('agrees on mqtt by ALPN, and says so when a client wants something else', async () => {
    const { listener, reason, through } = await open()
    const client = connectTls({
      host: '127.0.0.1',
      port: listener.port,
      rejectUnauthorized: false,
      ALPNProtocols: ['x', 'mqtt'],
    })
    await once(client, 'secureConnect')
    expect(client.alpnProtocol).toBe('mqtt')
    await until('it is through', () => through.length === 1)
    expect(through[0]?.tls?.alpn).toBe('mqtt')
    client.destroy()
    await openssl(listener.port, '-alpn', 'h2')
    expect(await reason()).toBe('the client asked by ALPN for another protocol than mqtt')
  })

  it('closes a connection that says nothing, when its time is over', async () => {
    const { listener, reason } = await open({}, 50)
    const socket = connect(listener.port, '127.0.0.1')
    const closed = once(socket.resume(), 'close')
    expect(await reason()).toBe('the TLS handshake was not complete after 0.05 s')
    await closed
  })

  it('says that a client has gone in the middle', async () => {
    const { listener, reason } = await open()
    const socket = connect(listener.port, '127.0.0.1')
    await once(socket, 'connect')
    socket.end('\x16\x03\x01')
    expect(await reason()).toBe("the client's connection was closed before the TLS handshake was complete")
  })

  it('closes those who are not through when it is closed, and its port is free', async () => {
    const { listener } = await open()
    const socket = connect(listener.port, '127.0.0.1')
    await once(socket, 'connect')
    const closed = once(socket.resume(), 'close')
    await listener.close()
    await closed
    await expect(
      listenTls({
        host: '127.0.0.1',
        port: listener.port,
        clock: systemClock,
        tls: { material: await materialOf(workspace) },
      }).then((again) => again.close()),
    ).resolves.toBeUndefined()
  })

  it('does not start with a key that is not that of its certificate', async () => {
    const [server, client] = await Promise.all([materialOf(workspace), materialOf(workspace, 'client')])
    const material = { ...server, key: client.key }
    await expect(open({ material })).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('the broker cannot speak TLS: '),
    })
    const { listener } = await open()
    expect(() => listener.present(material)).toThrow('the broker cannot speak TLS')
    expect((await publishOverTls(listener, workspace, undefined)).code).toBe(0)
  })

  it('does not ask for client certificates that nobody signs', async () => {
    const material = { ...(await materialOf(workspace)), clientAuthorities: undefined }
    await expect(open({ material, clientCertificate: 'required' })).rejects.toThrow('no authority is named')
  })
})
