import { generate, type IConnectPacket, type IPublishPacket } from 'mqtt-packet'
import { isFate, type PacketFate } from '../../app/capture/captured.ts'
import type { NewRule } from '../../app/contract/wire.ts'
import { ruleDefaults } from '../../app/faults/check-rule.ts'
import { createConnectionPair } from '../../app/mqtt/connection-pair.ts'
import type { Direction, NetworkConnection } from '../../app/mqtt/network-connection.ts'
import type { Link } from '../../main/link/link.ts'
import { createWire, type Wire } from '../../main/link/wire.ts'
import { ConnectionLog } from './connection-log.ts'
import { FakeClock } from './fake-clock.ts'
import { TapLog } from './tap-log.ts'

/** A Link whose both ends lead into a test. */
export interface TestLink {
  readonly connection: number
  readonly link: Link
  readonly client: NetworkConnection
  readonly broker: NetworkConnection
  readonly atClient: ConnectionLog
  readonly atBroker: ConnectionLog
}

/** A wire without sockets, on a clock that stands still. */
export class TestWire {
  readonly clock = new FakeClock()
  readonly tap: TapLog
  readonly wire: Wire
  #connections = 0

  constructor({ seed = 1, keeps }: { readonly seed?: number; readonly keeps?: number } = {}) {
    this.tap = new TapLog(keeps)
    this.wire = createWire({ clock: this.clock, seed, tap: this.tap })
  }

  open(): TestLink {
    const connection = ++this.#connections
    const [client, clientEnd] = createConnectionPair()
    const [brokerEnd, broker] = createConnectionPair()
    const atClient = new ConnectionLog(client)
    const atBroker = new ConnectionLog(broker)
    const link = this.wire.open({ connection, client: clientEnd, broker: brokerEnd })
    client.resume()
    broker.resume()
    return { connection, link, client, broker, atClient, atBroker }
  }

  /** A link whose client has said who it is. What was heard and captured of that is forgotten. */
  connect(clientId: string, options: Partial<IConnectPacket> = {}): TestLink {
    const link = this.open()
    link.client.write(connectPacket(clientId, options))
    return link
  }

  get fates(): PacketFate[] {
    return this.tap.events.filter(isFate)
  }

  /** Numbers of the captured packets that went this way. */
  numbers(connection: number, direction: Direction): number[] {
    return this.tap.packets
      .filter((packet) => packet.connection === connection && packet.direction === direction)
      .map(({ number }) => number)
  }
}

export function connectPacket(clientId: string, options: Partial<IConnectPacket> = {}): Uint8Array {
  return generate({ cmd: 'connect', clientId, protocolVersion: 4, clean: true, keepalive: 0, ...options })
}

export function publishPacket(topic: string, payload: string, options: Partial<IPublishPacket> = {}): Buffer {
  return generate({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false, ...options })
}

/** PUBACK, PUBREC, PUBREL and PUBCOMP. */
export function acknowledgement(cmd: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp', messageId: number): Uint8Array {
  return generate({ cmd, messageId })
}

/** A rule for every packet of every client, but for what is given. */
export function newRule(fault: string, { settings, ...fields }: Partial<NewRule> = {}): NewRule {
  const defaults = ruleDefaults(fault)
  return { ...defaults, ...fields, settings: { ...defaults.settings, ...settings } }
}
