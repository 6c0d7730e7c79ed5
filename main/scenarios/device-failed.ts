import { FaultlineError, type FaultlineErrorData } from '../../app/base/errors.ts'
import type { Failure, Place } from '../../app/scenario/report.ts'
import { brokenFleet, brokenNames } from './expect/broken-scripts.ts'

/** How a device failed, before the body of its scenario began. */
export interface DeviceFailure extends Pick<Failure, 'what' | 'expected' | 'received' | 'place'> {
  readonly because: 'its script' | 'it was refused'
  /** Client Identifiers of those that it is about. */
  readonly clientIds: readonly string[]
}

/** Devices could not get ready, and it is not the environment that is to blame. */
export class DeviceFailed extends FaultlineError {
  readonly failure: DeviceFailure

  constructor(failure: DeviceFailure, data: FaultlineErrorData) {
    super(data)
    this.failure = failure
  }
}

/** The same words as for a script that fails while the body runs. @param id of a device, or of a fleet that has none */
export function scriptFailure(
  id: string,
  { clientIds, message, place }: { readonly clientIds: readonly string[]; message: string; place: Place | undefined },
): DeviceFailure {
  const words =
    clientIds.length > 0 ? brokenNames([id]) : { what: `the script of fleets.${id} has failed`, expected: brokenFleet }
  return { because: 'its script', ...words, received: message, place, clientIds }
}

/** A broker may let them in later, but only if somebody changes its access rules, or what they say of themselves. */
export function isFinalRefusal(reason: string): boolean {
  const said = reason.toLowerCase()
  return finalRefusals.some((name) => said.startsWith(`refused: ${name}`))
}

/** Return Codes of MQTT 3.1.1 §3.2.2.3 and Reason Codes of MQTT 5 §3.2.2.2, in the words of a device, in small letters. */
const finalRefusals = [
  'not authorized',
  'bad user name or password',
  'bad authentication method',
  'banned',
  'identifier rejected',
  'client identifier not valid',
  'unacceptable protocol version',
  'unsupported protocol version',
]
