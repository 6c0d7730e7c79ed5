import { formatDuration } from '../../app/device/duration-words.ts'

/** What can be made wrong with a device, as a capture names it. */
export type DeviceFaultName =
  | 'power loss'
  | 'reboot'
  | 'crash'
  | 'hang'
  | 'take over'
  | 'wrong password'
  | 'certificate'
  | 'clock skew'

/** A fault of a device begins or ends. Each beginning has one end, unless the workbench is closed before. */
export interface FaultChange {
  readonly fault: DeviceFaultName
  readonly phase: 'begins' | 'ends'
  /** In words, such as `hang begins: the program stands still`. */
  readonly what: string
  /** Who began it. */
  readonly by: string
}

/** They belong to the running program, the clock to the power, and end with it. */
const ofLife: readonly DeviceFaultName[] = ['hang', 'clock skew', 'take over']
/** They end when a program runs again. */
const ofPower: readonly DeviceFaultName[] = ['reboot', 'power loss', 'crash']
/** What can be healed. */
const lasting: readonly DeviceFaultName[] = ['hang', 'wrong password', 'certificate', 'clock skew']

/** What was made wrong with a device and has not ended. Tells of each beginning and each end, once. */
export class DeviceFaults {
  readonly #tell: (change: FaultChange) => void
  /** Who began each of those that have not ended. */
  readonly #active = new Map<DeviceFaultName, string>()
  #skewMs = 0
  #certificate: string | undefined
  #secondClients = 0

  constructor(tell: (change: FaultChange) => void) {
    this.#tell = tell
  }

  /** Its program stands still. */
  get hangs(): boolean {
    return this.#active.has('hang')
  }

  get wrongPassword(): boolean {
    return this.#active.has('wrong password')
  }

  /** By how many milliseconds its clock is ahead; negative is behind. */
  get skewMs(): number {
    return this.#skewMs
  }

  /** The name of the client certificate that it connects with instead of its own. */
  get certificate(): string | undefined {
    return this.#certificate
  }

  /**
   * Tells that it begins; what it is instead of, of the same kind, ends before.
   *
   * @param how in words
   * @param by who does it
   */
  begin(fault: Exclude<DeviceFaultName, 'clock skew' | 'certificate'>, how: string, by = 'you'): void {
    this.#begin(fault, how, by)
  }

  /** @param skewMs 0 sets the clock right. */
  skewClock(skewMs: number): void {
    if (skewMs === 0) {
      this.#end('clock skew', 'the clock was set right')
      return
    }
    this.#begin('clock skew', `the clock is ${clockWords(skewMs)}`, 'you')
    this.#skewMs = skewMs
  }

  connectWith(name: string): void {
    this.#begin('certificate', `connects anew with the certificate '${name}'`, 'you')
    this.#certificate = name
  }

  /** A second client is about to connect; gives its number, by which its end is recognized. */
  takeOver(): number {
    this.#begin('take over', 'a second client connects with its Client Identifier', 'you')
    this.#secondClients += 1
    return this.#secondClients
  }

  /** @param second what `takeOver` has given; that of an earlier one changes nothing. */
  secondClientGone(second: number, why: string): void {
    if (second === this.#secondClients) this.#end('take over', why)
  }

  /** It is given another address, which has its own certificate. */
  leaveCertificate(why: string): void {
    this.#end('certificate', why)
  }

  /**
   * Its program has ended. What belongs to it is gone, the clock with the power; a password and a certificate are
   * configuration, and stay wrong until somebody sets them right.
   */
  endLife(): void {
    for (const fault of ofLife) this.#end(fault, 'the program that it concerned has ended')
  }

  /** A program runs in it again. */
  powered(reason: string): void {
    for (const fault of ofPower) this.#end(fault, reason)
  }

  heal(): void {
    for (const fault of lasting) this.#end(fault, 'healed')
  }

  /** The device is no more. */
  dispose(): void {
    for (const fault of [...this.#active.keys()]) this.#end(fault, 'the device was removed')
  }

  /** What lasts until it is healed, such as `hangs` and `clock 2 min ahead`. */
  words(): string[] {
    const words: string[] = []
    if (this.hangs) words.push('hangs')
    if (this.wrongPassword) words.push('wrong password')
    if (this.#certificate !== undefined) words.push(`certificate '${this.#certificate}'`)
    if (this.#skewMs !== 0) words.push(`clock ${clockWords(this.#skewMs)}`)
    return words
  }

  #begin(fault: DeviceFaultName, how: string, by: string): void {
    this.#end(fault, 'it begins anew')
    this.#active.set(fault, by)
    this.#tell({ fault, phase: 'begins', what: `${fault} begins: ${how}`, by })
  }

  #end(fault: DeviceFaultName, why: string): void {
    const by = this.#active.get(fault)
    if (by === undefined) return
    this.#active.delete(fault)
    if (fault === 'clock skew') this.#skewMs = 0
    if (fault === 'certificate') this.#certificate = undefined
    this.#tell({ fault, phase: 'ends', what: `${fault} ends: ${why}`, by })
  }
}

function clockWords(skewMs: number): string {
  return `${formatDuration(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead' : 'behind'}`
}
