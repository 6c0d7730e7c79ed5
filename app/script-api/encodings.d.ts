/** Payloads that are neither text nor JSON. */
declare module 'faultline' {
  /** Turns values into octets and back: `client.publish(topic, cbor.encode({ celsius: 21.5 }))`. */
  export interface Encoding {
    /** Throws for a value that this encoding cannot hold. */
    encode(value: unknown): Uint8Array
    /** Throws for octets that are not of this encoding. */
    // biome-ignore lint/suspicious/noExplicitAny: what arrives is the business of the script
    decode(octets: Uint8Array | ArrayBuffer): any
  }

  /**
   * CBOR (RFC 8949), the binary form of JSON: `cbor.encode({ t: 21.5, raw: bytes.fromHex('00ff') })`, and for what
   * arrives `message({ payload }) { const { t } = cbor.decode(payload) }`.
   *
   * Numbers take the shortest form that is exact. `bigint`, `Date`, `Uint8Array` and `Map` have forms of their own; a property
   * that is undefined is left out. What is decoded has integers beyond ±2^53 as `bigint`, dates as `Date`, and a map as an object, or as a `Map` when
   * one of its keys is not text.
   */
  export const cbor: Encoding

  /**
   * Protocol Buffers, by a schema of the workspace (proto2, proto3 or editions). The path counts from the workspace's
   * folder; imports are looked for beside the file that has them, then in the folders above; `google/protobuf/*.proto` is
   * there by itself. A device that was given another schema restarts.
   *
   * ```ts
   * const Reading = protobuf('schemas/plant.proto').message('Reading')
   * client.publish(topic, Reading.encode({ celsius: 21.5, state: 'RUNNING' }))
   * message({ payload }) { log(Reading.decode(payload).celsius) }
   * ```
   */
  export function protobuf(file: string): ProtobufSchema

  export interface ProtobufSchema {
    /** A message type: `'plant.v1.Reading'`, or `'Reading'` where no other has that name. Throws when there is none. */
    message(name: string): ProtobufMessage
    /** The full names of all message types. */
    readonly messages: readonly string[]
  }

  /**
   * Fields have the names of the schema. An enum is the name of its value (a number where it has none), bytes are
   * `Uint8Array`, a map is an object. An integer of 64 bits is a number, and beyond ±2^53 a `bigint`; `encode` takes
   * either, or text. `encode` throws for a field that the schema does not have, and for a value that does not fit one.
   *
   * `decode` leaves out what is not set, if the schema can tell (`optional`, `oneof`, messages, proto2); all other fields
   * have their default.
   */
  export interface ProtobufMessage extends Encoding {
    /** The full name, such as `plant.v1.Reading`. */
    readonly name: string
  }

  /** Octets from text and other forms, and back. Of numbers, a `DataView` takes care. */
  export const bytes: Bytes

  export interface Bytes {
    /** Text as UTF-8. */
    fromText(text: string): Uint8Array
    /** UTF-8 as text; what is not UTF-8 becomes U+FFFD. */
    toText(octets: Uint8Array | ArrayBuffer): string
    /** Two digits an octet, of either case; spaces and colons between them do not matter: `bytes.fromHex('01 0a ff')`. */
    fromHex(text: string): Uint8Array
    /** Two digits an octet, lower case: `'010aff'`. */
    toHex(octets: Uint8Array | ArrayBuffer): string
    /** Base64 (RFC 4648), also its form for URLs; padding may be left out. */
    fromBase64(text: string): Uint8Array
    /** Base64 (RFC 4648) with padding. */
    toBase64(octets: Uint8Array | ArrayBuffer): string
    /** One after the other: `bytes.concat(header, bytes.fromText('ok'))`. */
    concat(...parts: readonly (Uint8Array | ArrayBuffer)[]): Uint8Array
  }
}
