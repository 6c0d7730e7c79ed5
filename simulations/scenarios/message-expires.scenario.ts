import { scenario } from 'faultline'

// MQTT 5: "open the gate" is worth nothing a minute later. A message that has expired while its subscriber was away is not
// delivered, and one that has not says how much is left [MQTT-3.3.2-5, MQTT-3.3.2-6].
export default scenario(
  'a command that has expired does not come out of the queue',
  {},
  async ({ client, observer, step, wait, expect }) => {
    const gate = await client('gate', { protocolVersion: 5, cleanStart: false, sessionExpiryInterval: '1h' })
    const watch = await gate.subscribe('gate/set', { qos: 1 })
    await gate.disconnect()

    await step('two commands wait, one of them for a second at most', async () => {
      await observer.publish('gate/set', 'open', { qos: 1, messageExpiryInterval: '1s' })
      await observer.publish('gate/set', 'report', { qos: 1, messageExpiryInterval: '1h' })
      await wait('2200ms')
    })
    await step('the gate comes back', () => gate.connect())
    await expect(watch).toReceive({ payload: 'report' })
    await expect(watch).toReceive({ payload: 'open' }, { never: true, within: '300ms' })
  },
)
