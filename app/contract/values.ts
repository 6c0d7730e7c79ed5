import * as v from 'valibot'

/** Schemas that several parts of the contract need. */

export const count = v.pipe(v.number(), v.integer(), v.minValue(0))
export const wallTime = v.number()
export const octets = v.custom<Uint8Array>((input) => input instanceof Uint8Array, 'expected octets')

export const qos = v.picklist([0, 1, 2])

export const packetNumber = v.pipe(v.number(), v.integer(), v.minValue(1))
/** Which way a Control Packet goes. */
export const directions = v.picklist(['to broker', 'to client'])
export const captureId = v.string()
export const empty = v.strictObject({})

export const scriptError = v.strictObject({
  message: v.string(),
  file: v.string(),
  line: v.optional(count),
  column: v.optional(count),
  stack: v.optional(v.string()),
})

export const connection = v.strictObject({
  id: count,
  /** Undefined until its CONNECT was seen. */
  clientId: v.optional(v.string()),
  protocolVersion: v.optional(count),
  /** In seconds, as CONNECT said; 0 is off. */
  keepAlive: v.optional(count),
  remote: v.string(),
  open: v.boolean(),
  /** Wall time of opening. */
  since: wallTime,
  /** Control Packets, both ways. */
  packets: count,
  /** Wall time of the last Control Packet from the client: its keep alive counts from here. */
  lastFromClientAt: v.optional(wallTime),
})
