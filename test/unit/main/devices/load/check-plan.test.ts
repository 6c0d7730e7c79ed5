import { describe, expect, it } from 'vitest'
import { FaultlineError } from '../../../../../app/base/errors.ts'
import type { LoadPlan } from '../../../../../app/script-api/crossing.ts'
import { checkPlan } from '../../../../../main/devices/load/check-plan.ts'

const settings: LoadPlan['settings'] = { topic: 't/{id}', everyMs: 1000, payload: '{count}', qos: 0, retain: false }
const client: LoadPlan['client'] = {
  protocolVersion: 4,
  clientId: '{id}',
  cleanStart: true,
  keepAlive: 60,
  topicAliases: false,
  store: 'ram',
}
const will = { topic: 'w/{id}', payload: '{n}', qos: 0, retain: false } as const

function wrongOption(plan: LoadPlan): unknown {
  try {
    checkPlan(plan)
    return undefined
  } catch (error) {
    return error instanceof FaultlineError ? error.toData().details : error
  }
}

const long = '{id}'.repeat(900)

describe('checkPlan', () => {
  it('lets pass what every client can be', () => {
    expect(wrongOption({ settings, client: { ...client, username: 'u-{n}', password: 'p', will } })).toBeUndefined()
    expect(wrongOption({ settings: { ...settings, topic: '{id}'.repeat(248) }, client })).toBeUndefined()
  })

  it.each<[string, Partial<LoadPlan['settings']>, Partial<LoadPlan['client']>]>([
    ['topic', { topic: long }, {}],
    ['topic', { topic: '{id}'.repeat(16_000) }, {}],
    ['topic', { topic: '{id}'.repeat(249) }, {}],
    ['topic', { topic: 'a/#' }, {}],
    ['payload', { payload: '{text 65536}'.repeat(5) }, {}],
    ['client.clientId', {}, { clientId: long }],
    ['client.username', {}, { username: long }],
    ['client.password', {}, { password: long }],
    ['client.will.topic', {}, { will: { ...will, topic: long } }],
    ['client.will.topic', {}, { will: { ...will, topic: 'w/+' } }],
    ['client.will.payload', {}, { will: { ...will, payload: long } }],
    ['client.will.payload', {}, { will: { ...will, payload: new Array<number>(65_536).fill(0) } }],
  ])('says that %s cannot be', (option, wrongSettings, wrongClient) => {
    const plan = { settings: { ...settings, ...wrongSettings }, client: { ...client, ...wrongClient } }
    expect(wrongOption(plan)).toEqual({ option })
  })
})
