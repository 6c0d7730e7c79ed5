/** What changes in one bucket. */
export interface BucketChanges {
  /** All that was in it is to go, before anything is put into it. */
  isDropped: boolean
  /** By key; undefined deletes. */
  readonly changes: Map<string, Uint8Array | undefined>
}

/** What is written in one step, by bucket. */
export type Batch = ReadonlyMap<string, BucketChanges>

/**
 * Where a broker keeps what is to outlive its process: values by key, in buckets. Names of buckets and keys have no
 * U+0000 in them.
 */
export interface Store {
  /** What to call it in a message, such as `the store in /plant/.faultline/broker`. */
  readonly name: string
  /**
   * Hands over everything that is stored, in any order.
   *
   * @throws FaultlineError `file-unreadable`
   */
  load(take: (bucket: string, key: string, value: Uint8Array) => void): Promise<void>
  /**
   * All of it, or nothing. When it settles, it is there after the process was killed. Never called while it is under way.
   */
  write(batch: Batch): Promise<void>
  close(): Promise<void>
}
