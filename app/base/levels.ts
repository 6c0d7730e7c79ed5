/**
 * So many lists and objects may lie in one another in a value that crosses between a script's sandbox and its host, or that is
 * compared: more than anybody writes, and far from what a stack can take. The host's `JSON.parse` (of V8) reads any number of
 * them, that of a sandbox (QuickJS) some thousands, and what goes through a value from its root to its leaves takes a part of
 * the stack for each.
 */
export const mostLevels = 100

/**
 * Whether a value has more levels than that.
 *
 * @param value as `JSON.parse` gives it, which is a tree without getters. A value of a script is none: to look at it can run
 * the script, and what holds the same list many times over would be gone through as many times.
 */
export function isTooDeep(value: unknown, levels = mostLevels): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  for (const part of Object.values(value)) if (isTooDeep(part, levels - 1)) return true
  return false
}
