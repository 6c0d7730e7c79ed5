import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTarget } from '../../../../app/device/target-address.ts'

describe('the address of a target', () => {
  it.each([
    ['mqtt://broker.example', { host: 'broker.example', port: 1883, tls: false, webSocketPath: undefined }],
    ['MQTTS://broker.example/', { url: 'mqtts://broker.example', host: 'broker.example', port: 8883, tls: true }],
    ['mqtt://[::1]:1884', { url: 'mqtt://[::1]:1884', host: '::1', port: 1884 }],
    ['ws://10.0.0.1', { url: 'ws://10.0.0.1/mqtt', port: 80, tls: false, webSocketPath: '/mqtt' }],
    [
      'wss://b.example:443/a/b?c=d',
      { url: 'wss://b.example/a/b?c=d', port: 443, tls: true, webSocketPath: '/a/b?c=d' },
    ],
    ['mqtt://b:1883', { url: 'mqtt://b' }],
  ])('is read from %s', (url, expected) => {
    expect(parseTarget(url)).toMatchObject(expected)
  })

  it.each([
    ['broker.example:1883', 'such as mqtt://broker.example:1883'],
    ['http://broker.example', 'such as mqtt://broker.example:1883'],
    ['mqtt://', 'such as mqtt://broker.example:1883'],
    ['mqtt://b:0', '0 is not the port of a target'],
    ['mqtt://b:65536', '65536 is not the port of a target'],
    ['mqtt://b/path', 'MQTT over TCP has no path'],
  ])('is not read from %s', (url, message) => {
    expect(() => parseTarget(url)).toThrow(message)
  })

  it('has no password, and does not repeat one that somebody wrote', () => {
    for (const url of ['mqtt://ann:secret@b', 'mqtt://ann:secret@', 'http://ann:secret@b']) {
      try {
        parseTarget(url)
        expect.unreachable('it must be refused')
      } catch (error) {
        expect(JSON.stringify(error) + String(error)).not.toContain('secret')
      }
    }
  })

  it('is the same when it is read again from what is shown', () => {
    const host = fc.oneof(
      fc.domain(),
      fc.ipV4(),
      fc.ipV6().map((address) => `[${address}]`),
    )
    const scheme = fc.constantFrom('mqtt', 'mqtts', 'ws', 'wss')
    const port = fc.option(fc.integer({ min: 1, max: 65535 }), { nil: undefined })
    fc.assert(
      fc.property(scheme, host, port, (scheme, host, port) => {
        const once = parseTarget(`${scheme}://${host}${port === undefined ? '' : `:${port}`}`)
        expect(parseTarget(once.url)).toEqual(once)
        // The platform's own reader, which knows nothing of MQTT's ports.
        const url = new URL(once.url.replace(/^(mqtts?|wss?)/, 'http'))
        if (once.port !== 80) expect(Number(url.port) || once.port).toBe(once.port)
        expect([once.host, `[${once.host}]`]).toContain(host)
      }),
    )
  })
})
