import { scenario } from 'faultline'

// MQTT 5: the broker waits before it publishes the will, here for a second. A short loss of the network makes no alarm.
export default scenario(
  'a will that waits: a valve that is back in time was never away',
  {
    devices: { valve: { script: 'valve' } },
  },
  async ({ devices, observer, link, step, expect }) => {
    const [valve] = devices.valve
    const watch = await observer.subscribe('valve/+/status', { qos: 1 })

    await step('the connection is cut, and is back in 200 ms', () => link(valve).cut())
    await expect(valve).toReconnect()
    await expect(valve.will).notToBePublished({ within: '1500ms' })

    await step('the power is cut, and stays away', () => valve.powerLoss())
    await expect(valve.will).toBePublished({ within: '3s' })
    await expect(watch).toReceive({ payload: 'offline' }, { exactly: 1 })
  },
)
