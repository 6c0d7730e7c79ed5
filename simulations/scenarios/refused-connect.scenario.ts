import { scenario } from 'faultline'

// A broker that is restarting, or full, answers CONNECT with a Reason Code that is no success. The device has to wait longer
// each time: 200, 400 and 800 ms for this one. One that hammers makes it worse for all.
export default scenario(
  'a refused CONNECT: the valve backs off and gets in when it may',
  {
    devices: { valve: { script: 'valve' } },
    thresholds: { 'connections.opened': '<= 6' },
  },
  async ({ broker, devices, link, step, expect }) => {
    const [valve] = devices.valve
    await broker.refuse('server unavailable', { clients: valve.id, times: 3 })

    await step('the connection is cut, and the broker does not let it in again', () => link(valve).cut())
    await expect(valve).toBeRefused({ code: 0x88 })
    await expect.poll(() => valve.state()).toBe('backing off')
    await expect(valve).toReconnect()
  },
)
