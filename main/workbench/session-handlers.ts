import { FaultlineError } from '../../app/base/errors.ts'
import type { Handlers } from '../../app/contract/responder.ts'
import type { sessionMethods } from '../../app/contract/sessions.ts'
import type { Broker } from '../broker/broker.ts'

/** Administrative action. */
const defaultCode = 0x98

/** Answers what a screen asks of the Sessions. */
export function sessionHandlers(broker: Broker): Pick<Handlers, keyof typeof sessionMethods> {
  return {
    'sessions.list': () => broker.sessions(),
    'sessions.show': ({ clientId }) => {
      const detail = broker.session(clientId)
      if (detail !== undefined) return detail
      throw new FaultlineError({ code: 'not-found', message: `there is no Session of ${clientId} any more` })
    },
    'sessions.expire': ({ clientId }) => {
      broker.expireSession(clientId)
      return {}
    },
    'sessions.clearQueue': ({ clientId }) => ({ messages: broker.clearQueue(clientId) }),
    'sessions.disconnect': ({ clientId, code = defaultCode, reason = '' }) => {
      broker.disconnect(clientId, code, reason)
      return {}
    },
  }
}
