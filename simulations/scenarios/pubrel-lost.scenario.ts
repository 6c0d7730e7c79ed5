import { scenario } from 'faultline'

// The third packet is lost. After PUBREC nobody sends PUBLISH again: the sender goes on with PUBREL.
export default scenario(
  'a lost PUBREL: the handshake goes on where it stood',
  {},
  async ({ client, observer, link, step, expect }) => {
    const watch = await observer.subscribe('bank/transfer', { qos: 2 })
    const sender = await client('sender', { cleanStart: false })
    await link(sender).drop({ packet: 'PUBREL', from: 'client', times: 1 })

    const finished = sender.publish('bank/transfer', { euros: 100 }, { qos: 2 })
    await expect(sender.exchanges).toShow('PUBLISH', 'PUBREC', 'PUBREL✕')

    await step('the sender loses its connection and comes back', async () => {
      await sender.drop()
      await sender.connect()
    })
    await expect(sender.exchanges).toShow('PUBLISH', 'PUBREC', 'PUBREL✕', 'PUBREL', 'PUBCOMP')
    await finished
    await expect(watch).toReceive({ payload: { euros: 100 } }, { exactly: 1 })
  },
)
