/**
 * Topic Filters as the sets of Topic Names that they match [§4.7]. A filter is given by its levels. `a/#` matches `a` as
 * well, but no Topic Name is empty [MQTT-4.7.3-1]: so `#` is `+/#`, and `/#` is `/+/#`, and so they are written here.
 */
export type Levels = readonly string[]

export function levelsOf(filter: string): Levels {
  if (filter === '#') return ['+', '#']
  return filter === '/#' ? ['', '+', '#'] : filter.split('/')
}

/** Whether the outer filter matches every Topic Name that the inner one matches; a Topic Name is a filter of itself. */
export function covers(outer: Levels, inner: Levels): boolean {
  if (missesSystem(outer, inner)) return false
  for (let i = 0; i < outer.length; i++) {
    const level = outer[i]
    // `a/#` matches `a` as well [§4.7.1.2].
    if (level === '#') return true
    const other = inner[i]
    if (other === undefined || other === '#') return false
    if (level !== '+' && level !== other) return false
  }
  return outer.length === inner.length
}

/** The filter that matches what both match; undefined where there is no such name. */
export function intersection(a: Levels, b: Levels): Levels | undefined {
  if (missesSystem(a, b) || missesSystem(b, a)) return undefined
  const both: string[] = []
  for (let i = 0; i < a.length || i < b.length; i++) {
    const x = a[i]
    const y = b[i]
    if (x === '#') return [...both, ...b.slice(i)]
    if (y === '#') return [...both, ...a.slice(i)]
    if (x === undefined || y === undefined) return undefined
    if (x !== y && x !== '+' && y !== '+') return undefined
    both.push(x === '+' ? y : x)
  }
  return both
}

/** A wildcard at the beginning matches no name that begins with `$` [MQTT-4.7.2-1]. */
function missesSystem(filter: Levels, other: Levels): boolean {
  return filter[0] === '+' && other[0]?.startsWith('$') === true
}
