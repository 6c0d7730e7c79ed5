import { scenario } from 'faultline'

export default scenario(
  'a pump that loses power leaves its will',
  {
    seed: 42,
    timeout: '60s',
    devices: { pump: { script: 'pump', count: 3 } },
    broker: { maxQueued: 1000 }, // or target: 'mqtt://host:1883'
    thresholds: { 'delivery.duration': ['p(95) < 250ms'], 'delivery.lost': ['== 0'] },
  },
  async ({ devices, observer, link, step, expect }) => {
    const [pump] = devices.pump
    const watch = await observer.subscribe('plant/+/status', { qos: 1 })

    await step('power is cut', () => pump.powerLoss())
    await expect(watch).toReceive({ topic: `plant/${pump.id}/status`, payload: 'offline', qos: 1 }, { within: '2s' })
    await expect(pump.will).toBePublished({ because: 'connection lost' })

    await step('commands wait while it is off', () =>
      observer.publish(`plant/${pump.id}/set`, { celsius: 70 }, { qos: 2 }),
    )
    await expect(pump.session).toHaveQueued(1)

    await step('the first PUBREC is lost, then power returns', async () => {
      link(pump).drop({ packet: 'PUBREC', from: 'client', times: 1 })
      await pump.powerOn()
      await link(pump).cut() // so that the broker has to send again
    })
    await expect(pump).toHandle({ topic: `plant/${pump.id}/set` }, { exactly: 1, within: '30s' })
    await expect(pump.exchanges).toShow('PUBLISH', 'PUBREC✕', 'PUBLISH DUP', 'PUBREC', 'PUBREL', 'PUBCOMP')
  },
)
