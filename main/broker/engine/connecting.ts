import { readConnect } from '../../../app/mqtt/codec/read-connect.ts'
import { textLength } from '../../../app/mqtt/codec/text.ts'
import { writeConnack } from '../../../app/mqtt/codec/write.ts'
import { type ConnackProperties, type ConnectPacket, mostPacketOctets } from '../../../app/mqtt/packets.ts'
import type { AuthOutcome } from '../access/access.ts'
import type { Client } from './client.ts'
import { expirySeconds } from './expiry.ts'
import { codes, connackCode, mostQuoted, shortened } from './reason-codes.ts'
import type { Accepted } from './served.ts'
import type { Services } from './services.ts'
import { withdrawDenied } from './withdrawing.ts'

/** Of MQTT 3.1: 1 to 23 characters [MQTT 3.1 §3.1]. */
const longestClientId31 = 23

/** What keeps a client out. */
interface Refusal {
  readonly code: number
  readonly reason: string
  readonly serverReference?: string | undefined
}

/** How often it is looked whether the store fails while it is not decided yet who comes in, in milliseconds. */
const storeLookMs = 500

const storeAway: Refusal = { code: codes.serverUnavailable, reason: 'what is stored cannot be reached' }

type LetIn = Extract<AuthOutcome, { allowed: true }>

/** What is settled of its Session before it has one. */
interface Terms {
  readonly clientId: string
  /** In seconds, both. */
  readonly keepAlive: number
  readonly expiry: number
}

/** CONNECT has come [§3.1]. @throws PacketError */
export function connect(engine: Services, client: Client, octets: Uint8Array): void {
  const packet = readConnect(octets)
  client.version = packet.version
  client.maximumPacketSize = Math.min(packet.maximumPacketSize ?? mostPacketOctets, mostPacketOctets)
  engine.identified(client, packet.clientId)
  const refusal = refusalOf(engine, packet)
  if (refusal !== undefined) {
    turnAway(engine, client, packet, refusal)
    return
  }
  const attempt = {
    clientId: packet.clientId,
    userName: packet.userName,
    password: packet.password,
    connection: client.info ?? {
      transport: 'tcp' as const,
      remote: client.remote,
      certificate: undefined,
      tls: undefined,
    },
    presence: () => client.presence,
    patience: engine.limits.connectTimeout,
  }
  const outcome = engine.access.authenticate(attempt)
  if (engine.cluster !== undefined || outcome instanceof Promise) {
    client.decideInTime((ms) => {
      const reason = `it could not be decided within ${ms} ms whether the client may connect`
      const isAway = engine.outbox?.isFailing === true
      turnAway(engine, client, packet, isAway ? storeAway : { code: codes.serverBusy, reason })
    })
    watchStore(engine, client, packet)
  }
  if (!(outcome instanceof Promise)) {
    decided(engine, client, packet, outcome)
    return
  }
  const failed = (error: Error): AuthOutcome => ({
    allowed: false,
    code: codes.serverUnavailable,
    reason: `who it is could not be found out: ${error.message}`,
  })
  void outcome
    .catch(failed)
    .then((settled) => {
      if (!client.isOver) decided(engine, client, packet, settled)
    })
    .catch((error: unknown) => client.broken(error))
}

/** Who came before it was known that the store is away waits no longer than who comes after that. */
function watchStore(engine: Services, client: Client, packet: ConnectPacket): void {
  if (engine.outbox === undefined) return
  engine.clock.after(storeLookMs, () => {
    if (client.isOver || client.accepted !== undefined) return
    if (engine.outbox?.isFailing) turnAway(engine, client, packet, storeAway)
    else watchStore(engine, client, packet)
  })
}

/** A CONNECT, or what came instead of it, that breaks the specification [MQTT-3.1.4-1]. */
export function refuseMalformed(client: Client, octets: Uint8Array | undefined, code: number, message: string): void {
  const level = octets === undefined ? undefined : levelOf(octets)
  const isVersion = code === codes.unsupportedProtocolVersion
  const reason = `${isVersion ? 'refused' : 'protocol error'}: ${message}`
  if (isVersion && level !== undefined) {
    // There is no saying how a client of a level that does not exist reads; 3.1.1 demands its own form [MQTT-3.1.2-2].
    client.write(writeConnack({ sessionPresent: false, code: 1 }, 4))
  } else if (level === 5) {
    client.write(writeConnack({ sessionPresent: false, code, properties: { reasonString: shortened(message) } }, 5))
  }
  client.close(reason, undefined, 'failed')
}

/** The Protocol Level of a CONNECT whose Protocol Name is one that there is, as far as that can be read. */
function levelOf(octets: Uint8Array): number | undefined {
  const start = octets.findIndex((octet, at) => at > 0 && octet < 0x80) + 1
  const name = String.fromCharCode(...octets.subarray(start + 2, start + 8))
  if (name.startsWith('MQTT') && octets[start + 1] === 4) return octets[start + 6]
  return name === 'MQIsdp' && octets[start + 1] === 6 ? octets[start + 8] : undefined
}

function refusalOf(engine: Services, packet: ConnectPacket): Refusal | undefined {
  const { limits } = engine
  const { clientId, version, will } = packet
  if (engine.stopping) return { code: codes.serverUnavailable, reason: 'the broker is stopping' }
  if (engine.outbox?.isFailing) return storeAway
  const ordered = engine.refusals.take('CONNECT', clientId)
  if (ordered !== undefined) return ordered
  const full = fullness(engine, clientId)
  if (full !== undefined) return full
  if (packet.authenticationMethod !== undefined) {
    return {
      code: codes.badAuthenticationMethod,
      reason: `enhanced authentication is not offered: ${shortened(packet.authenticationMethod, mostQuoted)}`,
    }
  }
  const characters = version === 3 && clientId.length > longestClientId31 ? [...clientId].length : 0
  if (characters > longestClientId31) {
    return {
      code: codes.clientIdentifierNotValid,
      reason: `MQTT 3.1 allows a Client Identifier of ${longestClientId31} characters, not ${characters}`,
    }
  }
  if (will !== undefined && will.qos > limits.maxQoS) {
    return { code: codes.qosNotSupported, reason: `a will of QoS ${will.qos}: the maximum is ${limits.maxQoS}` }
  }
  if (will?.retain && !limits.retainAvailable) {
    return { code: codes.retainNotSupported, reason: 'a will with RETAIN, which this broker does not have' }
  }
  return undefined
}

/** There is no room for one more; one that takes its own place is none more. */
function fullness({ connected, keeper, limits }: Services, clientId: string): Refusal | undefined {
  if (connected < limits.maxConnections || keeper.find(clientId)?.client !== undefined) return undefined
  const reason = `there are ${connected} clients already: ${limits.maxConnections} are allowed`
  return { code: codes.serverBusy, reason }
}

function turnAway(engine: Services, client: Client, packet: ConnectPacket, refusal: Refusal): void {
  const { code, reason, serverReference } = refusal
  const { version } = packet
  engine.counters.connectionsRefused++
  const said = connackCode(code, version)
  const properties = { reasonString: shortened(reason), serverReference }
  const inWords = writeConnack({ sessionPresent: false, code: said, properties }, version)
  // What is said in words must not make it too large [MQTT-3.2.2-19].
  const isTooLarge = inWords.length > client.maximumPacketSize
  const octets = isTooLarge ? writeConnack({ sessionPresent: false, code: said }, version) : inWords
  if (octets.length <= client.maximumPacketSize) client.write(octets)
  client.close(`refused: ${reason}`, undefined, 'failed')
}

function decided(engine: Services, client: Client, packet: ConnectPacket, outcome: AuthOutcome): void {
  if (!outcome.allowed) {
    engine.counters.connectionsRefused++
    const { version } = client
    // A client is told no more than the code: it may be guessing.
    const octets = writeConnack({ sessionPresent: false, code: connackCode(outcome.code, version) }, version)
    if (octets.length <= client.maximumPacketSize) client.write(octets)
    client.close(`refused: ${outcome.reason}`, undefined, 'failed')
    return
  }
  accept(engine, client, packet, outcome)
}

function accept(engine: Services, client: Client, packet: ConnectPacket, outcome: LetIn): void {
  const { cluster, keeper } = engine
  const { clean, version } = packet
  // Its certificate may have given it one.
  if (outcome.clientId === '' && (version === 3 || (version === 4 && !clean))) {
    const reason = 'an empty Client Identifier where the Session is to be kept [MQTT-3.1.3-8]'
    turnAway(engine, client, packet, { code: codes.clientIdentifierNotValid, reason })
    return
  }
  const clientId =
    outcome.clientId === '' ? keeper.freeClientId(client.connection) + (cluster?.suffix ?? '') : outcome.clientId
  if (cluster === undefined) {
    enter(engine, client, packet, clientId, outcome)
    return
  }
  const enterNow = () => {
    if (!client.isOver) enter(engine, client, packet, clientId, outcome)
  }
  cluster.acquire(clientId, enterNow, (error) => client.broken(error))
}

/** The Session is this broker's. */
function enter(engine: Services, client: Client, packet: ConnectPacket, clientId: string, outcome: LetIn): void {
  const { keeper, limits } = engine
  const { isClaimed, rule, userName, validUntil } = outcome
  const terms: Terms = {
    clientId,
    keepAlive: keepAliveOf(packet, limits.maxKeepAlive),
    expiry: Math.min(expiryOf(packet), limits.maxSessionExpiry),
  }
  const properties = fitting(client, packet.version === 5 ? connackProperties(engine, packet, terms) : {})
  // Others may have come while it was found out who this one is.
  const refusal = fullness(engine, clientId) ?? (properties === undefined ? tooSmall(client) : undefined)
  if (refusal !== undefined) {
    turnAway(engine, client, packet, refusal)
    return
  }
  // One client at a time [MQTT-3.1.4-2, in MQTT 5 MQTT-3.1.4-3].
  keeper.find(clientId)?.client?.close('taken over by another connection', codes.sessionTakenOver, 'failed')
  const { served, present } = keeper.open(clientId, packet.clean)
  const { session } = served
  const identity = { clientId, userName, isClaimed }
  const accepted: Accepted = { packet, session, identity, keepAlive: terms.keepAlive, expiry: terms.expiry, rule }
  client.serve(accepted, validUntil)
  engine.arrived(client, clientId)
  if (present) withdrawDenied(engine, client, served, identity)
  keeper.enter(client, served, accepted, present)
  client.write(writeConnack({ sessionPresent: present, code: 0, properties }, packet.version))
  session.resume()
  client.takeHeld()
}

/** Clean Session of 3.1.1 says in one what MQTT 5 says in two: begin anew, and end with the connection [MQTT-3.1.2-6]. */
function expiryOf({ clean, sessionExpiryInterval, version }: ConnectPacket): number {
  if (version === 5) return expirySeconds(sessionExpiryInterval)
  return clean ? 0 : Number.POSITIVE_INFINITY
}

function keepAliveOf({ keepAlive, version }: ConnectPacket, most: number): number {
  if (most === 0 || (keepAlive > 0 && keepAlive <= most)) return keepAlive
  // Only MQTT 5 can be told to use another one [MQTT-3.2.2-21].
  return version === 5 ? most : keepAlive
}

/** What MQTT 5 is told of this broker; what is as the client has to expect is left out [MQTT 5 §3.2.2.3]. */
function connackProperties({ limits }: Services, packet: ConnectPacket, terms: Terms): ConnackProperties {
  const { clientId, expiry, keepAlive } = terms
  const isLower = expiry < expirySeconds(packet.sessionExpiryInterval)
  const response = packet.requestResponseInformation ? `response/${clientId}` : undefined
  return {
    sessionExpiryInterval: isLower ? expiry : undefined,
    receiveMaximum: limits.receiveMaximum === 65_535 ? undefined : limits.receiveMaximum,
    maximumQoS: limits.maxQoS === 2 ? undefined : limits.maxQoS,
    retainAvailable: limits.retainAvailable ? undefined : false,
    maximumPacketSize: limits.maxPacketSize >= mostPacketOctets ? undefined : limits.maxPacketSize,
    assignedClientIdentifier: packet.clientId === clientId ? undefined : clientId,
    topicAliasMaximum: limits.topicAliasMaximum === 0 ? undefined : limits.topicAliasMaximum,
    serverKeepAlive: keepAlive === packet.keepAlive ? undefined : keepAlive,
    // A Client Identifier may be as long as a string can be: then there is none with something before it [MQTT-1.5.4-1].
    responseInformation: response !== undefined && textLength(response) <= 0xffff ? response : undefined,
  }
}

/** Without what the client can do without, where it takes no more [MQTT-3.1.2-24]. @returns undefined where it takes less */
function fitting({ maximumPacketSize }: Client, properties: ConnackProperties): ConnackProperties | undefined {
  if (maximumPacketSize === mostPacketOctets) return properties
  const fits = (some: ConnackProperties) =>
    writeConnack({ sessionPresent: false, code: 0, properties: some }, 5).length <= maximumPacketSize
  if (fits(properties)) return properties
  const needed = { ...properties, responseInformation: undefined, topicAliasMaximum: undefined }
  return fits(needed) ? needed : undefined
}

function tooSmall({ maximumPacketSize }: Client): Refusal {
  const reason = `CONNACK is larger than the ${maximumPacketSize} octets that the client takes [MQTT-3.1.2-24]`
  return { code: codes.packetTooLarge, reason }
}
