import { describe, expect, it } from 'vitest'
import { script } from '../../helpers/device-bench.ts'
import { setScriptedStage } from '../../helpers/device-stage.ts'

const stage = setScriptedStage()

describe('an option of MQTT 5', () => {
  it.each([
    ['client: { sessionExpiryInterval: 1 }', 'client.sessionExpiryInterval needs MQTT 5'],
    [
      "client: { will: { topic: 'a', payload: '', willDelayInterval: '1s' } }",
      'client.will.willDelayInterval needs MQTT 5',
    ],
    [
      "connected({ client }) { return client.publish('a', '', { contentType: 'x' }) }",
      'the contentType of publish needs MQTT 5',
    ],
    [
      "connected({ client }) { return client.subscribe('a', { noLocal: true }) }",
      'the noLocal of subscribe needs MQTT 5',
    ],
    ["connected({ client }) { return client.request('a', '') }", 'client.request needs MQTT 5'],
    ['connected({ client }) { client.disconnect({ reasonCode: 4 }) }', 'the reasonCode of disconnect needs MQTT 5'],
  ])('is refused with another version, at its line: %s', async (behaviour, message) => {
    const { bench } = stage
    const id = `ov${ids++}`
    bench.run({ [id]: script(`return {\n${behaviour},\n}`) })
    expect(await bench.fails(id)).toMatchObject({
      message: `${message}; add protocolVersion: 5 to the device's client`,
      line: 4,
    })
  })

  it.each([
    [
      'sessionExpiryInterval: 1.5',
      'client.sessionExpiryInterval must be whole seconds up to 4294967295, not 1.5; MQTT carries it so',
    ],
    ['receiveMaximum: 0', 'client.receiveMaximum must be a whole number from 1 to 65535, not 0'],
    ['maximumPacketSize: 0', 'client.maximumPacketSize must be a whole number from 1 to 4294967295, not 0'],
    ['userProperties: { a: 1 }', "'a' in client.userProperties must be text, not 1"],
    ["requestProblemInformation: 'no'", "client.requestProblemInformation must be true or false, not 'no'"],
    [
      'reconnect: { attempts: 0 }',
      'client.reconnect.attempts must be a whole number from 1 to 9007199254740991, not 0',
    ],
    ["store: 'disk'", "client.store must be 'ram' or 'flash', not 'disk'"],
  ])('that is wrong is shown where it is: %s', async (option, message) => {
    const { bench } = stage
    const id = `wo${ids++}`
    bench.run({ [id]: script(`return { client: { protocolVersion: 5,\n${option} } }`) })
    expect(await bench.fails(id)).toMatchObject({ message, line: 4 })
  })
})

/** Ids are used once. */
let ids = 1

describe('CONNECT of MQTT 5', () => {
  it('says what the options say', async () => {
    const { bench, broker } = stage
    bench.run({
      cn1: script(`
        return {
          client: {
            protocolVersion: 5, cleanStart: false, sessionExpiryInterval: '2h', receiveMaximum: 3, maximumPacketSize: 100000,
            topicAliasMaximum: 4, requestResponseInformation: true, requestProblemInformation: false,
            userProperties: { a: ['1', '2'], __proto: 'p', b: [] },
            will: { topic: 'w', payload: 'x', willDelayInterval: '5s', userProperties: {} },
          },
        }`),
      cn2: script('return { client: { protocolVersion: 5, userProperties: {} } }'),
    })
    const [first] = (await broker.connection(1)).packets
    expect(first).toMatchObject({
      protocolVersion: 5,
      clean: false,
      properties: {
        sessionExpiryInterval: 7200,
        receiveMaximum: 3,
        maximumPacketSize: 100_000,
        topicAliasMaximum: 4,
        requestResponseInformation: true,
        requestProblemInformation: false,
        userProperties: { a: ['1', '2'], __proto: 'p' },
      },
      will: { topic: 'w', properties: { willDelayInterval: 5 } },
    })
    const [second] = (await broker.connection(2)).packets
    expect(second).toMatchObject({ protocolVersion: 5, clean: true })
    expect(second).not.toHaveProperty('properties')
  })
})

describe('a password alone', () => {
  it.each([3, 4])('is refused with protocolVersion %i', async (version) => {
    const { bench } = stage
    const id = `pw${version}`
    bench.run({ [id]: script(`return { client: { protocolVersion: ${version},\npassword: 'token' } }`) })
    expect(await bench.fails(id)).toMatchObject({
      message: 'client.password needs a client.username; only MQTT 5 (protocolVersion: 5) has a password alone',
      line: 4,
    })
  })

  it('is sent with MQTT 5, and a wrong one in its place', async () => {
    const { bench, broker } = stage
    bench.run({ pw5: script("return { client: { protocolVersion: 5, password: 'token' } }") })
    const [first] = (await broker.connection(1)).packets
    expect(first).toMatchObject({ password: Buffer.from('token') })
    expect(first).not.toHaveProperty('username')
    await bench.reaches('pw5', 'online')
    await bench.devices.act('pw5', 'wrongPassword')
    const [second] = (await broker.connection(2)).packets
    expect(second).toMatchObject({ password: Buffer.from('wrong') })
    expect(second).not.toHaveProperty('username')
  })
})

describe('client.disconnect', () => {
  it('ends the connection after what was published, and the device stays offline', async () => {
    const { bench, broker } = stage
    bench.run({
      dc1: script(`
        return {
          connected({ client }) { client.publish('a', 'last'); client.disconnect() },
          disconnected({ reason, willReconnect }) { log('gone', reason, willReconnect) },
        }`),
    })
    const connection = await broker.connection(1)
    await broker.receives(connection, 'disconnect')
    expect(connection.packets.map(({ cmd }) => cmd)).toEqual(['connect', 'publish', 'disconnect'])
    await bench.says('dc1', 'gone disconnected false')
    expect(bench.snapshot('dc1')).toMatchObject({ state: 'offline', reason: 'disconnected' })
    await bench.devices.act('dc1', 'connect')
    await broker.connection(2)
  })

  it.each([
    [
      '{ reasonCode: 1 }',
      'the reasonCode of disconnect must be one that a client may send (0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99), not 1',
    ],
    ["{ sessionExpiryInterval: '1s' }", 'the sessionExpiryInterval of disconnect needs a client.sessionExpiryInterval'],
    ['{ reasonString: 5 }', 'the reasonString of disconnect must be text, not 5'],
    ['{ userProperties: [] }', 'the userProperties of disconnect must be an object of names and texts'],
    ['{ reason: 4 }', 'has no option `reason`'],
  ])('says at its line what is wrong with %s', async (options, message) => {
    const { bench } = stage
    const id = `dw${ids++}`
    bench.run({
      [id]: script(
        `return { client: { protocolVersion: 5 },\nconnected({ client }) { client.disconnect(${options}) } }`,
      ),
    })
    const error = await bench.fails(id)
    expect(error.message).toContain(message)
    expect(error.line).toBe(4)
  })
})
