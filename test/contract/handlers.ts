import { FaultlineError } from '../../app/base/errors.ts'
import { contractVersion } from '../../app/contract/contract.ts'
import type { Handlers } from '../../app/contract/responder.ts'
import { defaultLimits } from '../../main/broker/engine/limits.ts'

const wireHandlers = {
  'wire.state': () => ({
    holding: false,
    speed: 1,
    breakpoints: [],
    rules: [],
    held: [],
    heldCount: 0,
    waitingCount: 0,
  }),
  'wire.hold': () => ({}),
  'wire.letGo': () => ({ packets: 0 }),
  'wire.heldOctets': () => ({ octets: new Uint8Array(), length: 0 }),
  'wire.next': () => ({}),
  'wire.decide': () => ({}),
  'wire.speed': () => ({}),
  'wire.addBreakpoint': () => ({ id: 'b1' }),
  'wire.enableBreakpoint': () => ({}),
  'wire.removeBreakpoint': () => ({}),
  'wire.addRule': () => ({ id: 'r1' }),
  'wire.enableRule': () => ({}),
  'wire.removeRule': () => ({}),
  'wire.cut': () => ({ connections: 0 }),
  'wire.heal': () => ({ rules: 0 }),
} satisfies Partial<Handlers>

const idle = { records: 0, octets: 0, lost: 0 }

const recordingHandlers = {
  'capture.search': ({ to }) => ({ numbers: [], scannedTo: to }),
  'capture.export': () => ({ path: 'recordings/x.csv', records: 0, octets: 0 }),
  'recording.start': () => idle,
  'recording.stop': () => idle,
  'recording.state': () => idle,
  'recordings.list': () => [],
  'recordings.open': ({ path }) => ({
    id: 'file 1',
    name: path,
    captureStart: 1,
    records: 0,
    first: 1,
    next: 1,
    connections: [],
  }),
  'recordings.close': () => ({}),
} satisfies Partial<Handlers>

const noCounts = { since: 1, topics: 0, retained: 0, ownRetained: 0, messages: 0, rate: 0, over: 0 }

const { maxSessionExpiry: _forEver, ...limits } = defaultLimits

const brokerHandlers = {
  'sessions.list': () => [],
  'sessions.show': ({ clientId }) => {
    throw new FaultlineError({ code: 'not-found', message: `there is no Session of ${clientId}` })
  },
  'sessions.expire': () => ({}),
  'sessions.clearQueue': () => ({ messages: 0 }),
  'broker.refuse': () => ({}),
  'broker.letIn': () => ({}),
  'broker.state': () => ({
    listeners: [{ url: 'mqtt://127.0.0.1:1883' }],
    store: { type: 'memory' },
    connected: 0,
    limits,
    refusals: [],
  }),
  'broker.limits': () => limits,
  'sessions.disconnect': () => ({}),
  'topics.watch': () => noCounts,
  'topics.list': () => ({ rows: [], total: 0 }),
  'topics.show': ({ topic }) => ({ topic, messages: 0, rate: 0, history: [] }),
  'topics.clearRetained': () => ({}),
} satisfies Partial<Handlers>

const scenarioHandlers = {
  'scenarios.list': () => [],
  'scenarios.read': ({ path }) => ({ text: path, revision: '1' }),
  'scenarios.write': () => ({ revision: '2' }),
  'scenarios.run': ({ paths }) => ({ runs: paths }),
  'scenarios.stop': () => ({}),
  'scenarios.runs': () => [],
  'scenarios.report': ({ run }) => {
    throw new FaultlineError({ code: 'not-found', message: `there is no run ${run}` })
  },
  'scenarios.traffic': () => ({ stepMs: 100, packets: [] }),
  'scenarios.openRecording': ({ run }) => {
    throw new FaultlineError({ code: 'not-found', message: `there is no run ${run}` })
  },
  'scenarios.forget': () => ({}),
  'scenarios.draft': () => ({ text: '', deeds: 0 }),
  'scenarios.create': ({ name }) => ({ path: `scenarios/${name}.scenario.ts` }),
} satisfies Partial<Handlers>

/** Answers that are right, so that a test replaces only what it is about. */
export function createHandlers(changes: Partial<Handlers> = {}): Handlers {
  return {
    'workbench.hello': () => ({
      version: '1.2.3',
      workspace: { name: 'plant', path: '/plant' },
      broker: { url: 'mqtt://127.0.0.1:1883', engine: 'aedes' },
      captureStart: 1,
    }),
    'devices.list': () => [],
    'devices.act': ({ id }) => {
      throw new FaultlineError({
        code: 'not-found',
        message: `there is no device ${id}`,
        hint: 'see the list of devices',
        details: { id, known: ['pump-01'] },
      })
    },
    'devices.history': () => ({ entries: [], dropped: 0 }),
    'devices.console': () => ({ lines: [], dropped: 0 }),
    'scripts.templates': () => [],
    'scripts.create': ({ name }) => ({ path: `devices/${name}.device.ts` }),
    'fleets.list': () => [],
    'targets.list': () => [],
    'fleets.change': () => ({}),
    'scripts.list': () => [],
    'scripts.read': ({ path }) => ({ text: path, revision: '1' }),
    'scripts.write': () => ({ revision: '2', restarted: contractVersion }),
    'certificates.list': () => [],
    ...brokerHandlers,
    ...scenarioHandlers,
    'connections.list': () => [],
    'capture.follow': () => ({ next: 1 }),
    'capture.acknowledge': () => ({}),
    'capture.read': () => ({ block: new Uint8Array() }),
    ...wireHandlers,
    ...recordingHandlers,
    'messages.older': () => ({ messages: [] }),
    'messages.follow': () => ({ messages: [], total: 0, forgotten: 0, missed: 0 }),
    'messages.ofPacket': () => ({}),
    'messages.get': ({ id }) => {
      throw new FaultlineError({ code: 'not-found', message: `there is no message ${id}` })
    },
    ...changes,
  }
}
