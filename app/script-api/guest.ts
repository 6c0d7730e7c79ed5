import { createRandom } from '../base/random.ts'
import type { FromGuest, Host, ToGuest, WorkspaceFile } from './crossing.ts'
import { Behaviour } from './guest/behaviour.ts'
import { GuestClient } from './guest/client.ts'
import { describe, format } from './guest/describe.ts'
import { createEncodings } from './guest/encodings.ts'
import { createFaker } from './guest/faker.ts'
import { createFlash } from './guest/flash.ts'
import { FleetPlans } from './guest/fleet.ts'
import { createLibraries } from './guest/libraries.ts'
import { purify } from './guest/purify.ts'
import { Requests } from './guest/requests.ts'
import { Scopes } from './guest/scopes.ts'
import { createSensors } from './guest/sensor.ts'
import { deferred, takeHost } from './guest/take-host.ts'
import { Timers } from './guest/timers.ts'
import { mistake } from './mistake.ts'

/**
 * The module `faultline` as a script imports it, run inside the device's own QuickJS. It owns no time, no randomness and
 * no network: all of that is asked of the host. The host puts `faultlineHost` in, and this module takes it away again
 * before a script can see it.
 */
const host = takeHost<Host>()
const { id, seed } = host
purify(() => host.now(), createRandom(seed, id, 'Math.random'))

const send = (message: FromGuest, octets?: ArrayBuffer) => host.send(JSON.stringify(message), octets)
const scopes = new Scopes()
const timers = new Timers(send, scopes)
const now = () => host.now()
const requests: Requests = new Requests(() => ({ client: client.api, version: client.version, now }), scopes, timers)
const client: GuestClient = new GuestClient(send, scopes, requests.request)
const behaviour = new Behaviour(host, scopes, timers, client, requests)
const fleets = new FleetPlans()

host.install({
  start: (script) => JSON.stringify(behaviour.start(script, { id, random: createRandom(seed, id) })),
  plan: (script) => JSON.stringify(fleets.read(script) ?? null),
  enter: (event, octets) => behaviour.enter(JSON.parse(event) as ToGuest, octets),
  describe: (reason) => JSON.stringify(describe(reason)),
})

// Every sensor that draws has a stream of its own: adding one at the end leaves the values of the others as they were.
let sensors = 0

const open = createLibraries(host)

// Paths of data files count from the workspace's folder, whichever file of the script has them.
const readFile = (path: string) => JSON.parse(host.read(path, '')) as WorkspaceFile

// The type is that of the declarations which the editor and `tsc` read: this is all of it, and nothing else.
const api: typeof import('faultline') = {
  device: behaviour.device,
  fleet: fleets.fleet,
  every: timers.every,
  after: timers.after,
  clock: { now: () => host.now() },
  log: (...values) => send({ type: 'log', text: format(values) }),
  sensor: createSensors({ now: () => host.now() }, () => createRandom(seed, id, 'sensor', ++sensors), readFile, open),
  faker: createFaker(host, open),
  flash: createFlash(host),
  scenario: () => {
    throw mistake('scenario(...) belongs in a file that ends in .scenario.ts, in the folder scenarios')
  },
  bytes: deferred(() => open('data').parts.createBytes(host)),
  ...createEncodings(open, readFile),
}

export const { device, fleet, every, after, clock, log, sensor, faker, flash, bytes, cbor, protobuf, scenario } = api
