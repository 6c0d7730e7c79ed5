import { type ErrorCode, FaultlineError } from '../../../app/base/errors.ts'

/** What the command line ends with. Programs rely on them: they never change their meaning. */
export const exitCodes = {
  passed: 0,
  expectationFailed: 1,
  invalidInput: 2,
  scriptThrew: 3,
  timeRanOut: 4,
  environmentFailed: 5,
  /** Somebody stopped it before all was done: 128 and the number of SIGINT, as shells have it. */
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

const { invalidInput, scriptThrew, timeRanOut, environmentFailed } = exitCodes

const exitCodeOfError: Readonly<Record<ErrorCode, ExitCode>> = {
  'invalid-argument': invalidInput,
  'invalid-message': invalidInput,
  'unsupported-version': invalidInput,
  'unknown-method': invalidInput,
  'not-found': environmentFailed,
  'already-exists': environmentFailed,
  conflict: environmentFailed,
  'wrong-state': environmentFailed,
  forbidden: environmentFailed,
  'connection-closed': environmentFailed,
  'port-in-use': environmentFailed,
  'file-unreadable': environmentFailed,
  'file-unwritable': environmentFailed,
  'script-syntax': scriptThrew,
  'script-threw': scriptThrew,
  'script-timeout': timeRanOut,
  internal: environmentFailed,
}

/** The exit code for anything that was thrown; what is no FaultlineError is a fault of ours. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof FaultlineError ? exitCodeOfError[error.code] : environmentFailed
}
