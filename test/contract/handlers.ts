import { FaultlineError } from '../../app/base/errors.ts'
import { contractVersion } from '../../app/contract/contract.ts'
import type { Handlers } from '../../app/contract/responder.ts'

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
    'devices.console': () => ({ lines: [], dropped: 0 }),
    'scripts.list': () => [],
    'scripts.read': ({ path }) => ({ text: path, revision: '1' }),
    'scripts.write': () => ({ revision: '2', restarted: contractVersion }),
    'sessions.list': () => [],
    'connections.list': () => [],
    'capture.follow': () => ({ next: 1 }),
    'capture.acknowledge': () => ({}),
    'capture.read': () => ({ block: new Uint8Array() }),
    ...changes,
  }
}
