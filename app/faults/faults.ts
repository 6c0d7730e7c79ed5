import { bandwidth } from './bandwidth.ts'
import { corrupt } from './corrupt.ts'
import { cut } from './cut.ts'
import { delay } from './delay.ts'
import { drop } from './drop.ts'
import { duplicate } from './duplicate.ts'
import type { Fault } from './fault.ts'
import { halfOpen } from './half-open.ts'
import { jitter } from './jitter.ts'
import { latency } from './latency.ts'
import { loss } from './loss.ts'
import { refuse } from './refuse.ts'
import { reorder } from './reorder.ts'
import { slice } from './slice.ts'
import { truncate } from './truncate.ts'

const all: readonly Fault[] = [
  latency,
  jitter,
  delay,
  bandwidth,
  loss,
  drop,
  duplicate,
  reorder,
  corrupt,
  truncate,
  slice,
  cut,
  halfOpen,
  refuse,
]

/** Every fault of a link by its name, in the order in which a menu shows them. */
export const faults: Readonly<Record<string, Fault>> = Object.freeze(
  Object.fromEntries(all.map((fault) => [fault.name, fault])),
)

export const faultNames: readonly string[] = all.map((fault) => fault.name)

/** The fault of that name; unlike `faults[name]` it knows nothing of what every object has. */
export function findFault(name: string): Fault | undefined {
  return Object.hasOwn(faults, name) ? faults[name] : undefined
}
