import { after, device, every, sensor } from 'faultline'

/** An electricity meter: fire and forget at QoS 0, a clean session, no will. It counts up and reports its load. */
export default device(({ id, random }) => {
  const load = sensor.randomWalk({ start: random.integer(200, 900), step: 60, min: 80, max: 4000 })
  let kilowattHours = random.integer(1000, 90000)

  return {
    client: { cleanStart: true, keepAlive: '30s' },

    connected({ client }) {
      // Meters of one street do not speak in the same instant.
      after(random.integer(0, 2000), () =>
        every('2s', () => {
          const watts = Math.round(load.next())
          kilowattHours += (watts * 2) / 3_600_000
          client.publish(`meter/${id}/power`, { watts, kilowattHours: Math.round(kilowattHours * 1000) / 1000 })
        }),
      )
    },
  }
})
