import type { ScenarioContext } from 'faultline'
import type { Random } from '../../../base/random.ts'
import { type Asks, nothing } from './asks.ts'
import { createBroker } from './broker.ts'
import { Clients } from './clients.ts'
import { createDevice } from './devices.ts'
import { createExpect } from './expect.ts'
import { createFleet } from './fleets.ts'
import { Handles } from './handles.ts'
import { createLink } from './links.ts'
import { timeOf } from './options.ts'
import type { Groups } from './scenario-file.ts'
import { createStep } from './steps.ts'
import { createWire } from './wire.ts'

/** The observer speaks MQTT 5, so that it sees properties. */
const observerVersion = 5

/** What the body of a scenario is given. */
export function createContext(asks: Asks, groups: Groups, random: Random, now: () => number): ScenarioContext {
  const handles = new Handles()
  const clients = new Clients(asks, handles)
  const entries = Object.entries(groups)
  clients.reserve(entries.flatMap(([, ids]) => ids))
  const context = {
    devices: Object.freeze(
      Object.fromEntries(
        entries.map(([group, ids]) => [group, Object.freeze(ids.map((id) => createDevice(asks, handles, id)))]),
      ),
    ),
    fleets: Object.freeze(Object.fromEntries(entries.map(([group]) => [group, createFleet(asks, handles, group)]))),
    observer: clients.existing('observer', observerVersion),
    client: clients.open,
    link: (of: unknown) => createLink(asks, handles.clientsOf(of, 'link(...)')),
    broker: createBroker(asks, handles),
    wire: createWire(asks),
    step: createStep(asks),
    expect: createExpect(asks, handles, now),
    random,
    wait: (time: unknown) => asks.ask(() => ({ do: 'wait', ms: timeOf(time, 'the time of wait') }), nothing),
  }
  // How many devices a group has, its type knows and this function does not.
  return Object.freeze(context) as unknown as ScenarioContext
}
