import { scenario } from 'faultline'

// An update of the broker at noon. Devices have to come back by themselves, and what the broker had in memory is gone: who
// relies on its subscription without looking at Session Present is deaf from now on.
export default scenario(
  'a broker that restarts gets its devices back',
  {
    devices: { pump: { script: 'pump' }, valve: { script: 'valve', count: 3 } },
  },
  async ({ broker, client, devices, fleets, step, expect }) => {
    const [pump] = devices.pump

    await step('the broker stops', () => broker.stop())
    await expect(fleets.valve).toBeOnline({ count: 0 })

    await step('it starts again, and remembers nothing', () => broker.start())
    await expect(fleets.valve).toBeOnline({ within: '10s' })
    await expect(pump).toReconnect({ within: '10s' })
    await expect(pump.session).toHaveSubscription(`plant/${pump.id}/set`)

    const operator = await client('operator')
    await operator.publish(`plant/${pump.id}/set`, { celsius: 70 }, { qos: 1 })
    await expect(pump).toHandle({ payload: { celsius: 70 } }, { exactly: 1 })
  },
)
