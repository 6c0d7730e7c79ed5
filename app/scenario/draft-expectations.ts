import type { DeviceState } from '../device/device-snapshot.ts'
import type { DraftDevices } from './draft-devices.ts'
import { duration, object, quoted } from './draft-words.ts'
import type { HandDeed, Sighting } from './hand-deeds.ts'

/** How long an expectation waits where it does not say, in milliseconds. */
const usualMs = 5000

/** What a scenario can expect a will to be published because of; longer ones first, for they begin alike. */
const causes = [
  'disconnected by the broker',
  'server shutting down',
  'session taken over',
  'disconnect with will',
  'will delay passed',
  'connection lost',
  'session expired',
  'protocol error',
  'keep alive',
]

/** Where a device stays until something is done: all others are on their way to something. */
const down: readonly DeviceState[] = ['off', 'power lost', 'offline', 'script error']

/**
 * What was seen between this burst of deeds and the next of the devices that it was about, as expectations: wills that were
 * published, and whether they were online in the end. What was still on its way somewhere is not expected.
 *
 * @param handle the name of a device's variable
 */
export function expectationsOf(
  burst: { readonly deeds: readonly HandDeed[]; readonly begins: number; readonly until: number },
  devices: DraftDevices,
  sightings: readonly Sighting[],
  handle: (id: string) => string = String,
): string[] {
  const about = new Set(burst.deeds.flatMap((deed) => devices.concerns(deed)))
  const seen = sightings.filter(({ at }) => at >= burst.begins && at < burst.until)
  const found: { readonly at: number; readonly line: string }[] = []
  for (const id of about) {
    const states = seen.filter((sighting) => sighting.saw === 'state' && sighting.id === id)
    const last = states.at(-1)
    if (last === undefined || last.saw !== 'state') continue
    const within = withinOf(last.at - burst.begins)
    if (last.state === 'online') {
      found.push({ at: last.at, line: `await expect(${handle(id)}).toBeOnline(${object([within])})` })
    } else if (down.includes(last.state)) {
      found.push({ at: last.at, line: `await expect(${handle(id)}).toBeOffline(${object([within])})` })
    }
  }
  for (const sighting of seen) {
    if (sighting.saw !== 'will') continue
    const id = devices.idOf(sighting.clientId)
    if (id === undefined || !about.has(id)) continue
    const because = causes.find((cause) => sighting.reason.startsWith(cause))
    const options = object([
      ['because', because === undefined ? undefined : quoted(because)],
      withinOf(sighting.at - burst.begins),
    ])
    found.push({ at: sighting.at, line: `await expect(${handle(id)}.will).toBePublished(${options})` })
  }
  return found.sort((a, b) => a.at - b.at).map(({ line }) => line)
}

/** Three times as long as it took by hand; nothing where the usual time does. */
function withinOf(tookMs: number): readonly [string, string | undefined] {
  const ms = Math.ceil((3 * tookMs) / 1000) * 1000
  return ['within', ms <= usualMs ? undefined : duration(Math.min(ms, 3_600_000))]
}
