import { scenario } from 'faultline'

// A radio link with 150 ms each way. Nothing is lost; the question is whether it is still fast enough, and thresholds ask it
// over the whole run.
export default scenario(
  'a slow link: late, but not lost',
  {
    devices: { valve: { script: 'valve' } },
    thresholds: {
      'delivery.duration': ['max > 150ms', 'p(95) < 2s'],
      'delivery.lost': '== 0',
      'connections.lost': '== 0',
    },
  },
  async ({ devices, observer, link, step, expect }) => {
    const [valve] = devices.valve
    await link(valve).latency('150ms')

    await step('five commands', async () => {
      for (const to of ['open', 'closed', 'open', 'closed', 'open']) {
        await observer.publish(`valve/${valve.id}/set`, to, { qos: 1 })
      }
    })
    await expect(valve).toHandle({ payload: 'open' }, { exactly: 3 })
    await expect(valve).toHandle({ payload: 'closed' }, { exactly: 2 })
  },
)
