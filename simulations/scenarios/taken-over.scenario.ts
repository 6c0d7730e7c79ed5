import { scenario } from 'faultline'

// Two devices with one Client Identifier: a copied configuration, a restored backup. The broker ends the older connection
// [MQTT-3.1.4-2], and its will says that the device is gone while a second one sits in its chair.
export default scenario(
  'a second client with the same Client Identifier throws the first one out',
  {
    devices: { pump: { script: 'pump' } },
  },
  async ({ devices, observer, step, expect }) => {
    const [pump] = devices.pump
    const watch = await observer.subscribe('plant/+/status', { qos: 1 })

    await step('somebody else connects as the pump', () => pump.takeOver())
    await expect(pump.will).toBePublished({ because: 'session taken over' })
    await expect(watch).toReceive({ payload: 'offline', retain: false })

    await step('the pump takes its place again', () => expect(pump).toReconnect())
    await expect(watch).toReceive({ payload: 'online', retain: false })
  },
)
