/**
 * - `off`: has no power and was never started, or was switched off
 * - `booting`: its script is being loaded
 * - `connecting`: CONNECT is on its way
 * - `online`: CONNACK accepted
 * - `backing off`: lost its connection, waits before it tries again
 * - `offline`: disconnected on purpose, does not try again
 * - `power lost`: its power was cut
 * - `script error`: its script failed; it stays so until it is powered on or its script changes
 */
export const deviceStates = [
  'off',
  'booting',
  'connecting',
  'online',
  'backing off',
  'offline',
  'power lost',
  'script error',
] as const

export type DeviceState = (typeof deviceStates)[number]

export const deviceActions = ['powerLoss', 'powerOn', 'disconnect', 'connect'] as const

/**
 * - `powerLoss`: the socket dies without DISCONNECT and the device forgets what it held in RAM
 * - `powerOn`: boots; the factory of its script runs anew
 * - `disconnect`: sends DISCONNECT and stays offline
 * - `connect`: connects again after `disconnect`, or at once while backing off
 */
export type DeviceAction = (typeof deviceActions)[number]

/** Which actions make sense in which state; anything else is refused with `wrong-state`. */
export function canAct(state: DeviceState, action: DeviceAction): boolean {
  switch (action) {
    case 'powerLoss':
      return state !== 'off' && state !== 'power lost'
    case 'powerOn':
      return state === 'off' || state === 'power lost' || state === 'script error'
    case 'disconnect':
      return state === 'online' || state === 'connecting' || state === 'backing off'
    case 'connect':
      return state === 'offline' || state === 'backing off'
  }
}

/** Where and why a script failed, in the script's own lines. */
export interface ScriptError {
  readonly message: string
  /** Relative to the workspace, with `/`. */
  readonly file: string
  /** From 1; undefined where no line is to blame. */
  readonly line: number | undefined
  /** From 1. */
  readonly column: number | undefined
  readonly stack: string | undefined
}

export interface DeviceSnapshot {
  readonly id: string
  /** The Client Identifier that it connects with. */
  readonly clientId: string
  /** Path of its script relative to the workspace, with `/`. */
  readonly script: string
  readonly state: DeviceState
  /** Why it is in this state, in words; empty where the state says it all. */
  readonly reason: string
  /** Wall time of the last change of state, in milliseconds since 1970. */
  readonly since: number
  /** Backing off: wall time of the next attempt. */
  readonly nextAttemptAt: number | undefined
  /** Backing off: how many attempts have failed since it was last online. */
  readonly attempts: number
  readonly error: ScriptError | undefined
}

export interface ConsoleLine {
  readonly device: string
  /** Wall time in milliseconds since 1970. */
  readonly time: number
  readonly level: 'log' | 'error' | 'info'
  readonly text: string
}
