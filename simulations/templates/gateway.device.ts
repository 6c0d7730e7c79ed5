/*
 * Gateway with children
 *
 * One client that speaks for several radio sensors. Each child has topics and a status of its own; now and then its radio
 * falls silent and the gateway says so. If the gateway itself is lost, so are all of them: that is its will.
 */
import { type Client, device, every, faker, log, sensor } from 'faultline'

const children = ['boiler', 'cellar', 'roof'] as const
/** Samples that may be lost in a row before a child counts as gone. */
const patience = 3

interface Child {
  readonly name: string
  readonly address: string
  readonly celsius: { next(): number | undefined }
  missed: number
  present: boolean | undefined
}

export default device(({ id, random }) => {
  const radios = children.map((name): Child => {
    const air = sensor.randomWalk({ start: random.integer(8, 24), step: 0.2, min: -10, max: 60 })
    const celsius = sensor.dropout(sensor.quantize(air, { step: 0.1 }), { probability: 0.03, for: '20s' })
    return { name, address: faker.internet.mac(), celsius, missed: 0, present: undefined }
  })

  async function tell(client: Client, child: Child, present: boolean): Promise<void> {
    if (child.present === present) return
    child.present = present
    log(`${child.name} (${child.address}) is ${present ? 'there' : 'silent'}`)
    await client.publish(`site/${id}/${child.name}/status`, present ? 'online' : 'silent', { qos: 1, retain: true })
  }

  async function poll(client: Client, child: Child): Promise<void> {
    const celsius = child.celsius.next()
    child.missed = celsius === undefined ? child.missed + 1 : 0
    if (celsius === undefined) {
      if (child.missed >= patience) await tell(client, child, false)
      return
    }
    await tell(client, child, true)
    await client.publish(`site/${id}/${child.name}/temperature`, { celsius }, { qos: 1 })
  }

  return {
    client: {
      keepAlive: '20s',
      will: { topic: `site/${id}/status`, payload: 'offline', qos: 1, retain: true },
      reconnect: { after: '2s', max: '1m', jitter: 0.5 },
    },

    async connected({ client }) {
      await client.publish(`site/${id}/status`, 'online', { qos: 1, retain: true })
      // Whatever was told on the last connection is told again.
      for (const child of radios) child.present = undefined
      every('3s', () => Promise.all(radios.map((child) => poll(client, child))))
    },
  }
})
