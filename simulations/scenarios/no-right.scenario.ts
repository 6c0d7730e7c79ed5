import { scenario } from 'faultline'

// A device may write below its own name and nowhere else. MQTT 5 says no with a Reason Code; 3.1.1 has no way to say it, and
// the message vanishes behind a PUBACK that says nothing.
export default scenario(
  'a client without the right to a topic cannot write to it',
  {
    broker: {
      access: {
        acl: {
          rules: [
            { allow: 'publish', topics: ['plant/{clientid}/#'] },
            { deny: 'publish', topics: ['plant/#'] },
          ],
          otherwise: 'allow',
        },
      },
    },
  },
  async ({ client, observer, step, expect }) => {
    const watch = await observer.subscribe('plant/#', { qos: 1 })
    const modern = await client('pump-1', { protocolVersion: 5 })
    const older = await client('pump-2')

    await step('each writes to its own topic', async () => {
      await modern.publish('plant/pump-1/state', 'running', { qos: 1 })
      await older.publish('plant/pump-2/state', 'running', { qos: 1 })
    })
    await expect(watch).toReceive([{ topic: 'plant/pump-1/state' }, { topic: 'plant/pump-2/state' }])

    const refusal = await step('each writes to the topic of another', async () => {
      await older.publish('plant/pump-1/set', 'stop', { qos: 1 })
      return modern.publish('plant/pump-2/set', 'stop', { qos: 1 }).then(
        () => 'accepted',
        (error: Error) => error.message,
      )
    })
    await expect(refusal).toContain('not authorized')
    await expect(watch).toReceive({ topic: 'plant/+/set' }, { never: true, within: '500ms' })
  },
)
