import { device, log } from 'faultline'

/**
 * A valve that speaks MQTT 5: publish `open` or `closed` to `valve/<id>/set`, and it says where it stands. The broker keeps its
 * Session for an hour, and waits a second before it publishes the will: a valve that is back by then was never away.
 */
export default device(({ id }) => {
  return {
    client: {
      protocolVersion: 5,
      cleanStart: false,
      sessionExpiryInterval: '1h',
      keepAlive: '10s',
      will: { topic: `valve/${id}/status`, payload: 'offline', qos: 1, retain: true, willDelayInterval: '1s' },
      reconnect: { after: '200ms', factor: 2, max: '2s' },
    },

    async connected({ client, sessionPresent }) {
      await client.publish(`valve/${id}/status`, 'online', { qos: 1, retain: true })
      if (!sessionPresent) await client.subscribe(`valve/${id}/set`, { qos: 2 })
    },

    async message({ text, client }) {
      log(`goes to ${text}`)
      await client.publish(`valve/${id}/position`, text, { qos: 1, retain: true })
    },
  }
})
