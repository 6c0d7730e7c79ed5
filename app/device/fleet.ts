import type { ScriptError } from './device-snapshot.ts'

/**
 * Devices that belong together: `scripted`, each with a sandbox of its own, or `load`, clients without a script call a
 * message, for high rates.
 */
export const fleetKinds = ['scripted', 'load'] as const
export type FleetKind = (typeof fleetKinds)[number]

/** What the clients of a load fleet do; `change` can set it while they run. */
export interface LoadSettings {
  /** Topic Name; `{id}` and `{n}` stand for the client's. */
  readonly topic: string
  /** Time between two messages of one client, in milliseconds; 0 is as fast as acknowledgements come. */
  readonly everyMs: number
  /** Payload template: see `app/device/payload-template.ts`. */
  readonly payload: string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
}

/** Numbers of a fleet since it began. */
export interface LoadCounters {
  readonly published: number
  /** PUBACK or PUBCOMP has come; nothing of QoS 0 is counted here. */
  readonly acknowledged: number
  /** Time from PUBLISH to PUBACK or PUBCOMP, in milliseconds, over the last minute at most; undefined without any. */
  readonly latency: { readonly p50: number; readonly p95: number; readonly p99: number } | undefined
  /** Messages in the last second. */
  readonly rate: number
  /** Why connections failed or ended, and how often. */
  readonly errors: Readonly<Record<string, number>>
}

/** How a reason in `errors` begins that the way to the broker has nothing to do with: the script is to blame, or the process. */
export const ownReasons = {
  /** There is none with what its texts became. */
  absent: 'a client cannot be: ',
  ended: 'a client was ended: ',
  processGone: 'its process is gone: ',
} as const

/** What clients of a load fleet have failed with by themselves, and how often; the most frequent first. */
export function ownFailures({ counters, kind }: Pick<FleetSnapshot, 'counters' | 'kind'>): readonly {
  readonly message: string
  readonly times: number
  readonly byScript: boolean
}[] {
  if (kind !== 'load' || counters === undefined) return []
  const begins = Object.values(ownReasons)
  return Object.entries(counters.errors)
    .filter(([reason]) => begins.some((begin) => reason.startsWith(begin)))
    .map(([message, times]) => ({ message, times, byScript: !message.startsWith(ownReasons.processGone) }))
    .toSorted((a, b) => b.times - a.times)
}

/** What can be wrong with a fleet: its script has a mistake, a process of its clients is gone, or it is too big. */
export const fleetTroubles = ['script', 'process', 'count'] as const
export type FleetTrouble = (typeof fleetTroubles)[number]

/** Has a line only where its script is to blame. */
export interface FleetError extends ScriptError {
  readonly trouble: FleetTrouble
}

export interface FleetSnapshot {
  /** The name of its entry in `faultline.json`, or of its only device. */
  readonly id: string
  readonly kind: FleetKind
  /** Path of its script relative to the workspace, with `/`. */
  readonly script: string
  readonly target: string
  /** How many it shall have in the end. */
  readonly wanted: number
  /** How many it has by now: fewer or more than wanted while it ramps. */
  readonly present: number
  readonly online: number
  /** `load` only. */
  readonly settings: LoadSettings | undefined
  /** What the workspace says: `change` alters what the fleet does, and not this. */
  readonly written: {
    /** Of `faultline.json`; as `wanted`, of a shard only its own part. */
    readonly count: number
    /** Of the script; `load` only. */
    readonly settings: LoadSettings | undefined
  }
  /** Of a scripted fleet: what its scripts have published. */
  readonly counters: LoadCounters | undefined
  readonly error: FleetError | undefined
}

/** What can be changed while a fleet runs. What is absent stays. */
export interface FleetChange {
  /** 0 to 100,000 for `load`, 0 to 10,000 for `scripted`. */
  readonly count?: number | undefined
  /** Time in which the count is reached, evenly, in milliseconds. @default 0 */
  readonly rampMs?: number | undefined
  readonly topic?: string | undefined
  readonly everyMs?: number | undefined
  readonly payload?: string | undefined
  readonly qos?: 0 | 1 | 2 | undefined
  readonly retain?: boolean | undefined
}
