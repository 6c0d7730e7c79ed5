import { compareNatural } from './natural-order.ts'

/** What has a place among others by its name. */
export interface Named {
  readonly level: string
}

/** So many are sorted, or merged, in one step of long work: less than half a millisecond. */
const stepLength = 256

/** Sorts very many by name. Each step is short. */
export function* sorting<T extends Named>(items: readonly T[]): Generator<undefined, T[]> {
  let runs: T[][] = []
  for (let from = 0; from < items.length; from += stepLength) {
    runs.push(items.slice(from, from + stepLength).sort((a, b) => compareNatural(a.level, b.level)))
    yield
  }
  while (runs.length > 1) {
    const merged: T[][] = []
    for (let i = 0; i < runs.length; i += 2) merged.push(yield* merging(runs[i] ?? [], runs[i + 1] ?? []))
    runs = merged
  }
  return runs[0] ?? []
}

/** Both are sorted. Few that go among many are quick. */
export function* merging<T extends Named>(a: readonly T[], b: readonly T[]): Generator<undefined, T[]> {
  const merged: T[] = []
  let from = 0
  let pause = stepLength
  for (const next of b) {
    for (const to = placeOf(next, a, from); from < to; from++) merged.push(a[from] as T)
    merged.push(next)
    if (merged.length < pause) continue
    pause = merged.length + stepLength
    yield
  }
  for (; from < a.length; from++) merged.push(a[from] as T)
  return merged
}

/** Behind those that come before it, or are the same; it is not before `from`. */
function placeOf(item: Named, sorted: readonly Named[], from: number): number {
  const isBefore = (at: number) => compareNatural((sorted[at] as Named).level, item.level) <= 0
  let low = from
  let stride = 1
  while (low + stride - 1 < sorted.length && isBefore(low + stride - 1)) {
    low += stride
    stride *= 2
  }
  let high = Math.min(sorted.length, low + stride - 1)
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(middle)) low = middle + 1
    else high = middle
  }
  return low
}
