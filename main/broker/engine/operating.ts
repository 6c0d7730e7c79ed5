import { FaultlineError } from '../../../app/base/errors.ts'
import { reasonName } from '../../../app/mqtt/decode-codes.ts'
import { describeCode } from '../../../app/mqtt/decode-values.ts'
import { codes } from './reason-codes.ts'
import type { Served } from './served.ts'
import type { SessionKeeper } from './session-keeper.ts'

/** What somebody who looks at the Sessions can do to them. */
export interface Operating {
  readonly keeper: SessionKeeper
}

/** See `Broker.expireSession`. */
export function expireSession({ keeper }: Operating, clientId: string): void {
  const served = sessionOf(keeper, clientId)
  const why = 'its Session was ended by you'
  served.client?.close(why, codes.administrativeAction, 'failed')
  if (keeper.find(clientId) === served) keeper.end(served, why)
  // One that is not kept has ended with its Network Connection.
  else keeper.remember(served, why)
}

/** See `Broker.clearQueue`. */
export function clearQueue({ keeper }: Operating, clientId: string): number {
  return sessionOf(keeper, clientId).session.clearQueue()
}

/** See `Broker.disconnect`. */
export function disconnect({ keeper }: Operating, clientId: string, code: number, reason: string): void {
  const { client } = sessionOf(keeper, clientId)
  if (client === undefined) {
    throw new FaultlineError({ code: 'wrong-state', message: `${clientId} is not connected` })
  }
  const words = describeCode(code, reasonName('DISCONNECT', code))
  client.close(
    `disconnected by you, ${words}${reason === '' ? '' : `: ${reason}`}`,
    code,
    'failed',
    reason || undefined,
  )
}

function sessionOf(keeper: SessionKeeper, clientId: string): Served {
  const served = keeper.find(clientId)
  if (served !== undefined) return served
  throw new FaultlineError({
    code: 'not-found',
    message: `there is no Session of ${clientId} any more`,
    hint: 'it has ended: only its will and its connections are still shown',
  })
}
