import { device, every, faker, log, sensor } from 'faultline'

/**
 * A pump with a motor temperature. It announces itself with a retained status, leaves a will, and obeys commands:
 * publish `{"celsius": 70}` to `plant/<id>/set` and it cools or heats towards 70 °C.
 */
export default device(({ id }) => {
  const noise = sensor.randomWalk({ start: 0, step: 0.4, min: -3, max: 3 })
  const serial = faker.string.alphanumeric(10)
  let setPoint = 64
  let celsius = 64

  return {
    client: {
      cleanStart: false,
      keepAlive: '10s',
      will: { topic: `plant/${id}/status`, payload: 'offline', qos: 1, retain: true },
      reconnect: { after: '1s', factor: 2, max: '30s', jitter: 0.3 },
    },

    powerOn() {
      log(`pump ${serial} starts`)
    },

    async connected({ client, sessionPresent }) {
      await client.publish(`plant/${id}/status`, 'online', { qos: 1, retain: true })
      if (!sessionPresent) await client.subscribe(`plant/${id}/set`, { qos: 2 })
      every('1s', () => {
        celsius += (setPoint - celsius) * 0.2
        const shown = Math.round((celsius + noise.next()) * 10) / 10
        client.publish(`plant/${id}/temperature`, { celsius: shown, serial }, { qos: 1 })
      })
    },

    message({ topic, json }) {
      if (typeof json?.celsius !== 'number') {
        log(`ignored a command on ${topic}: it has no number 'celsius'`)
        return
      }
      setPoint = Math.min(95, Math.max(20, json.celsius))
      log(`set point is now ${setPoint} °C`)
    },

    disconnected({ reason, willReconnect }) {
      log(willReconnect ? `${reason}, trying again` : reason)
    },
  }
})
