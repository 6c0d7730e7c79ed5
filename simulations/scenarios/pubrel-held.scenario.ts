import { scenario } from 'faultline'

// The trainer's question: the PUBREL hangs in mid-air. Who has the message, and what if it is lost now?
export default scenario(
  'a PUBREL held in mid-air',
  { devices: { valve: { script: 'valve' } } },
  async ({ devices, observer, link, wire, step, expect }) => {
    const [valve] = devices.valve
    const held = await step('the PUBREL to the valve is stopped', async () => {
      await wire.hold(`type:pubrel client:${valve.id}`)
      await observer.publish(`valve/${valve.id}/set`, 'open', { qos: 2 })
      return wire.held()
    })
    await expect(held.from).toBe('broker')
    await expect(valve.exchanges).toShow('PUBLISH', 'PUBREC', 'PUBREL‖')
    await expect(valve.session).toHaveInflight(1)

    await step('it is lost', () => wire.drop(held))
    await expect(valve.exchanges).toShow('PUBLISH', 'PUBREC', 'PUBREL✕')

    await step('the broker repeats it on the next connection', async () => {
      await wire.release()
      await link(valve).cut()
    })
    await expect(valve.exchanges).toShow('PUBLISH', 'PUBREC', 'PUBREL✕', 'PUBREL', 'PUBCOMP')
    await expect(valve).toHandle({ payload: 'open' }, { exactly: 1 })
  },
)
