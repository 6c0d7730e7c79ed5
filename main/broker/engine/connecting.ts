import { readConnect } from '../../../app/mqtt/codec/read-connect.ts'
import { writeConnack } from '../../../app/mqtt/codec/write.ts'
import type { ConnackProperties, ConnectPacket } from '../../../app/mqtt/packets.ts'
import type { AuthOutcome } from '../access/access.ts'
import type { Client } from './client.ts'
import { expirySeconds } from './expiry.ts'
import { codes, connackCode } from './reason-codes.ts'
import type { Accepted } from './served.ts'
import type { Services } from './services.ts'

/** Of MQTT 3.1: 1 to 23 characters [MQTT 3.1 §3.1]. */
const longestClientId31 = 23

/** What keeps a client out. */
interface Refusal {
  readonly code: number
  readonly reason: string
  readonly serverReference?: string | undefined
}

/** CONNECT has come [§3.1]. @throws PacketError */
export function connect(engine: Services, client: Client, octets: Uint8Array): void {
  const packet = readConnect(octets)
  client.version = packet.version
  engine.identified(client, packet.clientId)
  const refusal = refusalOf(engine, packet)
  if (refusal !== undefined) {
    engine.counters.connectionsRefused++
    refuse(client, packet, refusal)
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
  }
  const outcome = engine.access.authenticate(attempt)
  if (!(outcome instanceof Promise)) {
    decided(engine, client, packet, outcome)
    return
  }
  const failed = (error: Error): AuthOutcome => ({
    allowed: false,
    code: codes.serverUnavailable,
    reason: `who it is could not be found out: ${error.message}`,
  })
  void outcome.catch(failed).then((settled) => {
    if (!client.isOver) decided(engine, client, packet, settled)
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
    client.write(writeConnack({ sessionPresent: false, code, properties: { reasonString: message } }, 5))
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
  const { clean, clientId, version, will } = packet
  if (engine.stopping) return { code: codes.serverUnavailable, reason: 'the broker is stopping' }
  const ordered = engine.orderedRefusal(clientId)
  if (ordered !== undefined) return ordered
  if (engine.connected >= limits.maxConnections && engine.keeper.find(clientId)?.client === undefined) {
    return {
      code: codes.serverBusy,
      reason: `there are ${engine.connected} clients already: ${limits.maxConnections} are allowed`,
    }
  }
  if (packet.authenticationMethod !== undefined) {
    return {
      code: codes.badAuthenticationMethod,
      reason: `enhanced authentication is not offered: ${packet.authenticationMethod}`,
    }
  }
  if (clientId === '' && (version === 3 || (version === 4 && !clean))) {
    return {
      code: codes.clientIdentifierNotValid,
      reason: 'an empty Client Identifier where the Session is to be kept [MQTT-3.1.3-8]',
    }
  }
  if (version === 3 && clientId.length > longestClientId31) {
    return {
      code: codes.clientIdentifierNotValid,
      reason: `MQTT 3.1 allows a Client Identifier of ${longestClientId31} characters, not ${clientId.length}`,
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

function refuse(client: Client, packet: ConnectPacket, { code, reason, serverReference }: Refusal): void {
  const { version } = packet
  const said = connackCode(code, version)
  const properties = { reasonString: reason, serverReference }
  const octets = writeConnack({ sessionPresent: false, code: said, properties }, version)
  // What is said in words must not make it too large [MQTT-3.2.2-19].
  const isTooLarge = octets.length > (packet.maximumPacketSize ?? Number.POSITIVE_INFINITY)
  client.write(isTooLarge ? writeConnack({ sessionPresent: false, code: said }, version) : octets)
  client.close(`refused: ${reason}`, undefined, 'failed')
}

function decided(engine: Services, client: Client, packet: ConnectPacket, outcome: AuthOutcome): void {
  if (!outcome.allowed) {
    engine.counters.connectionsRefused++
    const { version } = client
    // A client is told no more than the code: it may be guessing.
    client.write(writeConnack({ sessionPresent: false, code: connackCode(outcome.code, version) }, version))
    client.close(`refused: ${outcome.reason}`, undefined, 'failed')
    return
  }
  accept(engine, client, packet, outcome)
}

function accept(
  engine: Services,
  client: Client,
  packet: ConnectPacket,
  outcome: Extract<AuthOutcome, { allowed: true }>,
): void {
  const { cluster, keeper } = engine
  const clientId =
    outcome.clientId === '' ? keeper.freeClientId(client.connection) + (cluster?.suffix ?? '') : outcome.clientId
  if (cluster === undefined) enter(engine, client, packet, clientId, outcome)
  else {
    cluster.acquire(clientId, () => {
      if (!client.isOver) enter(engine, client, packet, clientId, outcome)
    })
  }
}

/** The Session is this broker's. */
function enter(
  engine: Services,
  client: Client,
  packet: ConnectPacket,
  clientId: string,
  { userName, validUntil }: Extract<AuthOutcome, { allowed: true }>,
): void {
  const { keeper, limits } = engine
  const keepAlive = keepAliveOf(packet, limits.maxKeepAlive)
  const expiry = Math.min(expiryOf(packet), limits.maxSessionExpiry)
  // One client at a time [MQTT-3.1.4-2, in MQTT 5 MQTT-3.1.4-3].
  keeper.find(clientId)?.client?.close('taken over by another connection', codes.sessionTakenOver, 'failed')
  const { served, present } = keeper.open(clientId, packet.clean)
  const accepted: Accepted = { packet, session: served.session, identity: { clientId, userName }, keepAlive, expiry }
  client.serve(accepted, validUntil)
  keeper.enter(client, served, accepted, present)
  const assigned = packet.clientId === clientId ? undefined : clientId
  const properties = packet.version === 5 ? connackProperties(engine, packet, accepted, assigned) : undefined
  client.write(writeConnack({ sessionPresent: present, code: 0, properties }, packet.version))
  served.session.resume()
  engine.arrived(client, clientId)
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
function connackProperties(
  engine: Services,
  packet: ConnectPacket,
  { expiry, identity, keepAlive }: Accepted,
  assigned: string | undefined,
): ConnackProperties {
  const { limits } = engine
  const isLower = expiry < expirySeconds(packet.sessionExpiryInterval)
  return {
    sessionExpiryInterval: isLower ? expiry : undefined,
    receiveMaximum: limits.receiveMaximum === 65_535 ? undefined : limits.receiveMaximum,
    maximumQoS: limits.maxQoS === 2 ? undefined : limits.maxQoS,
    retainAvailable: limits.retainAvailable ? undefined : false,
    maximumPacketSize: limits.maxPacketSize >= 268_435_460 ? undefined : limits.maxPacketSize,
    assignedClientIdentifier: assigned,
    topicAliasMaximum: limits.topicAliasMaximum === 0 ? undefined : limits.topicAliasMaximum,
    serverKeepAlive: keepAlive === packet.keepAlive ? undefined : keepAlive,
    responseInformation: packet.requestResponseInformation ? `response/${identity.clientId}` : undefined,
  }
}
