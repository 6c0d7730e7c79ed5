import protobuf from 'protobufjs'

/**
 * Between a script's values and what protobufjs encodes and decodes. Its own conversion takes nearly anything (text for a
 * number, fields that are not there) without a word; a script shall hear of its mistakes.
 */

type Fields = Readonly<Record<string, unknown>>

/** @throws Error naming the field */
export function toMessage(type: protobuf.Type, value: unknown, path: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    throw new Error(`${path} must be an object, not ${said(value)}`)
  }
  const message: Record<string, unknown> = {}
  for (const [name, given] of Object.entries(value)) {
    const field = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined
    if (field === undefined) {
      const names = Object.keys(type.fields).map((known) => `'${known}'`)
      throw new Error(`${path} has no field '${name}'; it has ${names.join(', ') || 'none'}`)
    }
    if (given !== undefined && given !== null) message[name] = toField(field.resolve(), given, `${path}.${name}`)
  }
  checkWhole(type, message, path)
  return message
}

function checkWhole(type: protobuf.Type, message: Fields, path: string): void {
  for (const { name, required } of type.fieldsArray) {
    if (required && message[name] === undefined) throw new Error(`${path} needs its field '${name}'`)
  }
  for (const { name, oneof } of type.oneofsArray) {
    const set = oneof.filter((member) => message[member] !== undefined)
    if (set.length > 1) throw new Error(`${path} can have only one of '${set.join("', '")}': they are one '${name}'`)
  }
}

function toField(field: protobuf.Field, value: unknown, path: string): unknown {
  if (field instanceof protobuf.MapField) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unfit(path, 'an object', value)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [mapKey(field, key, path), toOne(field, item, `${path}['${key}']`)]),
    )
  }
  if (!field.repeated) return toOne(field, value, path)
  if (!Array.isArray(value)) throw unfit(path, 'a list', value)
  return value.map((item, i) => toOne(field, item, `${path}[${i}]`))
}

function toOne(field: protobuf.Field, value: unknown, path: string): unknown {
  const { resolvedType, type } = field
  if (resolvedType instanceof protobuf.Type) return toMessage(resolvedType, value, path)
  if (resolvedType instanceof protobuf.Enum) return toEnum(resolvedType, value, path)
  return toScalar(type, value, path)
}

function toEnum({ name, values }: protobuf.Enum, value: unknown, path: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 2 ** 31) return value
  if (typeof value === 'string' && Object.hasOwn(values, value)) return values[value] as number
  throw unfit(path, `a value of ${name}: '${Object.keys(values).join("', '")}'`, value)
}

/** What the integers of each type may be. */
const bounds: Readonly<Record<string, readonly [least: bigint, most: bigint]>> = {
  int32: signed(32n),
  sint32: signed(32n),
  sfixed32: signed(32n),
  uint32: unsigned(32n),
  fixed32: unsigned(32n),
  int64: signed(64n),
  sint64: signed(64n),
  sfixed64: signed(64n),
  uint64: unsigned(64n),
  fixed64: unsigned(64n),
}

function signed(bits: bigint): [bigint, bigint] {
  return [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n]
}

function unsigned(bits: bigint): [bigint, bigint] {
  return [0n, 2n ** bits - 1n]
}

function toScalar(type: string, value: unknown, path: string): unknown {
  const range = bounds[type]
  if (range !== undefined) return toInteger(type, range, value, path)
  switch (type) {
    case 'float':
    case 'double':
      if (typeof value === 'number') return value
      throw unfit(path, 'a number', value)
    case 'bool':
      if (typeof value === 'boolean') return value
      throw unfit(path, 'true or false', value)
    case 'bytes':
      if (value instanceof Uint8Array) return value
      if (value instanceof ArrayBuffer) return new Uint8Array(value)
      throw unfit(path, 'octets (Uint8Array)', value)
    default:
      if (typeof value === 'string') return value
      throw unfit(path, 'text', value)
  }
}

function toInteger(type: string, [least, most]: readonly [bigint, bigint], value: unknown, path: string): unknown {
  const integer = readInteger(value)
  if (integer === undefined || integer < least || integer > most) {
    throw unfit(path, `a whole number from ${least} to ${most}`, value)
  }
  return type.endsWith('64') ? longOf(integer, least === 0n) : Number(integer)
}

function readInteger(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined
}

function longOf(integer: bigint, unsigned: boolean): protobuf.Long {
  return { low: Number(BigInt.asIntN(32, integer)), high: Number(BigInt.asIntN(32, integer >> 32n)), unsigned }
}

/** protobufjs has keys of 64 bits as eight characters. */
function mapKey({ keyType }: protobuf.MapField, key: string, path: string): string {
  if (keyType === 'string') return key
  const place = `the key '${key}' of ${path}`
  if (keyType === 'bool') {
    if (key === 'true' || key === 'false') return key
    throw unfit(place, 'true or false', key)
  }
  const integer = toScalar(keyType, key, place)
  return keyType.endsWith('64') ? protobuf.util.longToHash(integer as protobuf.Long) : String(integer)
}

/** Fields that are not set are left out where the schema can tell, and have their default otherwise. */
export function fromMessage(type: protobuf.Type, message: object): Fields {
  const value: Record<string, unknown> = {}
  const set = message as Fields
  for (const declared of type.fieldsArray) {
    const field = declared.resolve()
    const { name } = field
    const present = Object.hasOwn(message, name)
    if (field instanceof protobuf.MapField) value[name] = fromMap(field, present ? (set[name] as object) : {})
    else if (field.repeated) value[name] = present ? (set[name] as unknown[]).map((item) => fromOne(field, item)) : []
    else if (present) value[name] = fromOne(field, set[name])
    else if (!canBeUnset(field)) value[name] = fromOne(field, field.typeDefault)
  }
  return value
}

function canBeUnset({ hasPresence, resolvedType }: protobuf.Field): boolean {
  return hasPresence || resolvedType instanceof protobuf.Type
}

function fromMap(field: protobuf.MapField, map: object): Fields {
  const key = (text: string) =>
    field.keyType.endsWith('64') && text.length === 8
      ? String(integerOf(protobuf.util.longFromHash(text, bounds[field.keyType]?.[0] === 0n)))
      : text
  return Object.fromEntries(Object.entries(map).map(([text, item]) => [key(text), fromOne(field, item)]))
}

function fromOne({ resolvedType, type }: protobuf.FieldBase, value: unknown): unknown {
  if (resolvedType instanceof protobuf.Type) return fromMessage(resolvedType, value as object)
  if (resolvedType instanceof protobuf.Enum) return resolvedType.valuesById[value as number] ?? value
  if (type.endsWith('64')) return integerOf(value)
  // A default is a list of numbers, and a `Reader` gives a view into what it reads.
  return type === 'bytes' ? Uint8Array.from(value as ArrayLike<number>) : value
}

/** A number where that is exact. */
function integerOf(value: unknown): number | bigint {
  if (typeof value === 'number') return value
  const { high, low, unsigned } = value as protobuf.Long
  const integer = (BigInt(unsigned ? high >>> 0 : high) << 32n) | BigInt(low >>> 0)
  const number = Number(integer)
  return Number.isSafeInteger(number) ? number : integer
}

function unfit(path: string, wanted: string, value: unknown): Error {
  return new Error(`${path} must be ${wanted}, not ${said(value)}`)
}

function said(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 60)}'`
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}
