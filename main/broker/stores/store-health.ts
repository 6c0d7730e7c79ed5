/** How a store does, since the broker began. */
export interface StoreHealth {
  /** Batches that were written, and attempts that failed. */
  readonly writes: number
  readonly failures: number
  /** What the attempts took together, in seconds, and the longest of them. */
  readonly seconds: number
  readonly longest: number
  /** The last attempt failed: nothing is acknowledged. */
  readonly isFailing: boolean
  /** For how many seconds, where it does. */
  readonly failingFor: number
  /** Octets that wait to be written, with what goes to clients after that. */
  readonly waiting: number
  /** How often so much waited that nothing more was taken from clients for a while. */
  readonly fullTimes: number
}
