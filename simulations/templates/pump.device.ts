/*
 * Pump with commands
 *
 * Obeys commands over QoS 2 and reports what it does. Its session is kept, so that commands which come while it is away
 * wait for it. Try {"running": true} and {"speed": 1200} on plant/NAME/set.
 */
import { device, every, flash, log, sensor } from 'faultline'

interface Command {
  readonly running?: unknown
  readonly speed?: unknown
}

/** Turns a minute. */
const slowest = 300
const fastest = 3000

export default device(({ id }) => {
  const ripple = sensor.normal({ mean: 0, deviation: 4 })
  // What was ordered outlives a power loss; how fast it turns at this moment does not.
  let ordered = flash.get('ordered', { running: true, speed: 900 })
  let speed = 0

  function obey({ running, speed: wanted }: Command): void {
    if (typeof running === 'boolean') ordered = { ...ordered, running }
    if (typeof wanted === 'number') ordered = { ...ordered, speed: Math.min(fastest, Math.max(slowest, wanted)) }
    flash.set('ordered', ordered)
    log(ordered.running ? `runs at ${ordered.speed} turns a minute` : 'stands still')
  }

  return {
    client: {
      cleanStart: false,
      keepAlive: '15s',
      will: { topic: `plant/${id}/status`, payload: 'offline', qos: 1, retain: true },
      reconnect: { after: '1s', factor: 2, max: '30s', jitter: 0.3 },
    },

    async connected({ client, sessionPresent }) {
      await client.publish(`plant/${id}/status`, 'online', { qos: 1, retain: true })
      // The broker of a kept session still has the subscription.
      if (!sessionPresent) await client.subscribe(`plant/${id}/set`, { qos: 2 })
      every('1s', () => {
        speed += ((ordered.running ? ordered.speed : 0) - speed) * 0.3
        const turns = ordered.running ? Math.round(speed + ripple.next()) : Math.round(speed)
        client.publish(`plant/${id}/state`, { running: ordered.running, turns }, { qos: 1 })
      })
    },

    message({ json, topic }) {
      if (typeof json === 'object' && json !== null) obey(json)
      else log(`ignored what came on ${topic}: it is no JSON object`)
    },

    disconnected({ reason, willReconnect }) {
      log(willReconnect ? `${reason}, trying again` : reason)
    },
  }
})
