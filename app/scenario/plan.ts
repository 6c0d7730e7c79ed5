/**
 * The static part of a scenario when it has been checked: all defaults filled in, times in milliseconds. `checkPlan` of
 * main/scenarios makes it of what the user wrote, or lists all that is wrong with it.
 */
export interface ScenarioPlan {
  readonly name: string
  readonly seed: number | string
  /** For the body, from 100 to 86,400,000. */
  readonly timeoutMs: number
  readonly groups: readonly DeviceGroup[]
  readonly broker: PlannedBroker
  /** URL of another broker; undefined is one of the scenario's own. */
  readonly target: string | undefined
  readonly thresholds: readonly PlannedThreshold[]
}

export interface DeviceGroup {
  readonly name: string
  /** `pump` is `devices/pump.device.ts`. */
  readonly script: string
  readonly count: number
  /** Whether its devices are on before the body begins. */
  readonly on: boolean
}

/** Limits are in the broker's own units: seconds for `maxSessionExpiry` and `maxKeepAlive`. Absent is the broker's default. */
export interface PlannedBroker {
  readonly limits: Readonly<Record<string, number | string | boolean>>
  readonly store: 'memory' | 'level'
  /** As in `faultline.json`; main/workspace knows what is right in it. */
  readonly access: unknown
}

export interface PlannedThreshold {
  /** See `metricNames` of thresholds.ts. */
  readonly metric: string
  /** As it was written, such as `p(95) < 250ms`. */
  readonly text: string
}

/** Something that is wrong with the static part. */
export interface PlanMistake {
  /** Such as `devices.pump.count`. */
  readonly path: string
  /** What is wrong and what to do. */
  readonly message: string
}
