import { scenario } from 'faultline'

// PUBACK is a promise: "it is mine now". A broker that keeps Sessions on disk must have written the message before it says so.
export default scenario(
  'a killed broker still has what it has acknowledged',
  {
    broker: { store: 'level' },
  },
  async ({ broker, client, observer, step, expect }) => {
    const reader = await client('reader', { cleanStart: false })
    const watch = await reader.subscribe('line/1/alarm', { qos: 1 })
    await reader.disconnect()
    await observer.publish('line/1/alarm', 'too hot', { qos: 1 })
    await observer.publish('line/1/state', 'stopped', { qos: 1, retain: true })

    await step('the broker is killed and started again', async () => {
      await broker.kill()
      await broker.start()
    })
    await reader.connect()
    await expect(reader.sessionPresent).toBe(true)
    await expect(watch).toReceive({ payload: 'too hot' }, { exactly: 1 })
    const state = await reader.subscribe('line/1/state', { qos: 1 })
    await expect(state).toReceive({ payload: 'stopped', retain: true })
  },
)
