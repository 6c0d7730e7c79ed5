import { scenario } from 'faultline'

// QoS 1 is "at least once". The broker has the message, but its PUBACK is lost: the sender cannot know, and sends again.
export default scenario(
  'a lost PUBACK: the sender sends again with DUP, and the subscriber has it twice',
  {},
  async ({ client, observer, link, step, expect }) => {
    const watch = await observer.subscribe('line/1/count', { qos: 1 })
    const sender = await client('sender', { cleanStart: false })

    const sent = await step('the broker takes the message, its PUBACK is lost', async () => {
      await link(sender).drop({ packet: 'PUBACK', from: 'broker', times: 1 })
      const finished = sender.publish('line/1/count', '7', { qos: 1 })
      await expect(watch).toReceive({ payload: '7' })
      return { finished }
    })

    await step('the sender loses its connection and comes back', async () => {
      await sender.drop()
      await sender.connect()
      await sent.finished
    })
    await expect(sender.exchanges).toShow('PUBLISH', 'PUBACK✕', 'PUBLISH DUP', 'PUBACK')

    // DUP is about one hop: to the subscriber this is a message that it has not seen yet [MQTT-3.3.1-3].
    await expect(watch).toReceive({ payload: '7', dup: false }, { exactly: 1 })
  },
)
