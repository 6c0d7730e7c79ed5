import { scenario } from 'faultline'

// QoS 2 is "exactly once", whichever of its four packets is lost. Here the second: the broker has the message already, and
// knows by the Packet Identifier that the PUBLISH with DUP is the same one.
export default scenario(
  'a lost PUBREC: sent twice, delivered once',
  {},
  async ({ client, observer, link, step, expect }) => {
    const watch = await observer.subscribe('bank/transfer', { qos: 2 })
    const sender = await client('sender', { cleanStart: false })
    await link(sender).drop({ packet: 'PUBREC', from: 'broker', times: 1 })

    const finished = sender.publish('bank/transfer', { euros: 100 }, { qos: 2 })
    await expect(sender.exchanges).toShow('PUBLISH', 'PUBREC✕')

    await step('the sender loses its connection and comes back', async () => {
      await sender.drop()
      await sender.connect()
    })
    await expect(sender.exchanges).toShow('PUBLISH', 'PUBREC✕', 'PUBLISH DUP', 'PUBREC', 'PUBREL', 'PUBCOMP')
    await finished
    await expect(watch).toReceive({ topic: 'bank/transfer', payload: { euros: 100 }, qos: 2 }, { exactly: 1 })
  },
)
