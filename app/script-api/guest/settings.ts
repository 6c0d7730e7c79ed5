import type { ClientSettings, ReconnectSettings } from '../crossing.ts'
import { longestWait, milliseconds } from '../duration.ts'
import { checkKeys, mistake, shown } from '../mistake.ts'
import { checkMqttString, checkTopicName, utf8Length } from '../topics.ts'
import { checkFlag, checkQoS } from './client.ts'
import { toWire } from './payload.ts'

const clientKeys = [
  'protocolVersion',
  'clientId',
  'cleanStart',
  'keepAlive',
  'username',
  'password',
  'will',
  'reconnect',
] as const

/**
 * Checks `ClientOptions` and fills in every default.
 *
 * @throws FaultlineError `invalid-argument` naming the option
 */
export function readClientOptions(options: unknown, deviceId: string): ClientSettings {
  checkKeys(options ?? {}, clientKeys, 'client', 'client')
  const given = (options ?? {}) as Record<(typeof clientKeys)[number], unknown>
  const { protocolVersion = 4, clientId = deviceId, cleanStart = true, keepAlive = '60s' } = given
  if (protocolVersion !== 3 && protocolVersion !== 4) {
    throw mistake(
      `client.protocolVersion must be 4 (MQTT 3.1.1) or 3 (MQTT 3.1), not ${shown(protocolVersion)}`,
      'client.protocolVersion',
    )
  }
  const clean = checkFlag(cleanStart, 'client.cleanStart', 'client.cleanStart')
  const settings: ClientSettings = {
    protocolVersion,
    clientId: readClientId(clientId, clean),
    cleanStart: clean,
    keepAlive: readKeepAlive(keepAlive),
    ...readCredentials(given.username, given.password),
  }
  if (given.will !== undefined) settings.will = readWill(given.will)
  if (given.reconnect !== false) settings.reconnect = readReconnect(given.reconnect)
  return settings
}

/** [MQTT-3.1.3-7]: a client without an identifier cannot have a session that outlives its connection. */
function readClientId(clientId: unknown, clean: boolean): string {
  const id = checkMqttString(clientId, 'client.clientId', 'client.clientId')
  if (id === '' && !clean) throw mistake('client.clientId may be empty only with cleanStart: true', 'client.clientId')
  return id
}

function readKeepAlive(keepAlive: unknown): number {
  const seconds = milliseconds(keepAlive, 'client.keepAlive', 'client.keepAlive') / 1000
  if (!Number.isInteger(seconds) || seconds > 65_535) {
    throw mistake(
      `client.keepAlive must be whole seconds up to 65535, not ${shown(keepAlive)}; CONNECT carries it so`,
      'client.keepAlive',
    )
  }
  return seconds
}

/** [MQTT-3.1.2-22]: no password without a user name. */
function readCredentials(username: unknown, password: unknown): Pick<ClientSettings, 'username' | 'password'> {
  const credentials: Pick<ClientSettings, 'username' | 'password'> = {}
  if (username !== undefined) {
    credentials.username = checkMqttString(username, 'client.username', 'client.username')
  }
  if (password !== undefined) {
    if (username === undefined) throw mistake('client.password needs a client.username', 'client.password')
    credentials.password = checkMqttString(password, 'client.password', 'client.password')
  }
  return credentials
}

function readWill(will: unknown): NonNullable<ClientSettings['will']> {
  checkKeys(will, ['topic', 'payload', 'qos', 'retain'], 'client.will', 'client.will')
  const { topic, payload, qos = 0, retain = false } = will as Record<string, unknown>
  const wire = toWire(payload, 'client.will.payload', 'client.will.payload')
  if ((typeof wire === 'string' ? utf8Length(wire) : wire.length) > 65_535) {
    throw mistake('client.will.payload must not be longer than 65535 octets', 'client.will.payload')
  }
  return {
    topic: checkTopicName(topic, 'client.will.topic', 'client.will.topic'),
    payload: typeof wire === 'string' ? wire : [...wire],
    qos: checkQoS(qos, 'client.will.qos', 'client.will.qos'),
    retain: checkFlag(retain, 'client.will.retain', 'client.will.retain'),
  }
}

function readReconnect(reconnect: unknown): ReconnectSettings {
  const path = 'client.reconnect'
  checkKeys(reconnect ?? {}, ['after', 'factor', 'max', 'jitter'], path, path)
  const { after = '1s', factor = 2, max = '30s', jitter = 0 } = (reconnect ?? {}) as Record<string, unknown>
  if (typeof factor !== 'number' || !(factor >= 1) || !Number.isFinite(factor)) {
    throw mistake(`${path}.factor must be a number of at least 1, not ${shown(factor)}`, `${path}.factor`)
  }
  if (typeof jitter !== 'number' || !(jitter >= 0 && jitter <= 1)) {
    throw mistake(`${path}.jitter must be a number from 0 to 1, not ${shown(jitter)}`, `${path}.jitter`)
  }
  const wait = (value: unknown, name: string) =>
    Math.min(longestWait, milliseconds(value, `${path}.${name}`, `${path}.${name}`))
  return { after: wait(after, 'after'), factor, max: wait(max, 'max'), jitter }
}
