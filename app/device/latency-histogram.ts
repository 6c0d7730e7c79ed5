/**
 * How many parts each power of two is cut into: a percentile is at most 1/32 of itself too high.
 */
const parts = 32
/** From a microsecond to 2^36 of them, which is 19 hours. */
const powers = 36
const cells = parts * (powers - Math.log2(parts) + 1)

/**
 * How long things took, in cells that grow with the value, so that the memory is bounded (8 KiB) however many there are.
 * Values are milliseconds, with a resolution of a microsecond.
 */
export class LatencyHistogram {
  readonly #cells = new Float64Array(cells)
  #count = 0

  get count(): number {
    return this.#count
  }

  /** @param ms 0 or more; what is longer than 19 hours counts as that */
  add(ms: number): void {
    this.addTo(cellOf(ms), 1)
  }

  /** Adds to a cell that another histogram has named. */
  addTo(cell: number, count: number): void {
    this.#cells[cell] = (this.#cells[cell] ?? 0) + count
    this.#count += count
  }

  merge(other: LatencyHistogram): void {
    for (const [cell, count] of other.entries()) this.addTo(cell, count)
  }

  /** The cells that hold something, and how much: what crosses between threads. */
  entries(): [cell: number, count: number][] {
    const found: [number, number][] = []
    if (this.#count === 0) return found
    this.#cells.forEach((count, cell) => {
      if (count > 0) found.push([cell, count])
    })
    return found
  }

  clear(): void {
    if (this.#count > 0) this.#cells.fill(0)
    this.#count = 0
  }

  /**
   * The value that so many percent are not above, in milliseconds; undefined when there is none.
   *
   * @param percent over 0, up to 100
   */
  percentile(percent: number): number | undefined {
    if (this.#count === 0) return undefined
    const wanted = Math.max(1, Math.ceil((this.#count * percent) / 100))
    let seen = 0
    for (let cell = 0; cell < cells; cell++) {
      seen += this.#cells[cell] as number
      if (seen >= wanted) return topOf(cell)
    }
    return topOf(cells - 1)
  }

  /** The three that a summary shows. */
  summary(): { readonly p50: number; readonly p95: number; readonly p99: number } | undefined {
    const [p50, p95, p99] = [this.percentile(50), this.percentile(95), this.percentile(99)]
    return p50 === undefined || p95 === undefined || p99 === undefined ? undefined : { p50, p95, p99 }
  }
}

/** The first `parts` cells are a microsecond wide each, then each power of two has as many. */
function cellOf(ms: number): number {
  const us = Math.max(0, Math.round(ms * 1000))
  if (us < parts) return us
  const power = Math.floor(Math.log2(us))
  // Rounding in the logarithm must not put a value below the start of its power.
  const exact = 2 ** power > us ? power - 1 : power
  const width = 2 ** exact / parts
  const first = (exact - Math.log2(parts) + 1) * parts
  return Math.min(cells - 1, first + Math.floor((us - 2 ** exact) / width))
}

/** The largest value in a cell, in milliseconds. */
function topOf(cell: number): number {
  if (cell < parts) return cell / 1000
  const power = Math.floor(cell / parts) - 1 + Math.log2(parts)
  const width = 2 ** power / parts
  return (2 ** power + ((cell % parts) + 1) * width - 1) / 1000
}
