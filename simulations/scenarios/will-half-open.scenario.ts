import { scenario } from 'faultline'

// No FIN, no RST: a cable was pulled somewhere. Nobody learns of it until one and a half times the keep alive has passed
// [MQTT-3.1.2-24], which is 3 s for this probe. With the default of a minute it would be 90 s.
export default scenario(
  'a half-open link: the will comes when the keep alive has run out',
  {
    devices: { probe: { script: 'probe' } },
  },
  async ({ devices, observer, link, step, expect }) => {
    const [probe] = devices.probe
    const watch = await observer.subscribe('probe/+/status', { qos: 1 })

    await step('silence in both directions', () => link(probe).halfOpen())
    await expect(probe.will).notToBePublished({ within: '500ms' })
    await expect(probe.will).toBePublished({ because: 'keep alive', within: '6s' })
    await expect(watch).toReceive({ topic: `probe/${probe.id}/status`, payload: 'offline' })

    await step('the cable is back', () => link(probe).heal())
    // The probe has to find out as well, by its own keep alive, before it connects anew.
    await expect(watch).toReceive(
      { topic: `probe/${probe.id}/status`, payload: 'online', retain: false },
      { within: '20s' },
    )
  },
)
