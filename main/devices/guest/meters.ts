import { Meter, type MeterReading } from '../meter.ts'

/** How often it is told what was counted, in milliseconds. */
const every = 250

/** Counts what the devices of each fleet do in this worker, and tells it a few times a second. */
export class Meters {
  readonly #meters = new Map<string, Meter>()
  readonly #tell: (fleet: string, reading: MeterReading) => void

  constructor(tell: (fleet: string, reading: MeterReading) => void) {
    this.#tell = tell
    setInterval(() => this.#flush(), every)
  }

  of(fleet: string): Meter {
    const known = this.#meters.get(fleet)
    if (known !== undefined) return known
    const meter = new Meter()
    this.#meters.set(fleet, meter)
    return meter
  }

  #flush(): void {
    for (const [fleet, meter] of this.#meters) {
      const reading = meter.take()
      if (reading !== undefined) this.#tell(fleet, reading)
    }
  }
}
