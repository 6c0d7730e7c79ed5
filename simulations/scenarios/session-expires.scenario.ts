import { scenario } from 'faultline'

// MQTT 5: the client says how long its Session is to be kept after the connection has ended. Here it is one second.
export default scenario(
  'a session that nobody comes back to in time expires',
  {},
  async ({ client, observer, step, expect }) => {
    const reader = await client('reader', { protocolVersion: 5, cleanStart: false, sessionExpiryInterval: '1s' })
    const watch = await reader.subscribe('robot/step', { qos: 1 })

    await step('back within the second', async () => {
      await reader.drop()
      await observer.publish('robot/step', 'in time', { qos: 1 })
      await reader.connect()
    })
    await expect(reader.sessionPresent).toBe(true)
    await expect(watch).toReceive({ payload: 'in time' })

    await step('away for longer', async () => {
      await reader.drop()
      await observer.publish('robot/step', 'too late', { qos: 1 })
      await expect(reader.session).toBeExpired({ within: '3s' })
      await reader.connect()
    })
    await expect(reader.sessionPresent).toBe(false)
    await expect(watch).toReceive({ payload: 'too late' }, { never: true, within: '300ms' })
  },
)
