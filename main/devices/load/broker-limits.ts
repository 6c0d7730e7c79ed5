import type { IConnackPacket } from 'mqtt-packet'
import type { LoadSettings } from '../../../app/device/fleet.ts'
import type { Meter } from '../meter.ts'

const none = Number.POSITIVE_INFINITY

/** What the broker's CONNACK allows a client. Only MQTT 5 has such limits. */
export class BrokerLimits {
  readonly #meter: Meter
  /** Messages of QoS 1 and 2 that are not acknowledged [MQTT-3.3.4-7]. */
  receiveMaximum = none
  /** Octets of a whole packet [MQTT-3.2.2-15]. */
  maximumPacketSize = none
  #qos = 2
  #retain = true
  /** What was counted once, and is not counted for each message. */
  #qosCounted = false
  #retainCounted = false

  constructor(meter: Meter) {
    this.#meter = meter
  }

  /** A connection was accepted. */
  read(properties: IConnackPacket['properties']): void {
    this.receiveMaximum = properties?.receiveMaximum ?? none
    this.maximumPacketSize = properties?.maximumPacketSize ?? none
    this.#qos = properties?.maximumQoS ?? 2
    this.#retain = properties?.retainAvailable ?? true
  }

  /** The QoS that is asked for, or the most that the broker takes [MQTT-3.2.2-11]. */
  qos(settings: LoadSettings): 0 | 1 | 2 {
    return Math.min(settings.qos, this.#qos) as 0 | 1 | 2
  }

  /** Without RETAIN where the broker would not have it [MQTT-3.2.2-14]. */
  retain(settings: LoadSettings): boolean {
    return settings.retain && this.#retain
  }

  /** A message is sent; counts, once for each client, that it is not as the settings ask for. */
  countLowered(settings: LoadSettings): void {
    if (settings.qos > this.#qos && !this.#qosCounted) {
      this.#qosCounted = true
      this.#meter.failed(`sent at QoS ${this.#qos}: the broker takes no more`)
    }
    if (settings.retain && !this.#retain && !this.#retainCounted) {
      this.#retainCounted = true
      this.#meter.failed('sent without RETAIN: the broker keeps no messages')
    }
  }
}
