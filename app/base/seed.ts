/**
 * A seed that somebody typed: a number where that is written in the same way, so that what is drawn from it is the same.
 * `007` is text, because a file that says `'007'` draws something else than one that says 7.
 */
export function seedOf(text: string): string | number {
  const number = Number(text)
  return Number.isFinite(number) && String(number) === text ? number : text
}
