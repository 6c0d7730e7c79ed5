import { createRandom } from '../base/random.ts'
import type { Host, WorkspaceFile } from './crossing.ts'
import { describe, format } from './guest/describe.ts'
import { createEncodings } from './guest/encodings.ts'
import { createFaker } from './guest/faker.ts'
import { createLibraries } from './guest/libraries.ts'
import { purify } from './guest/purify.ts'
import { Asks } from './guest/scenario/asks.ts'
import { createContext } from './guest/scenario/context.ts'
import { ExpectationError } from './guest/scenario/errors.ts'
import { notHere } from './guest/scenario/not-here.ts'
import { type Groups, ScenarioFile } from './guest/scenario/scenario-file.ts'
import { createSensors } from './guest/sensor.ts'
import { deferred, takeHost } from './guest/take-host.ts'
import type { ScenarioGuest, ToScenario } from './scenario-crossing.ts'

/**
 * The module `faultline` as a scenario's file imports it, run inside a QuickJS of its own; as `guest.ts` is for a device.
 * Everything that a scenario does is asked of the host, one `ScenarioAsk` each.
 */
const host = takeHost<Omit<Host, 'install'> & { install(guest: ScenarioGuest): void }>()
const { id, seed } = host
const now = () => host.now()
purify(now, createRandom(seed, id, 'Math.random'))

const asks = new Asks((message, octets) => host.send(JSON.stringify(message), octets))
const file = new ScenarioFile()

host.install({
  plan: (script) => file.plan(script),
  enter(text) {
    const event = JSON.parse(text) as ToScenario
    if (event.type === 'settled') asks.settle(event.call, event.answer)
    else void run(event.groups)
  },
  describe(reason) {
    const thrown = describe(reason)
    return JSON.stringify({ ...thrown, lost: ExpectationError.is(reason) })
  },
})

/** The end is told whenever nothing is unfinished any more: the host takes it back where something else is asked then. */
function run(groups: Groups): Promise<void> {
  const ended = (how: 'returned' | 'failed') => host.send(JSON.stringify({ type: 'ended', how }))
  return file.run(createContext(asks, groups, createRandom(seed, id), now), (how) => {
    if (how === 'failed') ended(how)
    else asks.whenQuiet(() => ended(how))
  })
}

// As in `guest.ts`.
let sensors = 0

const open = createLibraries(host)
const readFile = (path: string) => JSON.parse(host.read(path, '')) as WorkspaceFile

const api: typeof import('faultline') = {
  ...notHere,
  scenario: file.scenario,
  clock: { now },
  log: (...values) => asks.tell({ do: 'log', text: format(values) }),
  sensor: createSensors({ now }, () => createRandom(seed, id, 'sensor', ++sensors), readFile, open),
  faker: createFaker(host, open),
  bytes: deferred(() => open('data').parts.createBytes(host)),
  ...createEncodings(open, readFile),
}

export const { scenario, device, fleet, every, after, clock, log, sensor, faker, flash, bytes, cbor, protobuf } = api
