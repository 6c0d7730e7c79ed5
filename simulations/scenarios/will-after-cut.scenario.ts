import { scenario } from 'faultline'

// The broker speaks for those who cannot: the Will Message was given to it with CONNECT.
export default scenario(
  'a lost connection publishes the will, and the pump corrects it when it is back',
  {
    devices: { pump: { script: 'pump' } },
  },
  async ({ devices, observer, link, step, expect }) => {
    const [pump] = devices.pump
    const watch = await observer.subscribe('plant/+/status', { qos: 1 })
    await expect(watch).toReceive({ payload: 'online', retain: true })

    await step('the connection is cut', () => link(pump).cut())
    await expect(pump.will).toBePublished()
    await expect(watch).toReceive(
      [
        { payload: 'offline', qos: 1, retain: false },
        { payload: 'online', retain: false },
      ],
      {
        inOrder: true,
      },
    )
    await expect(pump).toReconnect()
  },
)
