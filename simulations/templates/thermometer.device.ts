/*
 * Thermometer
 *
 * Publishes a temperature every few seconds, warm by day and cool by night, as a converter with a resolution of a tenth
 * of a degree gives it. The simplest device, and a good one to begin with.
 */
import { device, every, sensor } from 'faultline'

export default device(({ id }) => {
  const day = sensor.sine({ min: 17, max: 24, period: '1d' })
  const celsius = sensor.quantize(sensor.withNoise(day, { deviation: 0.15 }), { step: 0.1 })

  return {
    client: {
      keepAlive: '30s',
      // Retained, like the status below: who subscribes later knows at once whether this thermometer is there.
      will: { topic: `room/${id}/status`, payload: 'offline', qos: 1, retain: true },
    },

    async connected({ client }) {
      await client.publish(`room/${id}/status`, 'online', { qos: 1, retain: true })
      every('2s', () => client.publish(`room/${id}/temperature`, { celsius: celsius.next() }))
    },
  }
})
