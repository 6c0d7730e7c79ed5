import { device, every } from 'faultline'

/** A probe that counts, ten times a second at QoS 1. It begins a new Session each time, and is silent for two seconds at most. */
export default device(({ id }) => {
  let count = 0

  return {
    client: {
      cleanStart: true,
      keepAlive: '2s',
      will: { topic: `probe/${id}/status`, payload: 'offline', qos: 1, retain: true },
      reconnect: { after: '200ms', factor: 2, max: '2s' },
    },

    async connected({ client }) {
      await client.publish(`probe/${id}/status`, 'online', { qos: 1, retain: true })
      every('100ms', () => {
        count += 1
        client.publish(`probe/${id}/count`, { count }, { qos: 1 })
      })
    },
  }
})
