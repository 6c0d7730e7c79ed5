/*
 * Firmware updater with QoS 2
 *
 * Takes an update in parts, each exactly once: a part that came twice would ruin the image. Offer one with {"version":
 * "2.0.0", "parts": 3} on firmware/NAME/offer, then send the parts to firmware/NAME/part, all with QoS 2.
 */
import { after, type Client, device, every, flash, log } from 'faultline'

interface Update {
  readonly version: string
  readonly parts: number
  readonly received: number
  /** A checksum over all octets so far. */
  readonly sum: number
}

export default device(({ id }) => {
  // What survives a power loss in the middle of an update: the parts that are written, and no more.
  let update = flash.get<Update>('update')
  let version = flash.get('version', '1.0.0')

  function keep(next: Update | undefined): void {
    update = next
    if (next === undefined) flash.delete('update')
    else flash.set('update', next)
  }

  async function report(client: Client): Promise<void> {
    const { version: next, parts, received } = update ?? {}
    const progress = update === undefined ? { state: 'idle' } : { state: 'updating', next, parts, received }
    await client.publish(`firmware/${id}/status`, { version, ...progress }, { qos: 2, retain: true })
  }

  function offer(json: { readonly version?: unknown; readonly parts?: unknown } | null): void {
    if (typeof json?.version !== 'string' || typeof json.parts !== 'number' || json.parts < 1) {
      log('ignored an offer without version and parts')
    } else {
      log(`takes version ${json.version} in ${json.parts} parts`)
      keep({ version: json.version, parts: json.parts, received: 0, sum: 0 })
    }
  }

  function take(octets: Uint8Array): void {
    if (update === undefined) {
      log('ignored a part: nothing was offered')
      return
    }
    const sum = octets.reduce((total, octet) => (total * 31 + octet) % 1_000_007, update.sum)
    keep({ ...update, received: update.received + 1, sum })
  }

  function install(client: Client): void {
    if (update === undefined || update.received < update.parts) return
    log(`installs version ${update.version}, checksum ${update.sum}`)
    version = update.version
    flash.set('version', version)
    keep(undefined)
    // As long as it would take to write the image and start it.
    after('2s', () => report(client))
  }

  return {
    client: {
      // With a clean session, parts on their way would be lost with the connection.
      cleanStart: false,
      keepAlive: '20s',
      will: { topic: `firmware/${id}/lost`, payload: 'in the middle of it', qos: 1 },
    },

    async connected({ client, sessionPresent }) {
      if (!sessionPresent) {
        await client.subscribe(`firmware/${id}/offer`, { qos: 2 })
        await client.subscribe(`firmware/${id}/part`, { qos: 2 })
      }
      await report(client)
      every('30s', () => report(client))
    },

    async message({ topic, json, payload, client }) {
      if (topic.endsWith('/offer')) offer(json)
      else take(payload)
      await report(client)
      install(client)
    },
  }
})
