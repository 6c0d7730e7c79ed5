import { scenario } from 'faultline'

// The last packet is lost, on the way from the device to the broker. The valve has moved; it must not move again.
export default scenario(
  'a lost PUBCOMP: the valve moves once',
  { devices: { valve: { script: 'valve' } } },
  async ({ devices, observer, link, step, expect }) => {
    const [valve] = devices.valve
    await link(valve).drop({ packet: 'PUBCOMP', from: 'client', times: 1 })

    await step('a command whose PUBCOMP is lost', () => observer.publish(`valve/${valve.id}/set`, 'open', { qos: 2 }))
    await expect(valve.exchanges).toShow('PUBLISH', 'PUBREC', 'PUBREL', 'PUBCOMP✕')

    await step('the connection is cut, and the broker repeats its PUBREL', () => link(valve).cut())
    await expect(valve.exchanges).toShow('PUBLISH', 'PUBREC', 'PUBREL', 'PUBCOMP✕', 'PUBREL', 'PUBCOMP')
    await expect(valve).toHandle({ payload: 'open' }, { exactly: 1 })
  },
)
