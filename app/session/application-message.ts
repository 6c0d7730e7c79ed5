import type { QoS } from '../mqtt/control-packet.ts'
import type { Origin } from '../mqtt/network-connection.ts'
import type { MessageProperties } from '../mqtt/packets.ts'

/** An Application Message on its way through the broker, from its PUBLISH or will to every Session that gets it. */
export interface ApplicationMessage {
  readonly topic: string
  readonly payload: Uint8Array
  /** With which it was published. */
  readonly qos: QoS
  /** The RETAIN flag with which it was published. */
  readonly retain: boolean
  readonly properties: MessageProperties | undefined
  /** Wall time at which it expires, in milliseconds since 1970; undefined where it does not. */
  readonly expiresAt: number | undefined
  readonly origin: Origin
}

/** Whether its Message Expiry Interval has passed [MQTT-3.3.2-5]. @param now wall time in milliseconds */
export function isExpired({ expiresAt }: ApplicationMessage, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now
}

/** What is left of the Message Expiry Interval [MQTT-3.3.2-6], in whole seconds, at least 1; undefined without one. */
export function expiryLeft({ expiresAt }: ApplicationMessage, now: number): number | undefined {
  return expiresAt === undefined ? undefined : Math.max(1, Math.ceil((expiresAt - now) / 1000))
}

/** Octets of its payload, topic and properties, as good as they are known: text counts by its UTF-16 units. */
export function messageSize({ payload, properties, topic }: ApplicationMessage): number {
  const size = payload.length + topic.length
  return properties === undefined ? size : size + propertiesSize(properties)
}

function propertiesSize({ contentType, correlationData, responseTopic, userProperties }: MessageProperties): number {
  let size = (contentType?.length ?? 0) + (correlationData?.length ?? 0) + (responseTopic?.length ?? 0)
  for (const [name, value] of userProperties ?? []) size += name.length + value.length
  return size
}
