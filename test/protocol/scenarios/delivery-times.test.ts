import { describe, expect, it } from 'vitest'
import { scenarioFile, setRunnerStage } from '../../helpers/run-scenarios.ts'

const stage = setRunnerStage()

async function valuesOf(body: string): Promise<string[]> {
  const thresholds = "thresholds: { 'delivery.duration': ['count == 1', 'min >= 0ms', 'max < 400ms'] }"
  const { thresholds: judged } = await stage.report(scenarioFile(body, thresholds), { devices: {} })
  return judged.map(({ text, held, value }) => `${text}: ${held ? 'held' : value.replace(/[\d.]+ m?s/, 'longer')}`)
}

const held = ['count == 1: held', 'min >= 0ms: held', 'max < 400ms: held']

describe('delivery.lost', () => {
  it('is what the broker has thrown away, too, for want of room', async () => {
    const body = `  const reader = await client('reader', { cleanStart: false })
  const watch = await reader.subscribe('a', { qos: 1 })
  await reader.disconnect()
  for (const n of [1, 2, 3, 4, 5]) await observer.publish('a', String(n), { qos: 1 })
  await expect(reader.session).toHaveQueued(2)
  await reader.connect()
  await expect(watch).toReceive({ payload: '5' })`
    const options = "broker: { maxQueued: 2 }, thresholds: { 'delivery.lost': '== 0' }"
    const { thresholds, verdict } = await stage.report(scenarioFile(body, options), { devices: {} })
    expect(thresholds).toMatchObject([{ held: false, value: '3 (3 never sent because a queue was full)' }])
    expect(verdict?.is).toBe('failed')
  })
})

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
