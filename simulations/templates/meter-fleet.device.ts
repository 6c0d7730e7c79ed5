/*
 * Meter fleet
 *
 * Many electricity meters that run no script a message, so that thousands of them publish at high rates. How many says
 * "count" in faultline.json; count, rate, payload and QoS can be changed while they run.
 */
import { fleet } from 'faultline'

export default fleet({
  topic: 'meter/{id}/power',
  // Each meter begins at a moment of its own within this time, so that they do not speak all at once.
  every: '2s',
  payload: '{"watts": {walk 400 60 80 4000 0}, "volts": {walk 230 0.5 220 240 1}, "reading": {count}, "at": "{time}"}',
  qos: 1,
  client: {
    keepAlive: '30s',
    will: { topic: 'meter/{id}/status', payload: 'offline', retain: true },
    // After an outage they come back one by one, and not as a storm.
    reconnect: { after: '1s', factor: 2, max: '1m', jitter: 0.5 },
  },
})
