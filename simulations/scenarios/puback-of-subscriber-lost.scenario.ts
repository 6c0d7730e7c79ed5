import { scenario } from 'faultline'

// The other hop: now it is the broker that gets no PUBACK, and it is the broker that has to send again.
export default scenario(
  'a subscriber whose PUBACK is lost gets the message again, marked DUP',
  {},
  async ({ client, observer, link, step, expect }) => {
    const reader = await client('reader', { cleanStart: false })
    const watch = await reader.subscribe('line/1/alarm', { qos: 1 })

    await step('its PUBACK is lost', async () => {
      await link(reader).drop({ packet: 'PUBACK', from: 'client', times: 1 })
      await observer.publish('line/1/alarm', 'too hot', { qos: 1 })
      await expect(watch).toReceive({ payload: 'too hot', dup: false })
    })

    await step('it loses its connection and comes back', async () => {
      await reader.drop()
      await reader.connect()
    })
    await expect(watch).toReceive({ payload: 'too hot', dup: true })
    await expect(reader.exchanges).toShow('PUBLISH', 'PUBACK✕', 'PUBLISH DUP', 'PUBACK')
  },
)
