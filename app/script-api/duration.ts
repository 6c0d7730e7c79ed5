import { mistake, shown } from './mistake.ts'

/** What a timer of Node or a browser can hold, in milliseconds: 24.8 days. */
export const longestWait = 2 ** 31 - 1

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/**
 * Reads a length of time as scripts write it.
 *
 * @returns milliseconds, finite and at least 0
 * @throws FaultlineError `invalid-argument` for anything else
 */
export function milliseconds(duration: unknown, what: string, option?: string): number {
  if (typeof duration === 'number' && Number.isFinite(duration) && duration >= 0) return duration
  const parts = typeof duration === 'string' ? /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration) : null
  if (parts === null) {
    throw mistake(
      `${what} must be a length of time, not ${shown(duration)}; write a number of milliseconds, or text such as '250ms', '1.5s', '2m'`,
      option,
    )
  }
  return Number(parts[1]) * units[parts[2] as keyof typeof units]
}
