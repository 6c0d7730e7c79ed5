import type { Farewell } from '../crossing.ts'
import { farewellCodes } from '../farewell-codes.ts'
import { checkKeys, mistake, shown } from '../mistake.ts'
import { checkMqttString } from '../topics.ts'
import { filled, type Given, needVersion5, paths, read, readUserProperties } from './properties.ts'
import { readExpiry } from './settings.ts'

const keys = ['reasonCode', 'sessionExpiryInterval', 'reasonString', 'userProperties']

/**
 * Checks `DisconnectOptions`.
 *
 * @param version of the protocol
 * @param sessionIsKept CONNECT has asked for a session that outlives the connection: only then may DISCONNECT do so
 * [MQTT 5 §3.14.2.2.2]
 * @throws FaultlineError `invalid-argument` naming the option
 */
export function readDisconnectOptions(options: unknown, version: number, sessionIsKept: boolean): Farewell {
  checkKeys(options, keys, 'disconnect(...)')
  const given = options as Given
  needVersion5(version, given, keys, 'disconnect')
  const path = paths('disconnect', undefined)
  const sessionExpiryInterval = read(given['sessionExpiryInterval'], path('sessionExpiryInterval'), readExpiry)
  if (sessionExpiryInterval !== undefined && sessionExpiryInterval > 0 && !sessionIsKept) {
    throw mistake(
      'the sessionExpiryInterval of disconnect needs a client.sessionExpiryInterval: a session that ends with its connection cannot be kept after all',
    )
  }
  const properties = filled({
    sessionExpiryInterval,
    reasonString: read(given['reasonString'], path('reasonString'), checkMqttString),
    userProperties: read(given['userProperties'], path('userProperties'), readUserProperties),
  })
  const reasonCode = read(given['reasonCode'], path('reasonCode'), checkCode)
  return { ...(reasonCode === undefined ? {} : { reasonCode }), ...(properties === undefined ? {} : { properties }) }
}

function checkCode(value: unknown, what: string): Exclude<Farewell['reasonCode'], undefined> {
  const known = farewellCodes.find((code) => code === value)
  if (known !== undefined) return known
  const allowed = farewellCodes.map((code) => `0x${code.toString(16).padStart(2, '0')}`).join(', ')
  throw mistake(`${what} must be one that a client may send (${allowed}), not ${shown(value)}`)
}
