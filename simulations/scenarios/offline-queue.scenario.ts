import { scenario } from 'faultline'

// A Session that is kept is a letter box: what comes at QoS 1 and 2 while its client is away waits, in its order.
export default scenario(
  'commands wait for a client that is away, and come in their order',
  {},
  async ({ client, observer, step, expect }) => {
    const reader = await client('reader', { cleanStart: false })
    const watch = await reader.subscribe('robot/step', { qos: 1 })
    await reader.disconnect()

    await step('five steps while it is away', async () => {
      for (const n of [1, 2, 3, 4, 5]) await observer.publish('robot/step', { n }, { qos: 1 })
    })

    await step('it comes back', () => reader.connect())
    await expect(reader.sessionPresent).toBe(true)
    const steps = [1, 2, 3, 4, 5].map((n) => ({ payload: { n }, qos: 1 as const }))
    await expect(watch).toReceive(steps, { exactly: 1, inOrder: true })
  },
)
