import { scenario } from 'faultline'

// A letter box has a size. This broker keeps three messages for each Session, and drops the oldest when a fourth comes.
export default scenario(
  'a full queue drops its oldest messages',
  {
    broker: { maxQueued: 3, queuePolicy: 'drop oldest' },
  },
  async ({ client, observer, step, expect }) => {
    const reader = await client('reader', { cleanStart: false })
    const watch = await reader.subscribe('robot/step', { qos: 1 })
    await reader.disconnect()

    await step('five steps for a queue of three', async () => {
      for (const n of [1, 2, 3, 4, 5]) await observer.publish('robot/step', { n }, { qos: 1 })
    })
    await expect(reader.session).toHaveQueued(3)

    await step('it comes back', () => reader.connect())
    await expect(watch).toReceive(
      [3, 4, 5].map((n) => ({ payload: { n } })),
      { exactly: 1, inOrder: true },
    )
    // Nobody told the publisher: each of its five messages was acknowledged.
    await expect(observer.exchanges).toShow('PUBLISH', 'PUBACK').ofTopic('robot/step')
    await expect(await watch.count()).toBe(3)
  },
)
