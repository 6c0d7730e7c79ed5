import { FaultlineError } from '../../app/base/errors.ts'
import type { Ask } from '../../app/script-api/scenario-crossing.ts'
import type { Judgement } from './expect/expectations.ts'

/** A client that asks to be let in, and is not, has connected all the same: it is on the wire. */
export function wentOut(ask: Ask, error: unknown): boolean {
  if (ask.do !== 'connect' || !(error instanceof FaultlineError)) return false
  return error.code === 'connection-closed' || error.details?.['reasonCode'] !== undefined
}

/** @param hint what to do about it */
export function tooMany(most: number, what: string, hint: string): FaultlineError {
  return new FaultlineError({ code: 'wrong-state', message: `there are ${most} ${what} already`, hint })
}

/** Of what only the scenario's own broker could tell, the judgement where it is another one; undefined for all other errors. */
export function untoldAtTarget(what: string, error: unknown): Judgement | undefined {
  if (!(error instanceof FaultlineError) || error.code !== 'wrong-state') return undefined
  const hint = error.hint === undefined ? '' : `; ${error.hint}`
  return {
    held: false,
    what,
    expected: 'something that can be told at a target',
    received: `it cannot be told at a target: ${error.message}${hint}`,
    packets: undefined,
  }
}
