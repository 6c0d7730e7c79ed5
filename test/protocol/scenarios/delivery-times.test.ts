import { describe, expect, it } from 'vitest'
import { scenarioFile, setRunnerStage } from '../../helpers/run-scenarios.ts'

const stage = setRunnerStage()

async function valuesOf(body: string): Promise<string[]> {
  const thresholds = "thresholds: { 'delivery.duration': ['count == 1', 'min >= 0ms', 'max < 400ms'] }"
  const { thresholds: judged } = await stage.report(scenarioFile(body, thresholds), { devices: {} })
  return judged.map(({ text, held, value }) => `${text}: ${held ? 'held' : value.replace(/[\d.]+ m?s/, 'longer')}`)
}

const held = ['count == 1: held', 'min >= 0ms: held', 'max < 400ms: held']

describe('delivery.duration', () => {
  it('begins for who was away when the broker lets it in: the message waited, and was not on its way', async () => {
    const values = await valuesOf(`  const reader = await client('reader', { cleanStart: false })
  const watch = await reader.subscribe('a', { qos: 1 })
  await reader.disconnect()
  await observer.publish('a', 'b', { qos: 1 })
  await wait('600ms')
  await reader.connect()
  await expect(watch).toReceive({ payload: 'b' })`)
    expect(values).toEqual(held)
  })

  it('does not count how long a message was retained', async () => {
    const values = await valuesOf(`  const live = await observer.subscribe('a', { qos: 1 })
  await observer.publish('a', 'b', { qos: 1, retain: true })
  await expect(live).toReceive({ payload: 'b' })
  await wait('600ms')
  const late = await client('late')
  await expect(await late.subscribe('a', { qos: 1 })).toReceive({ payload: 'b', retain: true })`)
    expect(values).toEqual(held)
  })

  it('has the time in it that a fault held the message up', async () => {
    const values = await valuesOf(`  const reader = await client('reader')
  const watch = await reader.subscribe('a', { qos: 1 })
  await link(reader).delay('600ms', { packet: 'PUBLISH' })
  await observer.publish('a', 'b', { qos: 1 })
  await expect(watch).toReceive({ payload: 'b' })`)
    expect(values).toEqual(['count == 1: held', 'min >= 0ms: held', 'max < 400ms: longer'])
  })
})
