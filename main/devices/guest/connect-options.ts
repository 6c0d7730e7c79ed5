import type { IClientOptions } from 'mqtt'
import type { ClientSettings } from '../../../app/script-api/crossing.ts'
import { forLibrary } from './mqtt-properties.ts'

/** What CONNECT says, in the words of MQTT.js. */
export function connectOptions(settings: ClientSettings): IClientOptions {
  const { cleanStart, clientId, keepAlive, password, properties, protocolVersion, username, will } = settings
  return {
    protocolVersion,
    protocolId: protocolVersion === 3 ? 'MQIsdp' : 'MQTT',
    clientId,
    clean: cleanStart,
    keepalive: keepAlive,
    ...credentialsFor(username, password),
    ...(will === undefined ? {} : { will: willOptions(will) }),
    ...(properties === undefined || protocolVersion !== 5 ? {} : { properties: forLibrary(properties) }),
  }
}

/**
 * The Session outlives the Network Connection, and the next one goes on with it [MQTT-3.1.2-6, MQTT 5 §3.1.2.11.2].
 *
 * @param granted the Session Expiry Interval that the broker has set, in seconds
 */
export function keepsSession(settings: ClientSettings, granted: number | undefined): boolean {
  const { cleanStart, properties, protocolVersion } = settings
  if (protocolVersion < 5 || cleanStart) return !cleanStart
  return (granted ?? properties?.sessionExpiryInterval ?? 0) > 0
}

/** The libraries write no password without a user name: see `password-alone.ts`. */
export function credentialsFor(username: string | undefined, password: string | undefined): IClientOptions {
  if (password === undefined) return username === undefined ? {} : { username }
  return { username: username ?? '', password }
}

function willOptions({ payload, properties, ...will }: NonNullable<ClientSettings['will']>) {
  const octets = typeof payload === 'string' ? Buffer.from(payload) : Buffer.from(payload)
  return { ...will, payload: octets, ...(properties === undefined ? {} : { properties: forLibrary(properties) }) }
}
