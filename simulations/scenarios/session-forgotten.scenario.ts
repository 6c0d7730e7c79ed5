import { scenario } from 'faultline'

// A broker may forget a Session: an administrator, an expiry, a new disk. A device that subscribes only on its first connection
// is deaf from then on. This pump looks at Session Present, and subscribes again.
export default scenario(
  'a pump whose session was forgotten subscribes again',
  {
    devices: { pump: { script: 'pump' } },
  },
  async ({ broker, devices, observer, link, step, expect }) => {
    const [pump] = devices.pump

    await step('the broker forgets the pump while it is away', async () => {
      await link(pump).refuse()
      await link(pump).cut()
      await expect(pump).toBeOffline()
      await broker.expireSession(pump)
      await link(pump).heal()
    })
    await expect(pump).toReconnect()
    await expect(pump.session).toHaveSubscription(`plant/${pump.id}/set`, { qos: 2 })

    await observer.publish(`plant/${pump.id}/set`, { celsius: 70 }, { qos: 2 })
    await expect(pump).toHandle({ payload: { celsius: 70 } }, { exactly: 1 })
  },
)
