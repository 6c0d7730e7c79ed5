import type { Clock } from '../../../app/base/clock.ts'
import { Meter, type MeterReading } from '../meter.ts'

/** How often it is told what was counted, in milliseconds. */
const every = 250

/** Counts what the devices of each fleet do in this worker, and tells it a few times a second. */
export class Meters {
  readonly #meters = new Map<string, Meter>()
  readonly #clock: Clock
  readonly #tell: (fleet: string, reading: MeterReading) => void

  constructor(clock: Clock, tell: (fleet: string, reading: MeterReading) => void) {
    this.#clock = clock
    this.#tell = tell
    this.#flushLater()
  }

  of(fleet: string): Meter {
    const known = this.#meters.get(fleet)
    if (known !== undefined) return known
    const meter = new Meter()
    this.#meters.set(fleet, meter)
    return meter
  }

  #flushLater(): void {
    this.#clock.after(every, () => {
      this.#flush()
      this.#flushLater()
    })
  }

  #flush(): void {
    for (const [fleet, meter] of this.#meters) {
      const reading = meter.take()
      if (reading !== undefined) this.#tell(fleet, reading)
    }
  }
}
