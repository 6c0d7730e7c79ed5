import { scenario } from 'faultline'

// With Clean Session the broker forgets everything when the connection ends: subscriptions, and what would have waited.
export default scenario('a clean session forgets its subscriptions', {}, async ({ client, observer, step, expect }) => {
  const reader = await client('reader', { cleanStart: true })
  const watch = await reader.subscribe('robot/step', { qos: 1 })
  await observer.publish('robot/step', 'one', { qos: 1 })
  await expect(watch).toReceive({ payload: 'one' })

  await step('it loses its connection, and a message comes', async () => {
    await reader.drop()
    await observer.publish('robot/step', 'two', { qos: 1 })
  })
  await step('it comes back as a stranger', () => reader.connect())
  await expect(reader.sessionPresent).toBe(false)
  await observer.publish('robot/step', 'three', { qos: 1 })
  await expect(watch).toReceive({}, { never: true, within: '500ms' })
})
