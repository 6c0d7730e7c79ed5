/**
 * So many lists and objects may lie in one another in a value that crosses between a script's sandbox and its host, or that is
 * compared: more than anybody writes, and far from what a stack can take. `JSON.parse` reads any number of them, and what
 * goes through a value from its root to its leaves takes a part of the stack for each.
 */
export const mostLevels = 100

/** Whether a value has more levels than that; one that holds itself has no end of them. */
export function isTooDeep(value: unknown, levels = mostLevels): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  for (const part of Object.values(value)) if (isTooDeep(part, levels - 1)) return true
  return false
}
