/**
 * Every code that Faultline's own errors carry. A code is for programs; the message says what is wrong and where, the
 * hint says what to do.
 */
export const errorCodes = [
  'invalid-argument',
  'invalid-message',
  'unsupported-version',
  'unknown-method',
  'not-found',
  'already-exists',
  'conflict',
  'wrong-state',
  'forbidden',
  'connection-closed',
  'port-in-use',
  'file-unreadable',
  'file-unwritable',
  'script-syntax',
  'script-threw',
  'script-timeout',
  'internal',
] as const

export type ErrorCode = (typeof errorCodes)[number]

export interface FaultlineErrorData {
  readonly code: ErrorCode
  readonly message: string
  readonly hint?: string | undefined
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

export class FaultlineError extends Error {
  override readonly name = 'FaultlineError'
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly details: Readonly<Record<string, unknown>> | undefined

  constructor(data: FaultlineErrorData, options?: { cause?: unknown }) {
    super(data.message, options)
    this.code = data.code
    this.hint = data.hint
    this.details = data.details
  }

  /** As it goes over the contract; the constructor takes it back. */
  toData(): FaultlineErrorData {
    return { code: this.code, message: this.message, hint: this.hint, details: this.details }
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** What goes over the contract for anything that was thrown: foreign errors become `internal`. */
export function toErrorData(error: unknown): FaultlineErrorData {
  if (error instanceof FaultlineError) return error.toData()
  return { code: 'internal', message: messageOf(error) }
}
