import { scenario } from 'faultline'

// The network of a whole site comes back, and all of its devices connect in the same moment.
export default scenario(
  'a storm of reconnects',
  {
    devices: { valve: { script: 'valve', count: 20 } },
    thresholds: { 'connect.duration': 'p(95) < 5s', 'connections.lost': '>= 20', 'delivery.lost': '== 0' },
  },
  async ({ broker, fleets, observer, step, expect }) => {
    const watch = await observer.subscribe('valve/+/status', { qos: 1 })
    await expect(watch).toReceive({ payload: 'online', retain: true }, { atLeast: 20 })

    await step('all of them lose their connections and come back at once', () => {
      return fleets.valve.storm({ reconnect: 'all at once' })
    })
    await expect(watch).toReceive({ payload: 'online', retain: false }, { atLeast: 20, within: '15s' })
    await expect(fleets.valve).toBeOnline()
    await expect(broker).toHaveConnections(21)
  },
)
