/**
 * Adds to a list that mostly gets one item and no more: pushing into an empty array makes room for many, which is most of
 * the memory that small messages would take. Use what it gives instead of the list.
 */
export function append<T>(list: T[], item: T): T[] {
  if (list.length === 0) return [item]
  list.push(item)
  return list
}
