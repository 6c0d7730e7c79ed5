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
