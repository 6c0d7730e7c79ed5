import { device } from 'faultline'

/** A display in the control room: it subscribes to all that probes count, and shows it. */
export default device(() => {
  const shown = new Map<string, number>()

  return {
    client: { cleanStart: false, keepAlive: '10s', reconnect: { after: '200ms' } },

    async connected({ client, sessionPresent }) {
      if (!sessionPresent) await client.subscribe('probe/+/count', { qos: 1 })
    },

    message({ topic, json }) {
      if (typeof json?.count === 'number') shown.set(topic, json.count)
    },
  }
})
