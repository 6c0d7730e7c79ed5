/**
 * Bytes that a page has at most once a text of this form is added; the forms get shorter. A browser opens so much within a
 * second or two, whatever was run.
 */
const limits = [6_000_000, 8_000_000, 10_000_000] as const

/**
 * Each thing in the longest of its forms that a page has room for; undefined where even the shortest had none.
 *
 * @param forms the longest first
 * @param matters what does gets its room before the others
 */
export function fitting<T>(
  things: readonly T[],
  forms: readonly [(thing: T) => string, (thing: T) => string, (thing: T) => string],
  matters: (thing: T) => boolean,
): (string | undefined)[] {
  const texts = new Map<T, string>()
  let used = 0
  // Once one of them does not fit, the others are not even made in this form: there can be thousands.
  let at = 0
  for (const thing of [...things.filter(matters), ...things.filter((other) => !matters(other))]) {
    for (let form = forms[at]; form !== undefined; form = forms[++at]) {
      const text = form(thing)
      const size = Buffer.byteLength(text)
      if (used + size > (limits[at] ?? 0)) continue
      used += size
      texts.set(thing, text)
      break
    }
  }
  return things.map((thing) => texts.get(thing))
}
