import { scenario } from 'faultline'

// The broker keeps the last message of a topic for those who come later. RETAIN on a message from the broker says "this is an
// old one": whoever was there when it was published gets it without [MQTT-3.3.1-8, MQTT-3.3.1-9].
export default scenario(
  'a late subscriber gets what was retained, and only the newest',
  {},
  async ({ client, observer, expect }) => {
    const live = await observer.subscribe('room/1/temperature', { qos: 1 })
    const sensor = await client('sensor')
    await sensor.publish('room/1/temperature', '20', { qos: 1, retain: true })
    await sensor.publish('room/1/temperature', '21', { qos: 1, retain: true })
    await expect(live).toReceive(
      [
        { payload: '20', retain: false },
        { payload: '21', retain: false },
      ],
      { inOrder: true },
    )

    const late = await client('late')
    const watch = await late.subscribe('room/+/temperature', { qos: 1 })
    await expect(watch).toReceive({ payload: '21', retain: true, qos: 1 }, { exactly: 1 })
    await expect(watch).toReceive({ payload: '20' }, { never: true, within: '300ms' })
  },
)
