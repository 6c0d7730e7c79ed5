import * as v from 'valibot'
import { captureId, connection, count, empty, octets, wallTime } from './values.ts'

/** What is looked at is named by an id: `live` is the running capture, others are recordings that were opened. */
export const liveCapture = 'live'

export const recording = v.strictObject({
  id: captureId,
  name: v.string(),
  /** Wall time at which its time is 0. */
  captureStart: wallTime,
  records: count,
  /** The number of its first record, and that after its last. */
  first: count,
  next: count,
  /** What could not be read of it, in words; undefined when all could. */
  problem: v.optional(v.string()),
  connections: v.array(connection),
})

const spill = v.strictObject({
  /** The file that is written, relative to the workspace; undefined while nothing is. */
  path: v.optional(v.string()),
  records: count,
  octets: count,
  /** Records that are not in the file, because they left the memory before they could be written. */
  lost: count,
  /** Why it stopped by itself, such as a full disk. */
  problem: v.optional(v.string()),
})

const recordingFile = v.strictObject({ path: v.string(), octets: count, modified: wallTime })

/** The running capture, and recordings. */
export const captureMethods = {
  /** Starts `capture.batch` events for this screen, from the newest record on. */
  'capture.follow': { params: empty, result: v.strictObject({ next: count }) },
  /** Says which batch has been taken in, so that a slow screen is not flooded. */
  'capture.acknowledge': { params: v.strictObject({ batch: count }), result: empty },
  /** Records, at most `limit` (up to 4096), as one block; `first` is higher than asked where older ones are gone. */
  'capture.read': {
    params: v.strictObject({ capture: captureId, from: count, limit: v.pipe(count, v.maxValue(4096)) }),
    result: v.strictObject({ block: octets }),
  },
  /**
   * Numbers of the records from `from` up to `to` (included) that a filter matches, at most 20,000 records in one call;
   * `scannedTo` says how far it came. Refused with `invalid-argument` where the filter cannot be read.
   */
  'capture.search': {
    params: v.strictObject({ capture: captureId, filter: v.string(), from: count, to: count }),
    result: v.strictObject({ numbers: v.array(count), scannedTo: count }),
  },
  /** Writes what the capture holds, or the part of it that a filter matches, to a file in the workspace's `recordings`. */
  'capture.export': {
    params: v.strictObject({
      capture: captureId,
      format: v.picklist(['faultline', 'pcapng', 'jsonl', 'csv']),
      filter: v.string(),
    }),
    result: v.strictObject({ path: v.string(), records: count, octets: count }),
  },
  /** Writes every record to a file from now on, in the workspace's `recordings`, until it is stopped. */
  'recording.start': { params: empty, result: spill },
  'recording.stop': { params: empty, result: spill },
  'recording.state': { params: empty, result: spill },
  /** Files in the workspace's `recordings` that can be opened, newest first. */
  'recordings.list': { params: empty, result: v.array(recordingFile) },
  /**
   * Opens a recording, or a pcap or pcapng file, to be looked at like the running capture. Path relative to the workspace,
   * or absolute. A file that is open already and has not changed since has the same id for every screen.
   */
  'recordings.open': { params: v.strictObject({ path: v.string() }), result: recording },
  /** This screen does not need it any more; what a screen leaves open is closed some time after it has gone. */
  'recordings.close': { params: v.strictObject({ capture: captureId }), result: empty },
} as const

export const captureEvents = {
  /** `skipped` counts the records before this batch that were not sent because the screen was slow; `capture.read` has them. */
  'capture.batch': v.strictObject({ batch: count, skipped: count, block: octets }),
  'recording.changed': spill,
} as const

export type RecordingSnapshot = v.InferOutput<typeof recording>
export type RecordingFile = v.InferOutput<typeof recordingFile>
export type SpillState = v.InferOutput<typeof spill>
