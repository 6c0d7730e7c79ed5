import { scenario } from 'faultline'

// A trap: who says goodbye takes the will along [MQTT-3.14.4-3]. The retained status says "online" for ever, unless the device
// itself publishes something else before it leaves.
export default scenario(
  'DISCONNECT drops the will: the pump is gone and its status says online',
  {
    devices: { pump: { script: 'pump' } },
  },
  async ({ client, devices, observer, step, expect }) => {
    const [pump] = devices.pump
    const watch = await observer.subscribe(`plant/${pump.id}/status`, { qos: 1 })
    await expect(watch).toReceive({ payload: 'online' })

    await step('the pump disconnects in order', () => pump.disconnect())
    await expect(pump).toBeOffline()
    await expect(pump.will).notToBePublished({ within: '700ms' })

    const late = await client('late')
    const status = await late.subscribe(`plant/${pump.id}/status`, { qos: 1 })
    await expect(status).toReceive({ payload: 'online', retain: true })
  },
)
