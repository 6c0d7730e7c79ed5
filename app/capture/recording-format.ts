import { FaultlineError } from '../base/errors.ts'
import { CaptureBatch } from './batch.ts'
import { crc32 } from './recording-crc.ts'

/**
 * Faultline's own recording file, `.faultline`. All numbers are little-endian.
 *
 * - a header: the magic, version u32, length of the meta data u32, CRC-32 of the header without this field u32, the meta
 *   data as JSON
 * - chunks: length of the body u32, CRC-32 of the chunk without this field u32, kind u8, the body. A chunk of records is
 *   a `packBatch` block; the last chunk of a recording that was stopped in order is its end, as JSON
 *
 * Chunks are only ever added, so that a file whose writer was killed is whole up to its last chunk. Where the numbers of
 * one chunk do not follow those of the one before it, records were lost, or left out by a filter.
 */
const recordingVersion = 1
export const recordingEnding = '.faultline'

/** Neither text nor UTF-8, and with both kinds of line end, so that a transfer that changes those is noticed. */
const magic = Uint8Array.of(0x89, 0x46, 0x4c, 0x54, 0x0d, 0x0a, 0x1a, 0x0a)
export const headerStart = 20
const chunkStart = 9
/** What a header or a chunk may say at most, in octets: more is damage, and not worth the memory. */
const mostMeta = 64 * 1024 * 1024
const mostChunk = 64 * 1024 * 1024

const chunkKinds = [undefined, 'records', 'end'] as const
export type ChunkKind = Exclude<(typeof chunkKinds)[number], undefined>

/** What is known of a Network Connection before its first record is read. */
export interface KnownConnection {
  readonly id: number
  readonly clientId?: string | undefined
  readonly protocolVersion?: number | undefined
  /** In seconds, as CONNECT said; 0 is off. */
  readonly keepAlive?: number | undefined
  readonly remote: string
}

export interface RecordingMeta {
  /** Wall time at which the time of its records is 0, in milliseconds since 1970. */
  readonly captureStart: number
  /** The version of the program that wrote it. */
  readonly program: string
  /** The filter that chose its records; undefined where all are meant to be there. */
  readonly filter?: string | undefined
  /** Connections that the records alone do not tell of: those that were open when it began. */
  readonly connections: readonly KnownConnection[]
}

/** What the writer had to say when it stopped in order. */
export interface RecordingEnd {
  /** Why it stopped by itself, such as a full disk. */
  readonly problem?: string | undefined
}

/**
 * How each version of the file is read. When something changes, the older reader stays and gets what turns its data into
 * today's; the block's own version counts as a change too.
 */
const readers: Readonly<Record<number, { meta(json: unknown): RecordingMeta; block(body: Uint8Array): Uint8Array }>> = {
  1: { meta: checkMeta, block: (body) => body },
}

const utf8 = new TextEncoder()
const text = new TextDecoder('utf-8', { ignoreBOM: true })

export function encodeHeader(meta: RecordingMeta): Uint8Array {
  const json = utf8.encode(JSON.stringify(meta))
  const octets = new Uint8Array(headerStart + json.length)
  const view = new DataView(octets.buffer)
  octets.set(magic)
  view.setUint32(8, recordingVersion, true)
  view.setUint32(12, json.length, true)
  octets.set(json, headerStart)
  view.setUint32(16, crc32(json, crc32(octets.subarray(0, 16))), true)
  return octets
}

/** @param block what `packBatch` gives. */
export function encodeRecords(block: Uint8Array): Uint8Array {
  return encodeChunk('records', block)
}

export function encodeEnd(end: RecordingEnd): Uint8Array {
  return encodeChunk('end', utf8.encode(JSON.stringify(end)))
}

function encodeChunk(kind: ChunkKind, body: Uint8Array): Uint8Array {
  const octets = new Uint8Array(chunkStart + body.length)
  const view = new DataView(octets.buffer)
  view.setUint32(0, body.length, true)
  octets[8] = chunkKinds.indexOf(kind)
  octets.set(body, chunkStart)
  view.setUint32(4, chunkSum(octets), true)
  return octets
}

function chunkSum(octets: Uint8Array): number {
  return crc32(octets.subarray(8), crc32(octets.subarray(0, 4)))
}

/** Whether a file that starts with these octets (8 of them are enough) is a recording, be it damaged. */
export function isRecording(start: Uint8Array): boolean {
  return magic.every((octet, i) => start[i] === octet)
}

export interface RecordingHeader {
  readonly meta: RecordingMeta
  readonly version: number
  /** Where the first chunk begins. */
  readonly length: number
}

/** Octets that can be read from any place; `read` gives fewer only where they end. */
export interface OctetSource {
  readonly size: number
  read(offset: number, length: number): Uint8Array
}

/**
 * @throws FaultlineError `unsupported-version` for a file of a newer program, `invalid-argument` for one that is no
 * recording, or whose header is damaged.
 */
export function readHeader(source: OctetSource): RecordingHeader {
  const start = source.read(0, headerStart)
  if (!isRecording(start)) throw unreadable('it is no recording of Faultline')
  if (start.length < headerStart) throw unreadable('its header is cut short')
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength)
  const version = view.getUint32(8, true)
  const length = view.getUint32(12, true)
  const json = length > mostMeta ? new Uint8Array(0) : source.read(headerStart, length)
  const damaged = json.length < length || crc32(json, crc32(start.subarray(0, 16))) !== view.getUint32(16, true)
  // Only a header that is whole can say that it is newer; a newer one still begins like this.
  if (damaged) throw unreadable('its header is damaged or cut short')
  const reader = readers[version]
  if (reader === undefined) throw unsupported(version)
  return { meta: reader.meta(parse(text.decode(json))), version, length: headerStart + length }
}

/** A chunk of records, and where it lies. */
export interface ScannedChunk {
  readonly offset: number
  /** Octets that it takes in the file. */
  readonly length: number
  readonly batch: CaptureBatch
}

export interface ScanResult {
  /** Where the last whole chunk ends. */
  readonly end: number
  /** Undefined where the writer did not come to stop in order. */
  readonly ended: RecordingEnd | undefined
  /** Why the rest of the file cannot be read, in words; undefined where there is no rest. */
  readonly damage: string | undefined
  /** Whether the rest is the beginning of a block, as it is while that block is being written. */
  readonly unfinished: boolean
}

/**
 * Reads the chunks of a recording one after the other, up to the first that is broken: what follows one cannot be
 * trusted, because its length cannot.
 */
export function* scanChunks(source: OctetSource, header: RecordingHeader): Generator<ScannedChunk, ScanResult> {
  let at = header.length
  let next = 1
  let ended: RecordingEnd | undefined
  while (at < source.size) {
    const damage = (why: string): ScanResult => {
      return { end: at, ended, damage: describeDamage(source.size, at, why), unfinished: why === cutShort }
    }
    if (ended !== undefined) return damage('there is something behind its end')
    const chunk = readChunk(source, at)
    if (typeof chunk === 'string') return damage(chunk)
    const length = chunkStart + chunk.body.length
    if (chunk.kind === 'end') {
      ended = endOf(chunk.body)
    } else {
      const batch = batchOf(chunk.body, header.version)
      if (batch === undefined || batch.first < next) return damage('a block in it does not make sense')
      next = batch.first + batch.count
      yield { offset: at, length, batch }
    }
    at += length
  }
  return { end: at, ended, damage: undefined, unfinished: false }
}

/**
 * The records of one chunk that was scanned before.
 *
 * @throws FaultlineError `file-unreadable` when the file has changed since.
 */
export function readRecords(source: OctetSource, header: RecordingHeader, offset: number): CaptureBatch {
  const chunk = readChunk(source, offset)
  const batch = typeof chunk !== 'string' && chunk.kind === 'records' ? batchOf(chunk.body, header.version) : undefined
  if (batch !== undefined) return batch
  throw new FaultlineError({
    code: 'file-unreadable',
    message: `the recording has changed while it was open: what stood at octet ${offset} is gone`,
    hint: 'open it again',
  })
}

const cutShort = 'it ends within a block'

/** The chunk at this place; why there is none, in words. */
function readChunk(source: OctetSource, at: number): { kind: ChunkKind; body: Uint8Array } | string {
  const start = source.read(at, chunkStart)
  if (start.length < chunkStart) return cutShort
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength)
  const length = view.getUint32(0, true)
  const kind = chunkKinds[view.getUint8(8)]
  if (length > mostChunk || kind === undefined) return 'the start of a block is damaged'
  if (length > source.size - at - chunkStart) return cutShort
  const chunk = source.read(at, chunkStart + length)
  if (chunk.length < chunkStart + length) return cutShort
  if (chunkSum(chunk) !== view.getUint32(4, true)) return 'the check sum of a block is wrong'
  return { kind, body: chunk.subarray(chunkStart) }
}

function batchOf(body: Uint8Array, version: number): CaptureBatch | undefined {
  try {
    return new CaptureBatch((readers[version] as (typeof readers)[number]).block(body))
  } catch (error) {
    if (error instanceof FaultlineError) return undefined
    throw error
  }
}

function endOf(body: Uint8Array): RecordingEnd {
  const json = parse(text.decode(body))
  const problem = typeof json === 'object' && json !== null && 'problem' in json ? json.problem : undefined
  return typeof problem === 'string' ? { problem } : {}
}

function describeDamage(size: number, at: number, why: string): string {
  return `the last ${size - at} of ${size} octets cannot be read: ${why}`
}

function checkMeta(json: unknown): RecordingMeta {
  const meta = json as Partial<Record<keyof RecordingMeta, unknown>> | null | undefined
  const isMeta =
    typeof meta === 'object' &&
    Number.isFinite(meta?.captureStart) &&
    typeof meta?.program === 'string' &&
    (meta.filter === undefined || typeof meta.filter === 'string') &&
    Array.isArray(meta.connections) &&
    meta.connections.every(isKnownConnection)
  if (!isMeta) throw unreadable('its header does not make sense')
  return meta as unknown as RecordingMeta
}

function isKnownConnection(json: unknown): json is KnownConnection {
  if (typeof json !== 'object' || json === null) return false
  const { id, clientId, protocolVersion, keepAlive, remote }: Partial<Record<keyof KnownConnection, unknown>> = json
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
  return (
    isCount(id) &&
    typeof remote === 'string' &&
    (clientId === undefined || typeof clientId === 'string') &&
    [protocolVersion, keepAlive].every((value) => value === undefined || isCount(value))
  )
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    // Those who ask look at what it is, and nothing is refused there.
    return undefined
  }
}

function unreadable(why: string): FaultlineError {
  return new FaultlineError({
    code: 'invalid-argument',
    message: `the recording cannot be read: ${why}`,
    hint: 'take another copy of the file, if there is one: without its header nothing in it can be read',
  })
}

function unsupported(version: number): FaultlineError {
  return new FaultlineError({
    code: 'unsupported-version',
    message: `the recording has version ${version}, and this program reads versions up to ${recordingVersion}`,
    hint: 'open it with a newer Faultline',
  })
}
