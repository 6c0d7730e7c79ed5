import type { UserProperties } from 'faultline'
import type { Outcome } from '../crossing.ts'
import { toScript } from './properties.ts'

/**
 * The connection ended before a call of the client was complete, or too much was waiting for one. Scripts may catch it;
 * one that nobody catches is not an error of the script, because no script can keep a connection from being lost, and
 * `connected` runs anew on the next one.
 */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError'
  readonly #lost = true

  static is(value: unknown): boolean {
    return typeof value === 'object' && value !== null && #lost in value && value.#lost
  }
}

/** The broker has refused what a call of the client asked for. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly reasonCode: number | undefined
  readonly reasonString: string | undefined
  readonly userProperties: UserProperties | undefined

  constructor({ message, reasonCode, properties }: Outcome & { type: 'refused' }) {
    super(message)
    const said = toScript(properties)
    this.reasonCode = reasonCode
    this.reasonString = said.reasonString
    this.userProperties = said.userProperties
  }
}
