import { formatDuration } from '../../app/device/duration-words.ts'

/** What was made wrong with a device and is not healed. */
export class DeviceFaults {
  /** Its program stands still. */
  hangs = false
  wrongPassword = false
  /** By how many milliseconds its clock is ahead; negative is behind. */
  skewMs = 0
  /** The name of the client certificate that it connects with instead of its own. */
  certificate: string | undefined

  /**
   * Its program has ended. What belongs to it is gone, the clock with the power; a password and a certificate are
   * configuration, and stay wrong until somebody sets them right.
   */
  endLife(): void {
    this.hangs = false
    this.skewMs = 0
  }

  heal(): void {
    this.endLife()
    this.wrongPassword = false
    this.certificate = undefined
  }

  /** Such as `hangs` and `clock 2 min ahead`. */
  words(): string[] {
    const words: string[] = []
    if (this.hangs) words.push('hangs')
    if (this.wrongPassword) words.push('wrong password')
    if (this.certificate !== undefined) words.push(`certificate '${this.certificate}'`)
    if (this.skewMs !== 0) {
      words.push(`clock ${formatDuration(Math.abs(this.skewMs))} ${this.skewMs > 0 ? 'ahead' : 'behind'}`)
    }
    return words
  }
}
