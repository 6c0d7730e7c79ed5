/*
 * GPS tracker
 *
 * Drives about a town and reports where it is. Out of coverage it keeps the positions and sends them, oldest first, when
 * it is back, in CBOR, because a mobile network counts octets.
 */
import { cbor, clock, device, every, faker, log, sensor } from 'faultline'

interface Position {
  readonly time: number
  readonly latitude: number
  readonly longitude: number
  readonly kmh: number
}

/** How many positions its memory holds; the oldest go first. */
const memory = 500
const kilometresPerDegree = 111.2

export default device(({ id, random }) => {
  const plate = faker.vehicle.vrm()
  const kmh = sensor.randomWalk({ start: 40, step: 6, min: 0, max: 110 })
  const turn = sensor.normal({ mean: 0, deviation: 0.15 })
  const waiting: Position[] = []
  let heading = random.next() * 2 * Math.PI
  let latitude = 52.52
  let longitude = 13.405
  let sending = false

  function drive(seconds: number): Position {
    const speed = kmh.next()
    const kilometres = (speed * seconds) / 3600
    heading += turn.next()
    latitude += (Math.cos(heading) * kilometres) / kilometresPerDegree
    longitude += (Math.sin(heading) * kilometres) / (kilometresPerDegree * Math.cos((latitude * Math.PI) / 180))
    return { time: clock.now(), latitude: round(latitude), longitude: round(longitude), kmh: Math.round(speed) }
  }

  return {
    client: {
      keepAlive: '1m',
      reconnect: { after: '2s', factor: 2, max: '1m', jitter: 0.2 },
      will: { topic: `fleet/${id}/status`, payload: { plate, state: 'out of coverage' }, qos: 1, retain: true },
    },

    powerOn() {
      // Started here and not in `connected`: it drives on without a connection.
      every('1s', () => {
        waiting.push(drive(1))
        if (waiting.length > memory) waiting.shift()
      })
    },

    async connected({ client }) {
      if (waiting.length > 1) log(`sends ${waiting.length} positions from out of coverage`)
      sending = false
      await client.publish(`fleet/${id}/status`, { plate, state: 'driving' }, { qos: 1, retain: true })
      every('1s', async () => {
        if (sending) return
        sending = true
        // One after the other: a position is forgotten when the broker has acknowledged it, and not before.
        for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
          await client.publish(`fleet/${id}/position`, cbor.encode(next), { qos: 1 })
          if (waiting[0] === next) waiting.shift()
        }
        sending = false
      })
    },
  }
})

/** To about a decimetre. */
function round(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6
}
