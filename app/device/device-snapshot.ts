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

export const deviceActions = [
  'powerLoss',
  'powerOn',
  'disconnect',
  'connect',
  'reboot',
  'crash',
  'hang',
  'takeOver',
  'wrongPassword',
  'clockSkew',
  'useCertificate',
  'heal',
] as const

/**
 * - `powerLoss`: the socket dies without DISCONNECT and the device forgets what it held in RAM
 * - `powerOn`: boots; the factory of its script runs anew
 * - `disconnect`: sends DISCONNECT and stays offline
 * - `connect`: connects again after `disconnect`, or at once while backing off
 * - `reboot`: power loss, and power on after `offMs`
 * - `crash`: its script throws
 * - `hang`: the program stands still: it reads nothing, pings nothing, no timer runs, and its socket stays open
 * - `takeOver`: a second client connects with its Client Identifier; the broker ends the device's connection
 * - `wrongPassword`: connects anew with a password that is wrong, until `heal`
 * - `clockSkew`: its clock is ahead by `skewMs` (negative: behind), until `heal` or a power loss
 * - `useCertificate`: connects anew with another client certificate, until `heal`
 * - `heal`: ends `hang`, `wrongPassword`, `clockSkew` and `useCertificate`
 */
export type DeviceAction = (typeof deviceActions)[number]

/** What some actions need to know. */
export interface ActionSettings {
  /** `reboot`: how long it is off, in milliseconds. @default 0 */
  readonly offMs?: number | undefined
  /** `clockSkew`: in milliseconds. */
  readonly skewMs?: number | undefined
  /** `useCertificate`: the name of a pair of files in the workspace's `certificates` folder, without ending. */
  readonly certificate?: string | undefined
}

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
    case 'reboot':
      return state !== 'off'
    case 'takeOver':
      return state === 'online'
    case 'crash':
    case 'hang':
      return isRunning(state)
    case 'wrongPassword':
    case 'clockSkew':
    case 'useCertificate':
    case 'heal':
      return isRunning(state) || state === 'offline'
  }
}

/** Its script runs and it is connected, or tries to be. */
export function isRunning(state: DeviceState): boolean {
  return state === 'connecting' || state === 'online' || state === 'backing off'
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
  /** The entry of `faultline.json` that it comes from, or its own id. */
  readonly fleet: string
  /** The URL that it connects to, without password; empty for the workbench's own broker. */
  readonly target: string
  /** What was made wrong with it and not healed, in words: `hangs`, `wrong password`, `clock 2 min ahead`. */
  readonly faults: readonly string[]
}

/** One change of state in a device's life. */
export interface StateEntry {
  /** Wall time in milliseconds since 1970. */
  readonly time: number
  readonly state: DeviceState
  readonly reason: string
}

export interface ConsoleLine {
  readonly device: string
  /** Wall time in milliseconds since 1970. */
  readonly time: number
  readonly level: 'log' | 'error' | 'info'
  readonly text: string
}
