import type { ClientSettings, ReconnectSettings } from '../crossing.ts'
import { longestWait, milliseconds } from '../duration.ts'
import { checkKeys, mistake, shown } from '../mistake.ts'
import { checkMqttString, checkTopicName, utf8Length } from '../topics.ts'
import { toWire } from './payload.ts'
import {
  filled,
  type Given,
  integer,
  messagePropertyKeys,
  needVersion5,
  paths,
  read,
  readMessageProperties,
  readUserProperties,
  seconds,
} from './properties.ts'
import { checkFlag, checkQoS } from './values.ts'

/** Options that only MQTT 5 can carry. */
const version5Keys = [
  'sessionExpiryInterval',
  'receiveMaximum',
  'maximumPacketSize',
  'topicAliasMaximum',
  'topicAliases',
  'requestResponseInformation',
  'requestProblemInformation',
  'userProperties',
] as const

const clientKeys = [
  'protocolVersion',
  'clientId',
  'cleanStart',
  'keepAlive',
  'username',
  'password',
  'will',
  'reconnect',
  'store',
  ...version5Keys,
] as const

/** The session does not expire [MQTT 5 §3.1.2.11.2]. */
const never = 0xffff_ffff

/**
 * Checks `ClientOptions` and fills in every default.
 *
 * @throws FaultlineError `invalid-argument` naming the option
 */
export function readClientOptions(options: unknown, deviceId: string): ClientSettings {
  checkKeys(options ?? {}, clientKeys, 'client', 'client')
  const given = (options ?? {}) as Record<(typeof clientKeys)[number], unknown>
  const { protocolVersion = 4, clientId = deviceId, cleanStart = true, keepAlive = '60s', topicAliases = false } = given
  if (protocolVersion !== 3 && protocolVersion !== 4 && protocolVersion !== 5) {
    throw mistake(
      `client.protocolVersion must be 5 (MQTT 5), 4 (MQTT 3.1.1) or 3 (MQTT 3.1), not ${shown(protocolVersion)}`,
      'client.protocolVersion',
    )
  }
  needVersion5(protocolVersion, given, version5Keys, 'client', 'client')
  const clean = checkFlag(cleanStart, 'client.cleanStart', 'client.cleanStart')
  const properties = readConnectProperties(given)
  const settings: ClientSettings = {
    protocolVersion,
    clientId: readClientId(clientId, clean),
    cleanStart: clean,
    keepAlive: readKeepAlive(keepAlive),
    topicAliases: checkFlag(topicAliases, 'client.topicAliases', 'client.topicAliases'),
    store: readStore(given.store, !clean && (protocolVersion < 5 || (properties?.sessionExpiryInterval ?? 0) > 0)),
    ...readCredentials(given.username, given.password, protocolVersion),
  }
  if (properties !== undefined) settings.properties = properties
  if (given.will !== undefined) settings.will = readWill(given.will, protocolVersion)
  if (given.reconnect !== false) settings.reconnect = readReconnect(given.reconnect)
  return settings
}

function readConnectProperties(given: Given): ClientSettings['properties'] {
  const path = paths('client', 'client')
  const flag = (key: string) => read(given[key], path(key), checkFlag)
  const whole = (key: string, least: number, most: number) => read(given[key], path(key), integer(least, most))
  return filled({
    sessionExpiryInterval: read(given['sessionExpiryInterval'], path('sessionExpiryInterval'), readExpiry),
    receiveMaximum: whole('receiveMaximum', 1, 65_535),
    maximumPacketSize: whole('maximumPacketSize', 1, 0xffff_ffff),
    topicAliasMaximum: whole('topicAliasMaximum', 0, 65_535),
    requestResponseInformation: flag('requestResponseInformation'),
    requestProblemInformation: flag('requestProblemInformation'),
    userProperties: read(given['userProperties'], path('userProperties'), readUserProperties),
  })
}

/** Seconds; `'never'` is a session that does not expire. */
export function readExpiry(value: unknown, what: string, option: string | undefined): number {
  return value === 'never' ? never : seconds(value, what, option)
}

/** What is kept in flash is worth something only in a session that is still there after the loss of power. */
function readStore(store: unknown = 'ram', sessionIsKept: boolean): ClientSettings['store'] {
  if (store !== 'ram' && store !== 'flash') {
    throw mistake(`client.store must be 'ram' or 'flash', not ${shown(store)}`, 'client.store')
  }
  if (store === 'flash' && !sessionIsKept) {
    throw mistake(
      "client.store: 'flash' needs a session that is kept: cleanStart: false, and in MQTT 5 a sessionExpiryInterval",
      'client.store',
    )
  }
  return store
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

/** [MQTT-3.1.2-22] of MQTT 3.1.1: no password without a user name. MQTT 5 has no such rule [MQTT 5 §3.1.2.9]. */
function readCredentials(
  username: unknown,
  password: unknown,
  version: number,
): Pick<ClientSettings, 'username' | 'password'> {
  const credentials: Pick<ClientSettings, 'username' | 'password'> = {}
  if (username !== undefined) {
    credentials.username = checkMqttString(username, 'client.username', 'client.username')
  }
  if (password !== undefined) {
    if (username === undefined && version !== 5) {
      throw mistake(
        'client.password needs a client.username; only MQTT 5 (protocolVersion: 5) has a password alone',
        'client.password',
      )
    }
    credentials.password = checkMqttString(password, 'client.password', 'client.password')
  }
  return credentials
}

function readWill(will: unknown, version: number): NonNullable<ClientSettings['will']> {
  const version5Only = [...messagePropertyKeys, 'willDelayInterval']
  checkKeys(will, ['topic', 'payload', 'qos', 'retain', ...version5Only], 'client.will', 'client.will')
  const given = will as Given
  needVersion5(version, given, version5Only, 'client.will', 'client.will')
  const { topic, payload, qos = 0, retain = false } = given
  const wire = toWire(payload, 'client.will.payload', 'client.will.payload')
  if ((typeof wire === 'string' ? utf8Length(wire) : wire.length) > 65_535) {
    throw mistake('client.will.payload must not be longer than 65535 octets', 'client.will.payload')
  }
  const delay = read(given['willDelayInterval'], paths('client.will', 'client.will')('willDelayInterval'), seconds)
  const properties = filled({
    ...readMessageProperties(given, 'client.will', 'client.will'),
    willDelayInterval: delay,
  })
  return {
    ...(properties === undefined ? {} : { properties }),
    topic: checkTopicName(topic, 'client.will.topic', 'client.will.topic'),
    payload: typeof wire === 'string' ? wire : [...wire],
    qos: checkQoS(qos, 'client.will.qos', 'client.will.qos'),
    retain: checkFlag(retain, 'client.will.retain', 'client.will.retain'),
  }
}

function readReconnect(reconnect: unknown): ReconnectSettings {
  const path = 'client.reconnect'
  checkKeys(reconnect ?? {}, ['after', 'factor', 'max', 'jitter', 'attempts'], path, path)
  const { after = '1s', factor = 2, max = '30s', jitter = 0, attempts } = (reconnect ?? {}) as Record<string, unknown>
  if (typeof factor !== 'number' || !(factor >= 1) || !Number.isFinite(factor)) {
    throw mistake(`${path}.factor must be a number of at least 1, not ${shown(factor)}`, `${path}.factor`)
  }
  if (typeof jitter !== 'number' || !(jitter >= 0 && jitter <= 1)) {
    throw mistake(`${path}.jitter must be a number from 0 to 1, not ${shown(jitter)}`, `${path}.jitter`)
  }
  const wait = (value: unknown, name: string) =>
    Math.min(longestWait, milliseconds(value, `${path}.${name}`, `${path}.${name}`))
  const settings: ReconnectSettings = { after: wait(after, 'after'), factor, max: wait(max, 'max'), jitter }
  if (attempts === undefined) return settings
  return {
    ...settings,
    attempts: integer(1, Number.MAX_SAFE_INTEGER)(attempts, `${path}.attempts`, `${path}.attempts`),
  }
}
