import { describe, expect, it } from 'vitest'
import { parseSettings } from '../../../../main/workspace/settings.ts'

function read(broker: unknown) {
  return parseSettings(JSON.stringify({ broker })).broker
}

describe('"broker" of faultline.json', () => {
  it('may be empty, and has what is usual in what it has', () => {
    expect(read({})).toEqual({})
    expect(read({ tls: {}, webSocket: {}, access: { acl: {}, banned: {} } })).toEqual({
      tls: {
        certificate: 'server',
        minVersion: '1.2',
        maxVersion: '1.3',
        clientCertificate: 'off',
        clientAuthority: 'certificates/ca.crt',
        revoked: 'certificates/ca.crl',
      },
      webSocket: { origins: [] },
      access: {
        certificateIdentity: 'off',
        acl: { rules: [], otherwise: 'allow' },
        banned: { clients: [], users: [], addresses: [] },
      },
    })
  })

  it('names listeners, limits and rules', () => {
    const rules = [
      { allow: 'publish', topics: ['plant/{clientid}/#'], client: 'pump-*' },
      { deny: 'all', topics: ['#', '$SYS/#'], user: 'eve' },
    ]
    expect(
      read({
        host: '0.0.0.0',
        mqtts: 8883,
        ws: 0,
        access: { acl: { rules } },
        limits: { connectTimeout: '5s', maxKeepAlive: '2m', maxQoS: 1, maxSessionExpiry: 60 },
        sharedSubscriptions: 'sticky',
      }),
    ).toEqual({
      host: '0.0.0.0',
      mqtts: 8883,
      ws: 0,
      access: {
        certificateIdentity: 'off',
        acl: {
          otherwise: 'allow',
          rules: [
            { effect: 'allow', action: 'publish', topics: ['plant/{clientid}/#'], client: 'pump-*' },
            { effect: 'deny', action: 'all', topics: ['#', '$SYS/#'], user: 'eve' },
          ],
        },
      },
      limits: { connectTimeout: 5000, maxKeepAlive: 120, maxQoS: 1, maxSessionExpiry: 60 },
      sharedSubscriptions: 'sticky',
    })
  })

  it('names the key of tokens', () => {
    expect(read({ access: { jwt: { secret: 'a.txt', tolerance: '30s' } } })?.access?.jwt).toEqual({
      secret: 'a.txt',
      userName: 'sub',
      tolerance: 30,
    })
  })

  it.each([
    [{ mqtt: 1 }, 'broker has no "mqtt"; did you mean "mqtts"? the keys are "host", "mqtts", "ws", "wss"'],
    [{ ws: 70_000 }, 'broker.ws must be a whole number from 0 to 65535, not 70000'],
    [{ tls: { minVersion: '1.1' } }, 'broker.tls.minVersion must be "1.2" or "1.3", not'],
    [{ tls: { minVersion: '1.3', maxVersion: '1.2' } }, 'broker.tls must not have a "minVersion" above "maxVersion"'],
    [{ tls: { certificate: '../a' } }, 'broker.tls.certificate must be a name'],
    [{ webSocket: { origins: ['example'] } }, 'broker.webSocket.origins.0 must be an origin'],
    [{ access: { anonymous: 'no' } }, 'broker.access.anonymous must be true or false'],
    [{ access: { acl: { rules: [{ topics: ['a'] }] } } }, 'broker.access.acl.rules.0 must have either an "allow"'],
    [{ access: { acl: { rules: [{ allow: 'all' }] } } }, 'broker.access.acl.rules.0 must have "topics"'],
    [{ access: { acl: { rules: [{ allow: 'read', topics: ['a'] }] } } }, 'rules.0.allow must be "publish" or'],
    [{ access: { acl: { rules: [{ allow: 'all', topics: ['a#'] }] } } }, 'rules.0.topics.0: has a #'],
    [{ access: { acl: { rules: [{ allow: 'all', topics: ['a'], users: 'x' }] } } }, 'did you mean "user"?'],
    [{ access: { acl: [] } }, 'broker.access.acl must not be a list'],
    [{ access: { banned: { clients: 'a' } } }, 'broker.access.banned.clients must be a list'],
    [{ access: { jwt: {} } }, 'broker.access.jwt must have either a "secret" or a "publicKey"'],
    [{ access: { banned: { addresses: ['1.2.3'] } } }, 'addresses.0 must be an address'],
    [
      { limits: { maxKeepAlive: '1500ms' } },
      'broker.limits.maxKeepAlive must be a whole number of seconds from 0 to 65535',
    ],
    [{ sharedSubscriptions: 'fair' }, 'broker.sharedSubscriptions must be "round robin" or "random"'],
    [{ limits: { connectTimeout: 'soon' } }, 'broker.limits.connectTimeout must be a length of time'],
    [{ limits: { queuePolicy: 'drop' } }, '"drop oldest" or "drop newest" or "disconnect"'],
    [[], 'broker must not be a list'],
  ])('has its mistakes named in words: %j', (broker, message) => {
    expect(() => read(broker)).toThrow(message)
  })
})
