import { scenario } from 'faultline'

// A retained message stays until it is replaced, or cleared by an empty one [MQTT-3.3.1-10]. The device that published it may
// be scrap for years.
export default scenario(
  'the ghost of a device that is gone is cleared by an empty message',
  {},
  async ({ client, observer, step, expect }) => {
    await observer.publish('cellar/old-pump/status', 'online', { qos: 1, retain: true })

    const before = await client('before')
    await expect(await before.subscribe('cellar/+/status', { qos: 1 })).toReceive({ payload: 'online', retain: true })

    await step('an empty payload clears it', () =>
      observer.publish('cellar/old-pump/status', '', { qos: 1, retain: true }),
    )

    const after = await client('after')
    await expect(await after.subscribe('cellar/+/status', { qos: 1 })).toReceive({}, { never: true, within: '500ms' })
  },
)
