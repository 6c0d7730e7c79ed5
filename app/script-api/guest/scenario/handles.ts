import type { ClientHandle } from 'faultline'
import { mistake, shown } from '../../mistake.ts'
import type { Subject } from '../../scenario-crossing.ts'
import type { Asks } from './asks.ts'

/** Which of the objects that a scenario has stand for something that moves, and for what. */
export class Handles {
  readonly #subjects = new WeakMap<object, Subject>()

  /** Freezes it, so that it goes on being what it is. */
  add<Handle extends object>(handle: Handle, subject: Subject): Handle {
    this.#subjects.set(handle, subject)
    return Object.freeze(handle)
  }

  subjectOf(value: unknown): Subject | undefined {
    return typeof value === 'object' && value !== null ? this.#subjects.get(value) : undefined
  }

  /** The id of a device or client. */
  idOf(value: unknown): string | undefined {
    const subject = this.subjectOf(value)
    return subject?.is === 'device' || subject?.is === 'client' ? subject.id : undefined
  }

  /**
   * @param what the call, such as `link(...)`
   * @throws FaultlineError `invalid-argument`
   */
  clientsOf(value: unknown, what: string): string {
    if (typeof value === 'string' && value !== '') return value
    const id = this.idOf(value)
    if (id !== undefined) return id
    throw mistake(`${what} needs a device, a client, or text such as 'pump-01' or '*', not ${shown(value)}`)
  }
}

/** What all who have a Client Identifier have. */
export function createParts(asks: Asks, handles: Handles, id: string): Omit<ClientHandle, 'id'> {
  return {
    will: handles.add({ kind: 'will' as const }, { is: 'will', id }),
    session: handles.add(
      {
        kind: 'session' as const,
        queued: () => asks.ask(() => ({ do: 'read', what: 'queued', of: id }), Number),
      },
      { is: 'session', id },
    ),
    exchanges: handles.add({ kind: 'exchanges' as const }, { is: 'exchanges', id }),
  }
}
