/** For how long tests wait for what is to happen, in milliseconds: the machine may be busy with other things. */
export const patience = 60_000

/**
 * Waits until the probe gives something, at once or by a promise, that is neither undefined nor false, and gives that.
 *
 * @throws when that takes longer than `within` milliseconds; the message says what was waited for.
 */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  within = patience,
): Promise<T> {
  const deadline = performance.now() + within
  for (;;) {
    const value = await probe()
    if (value !== undefined && value !== false) return value
    if (performance.now() > deadline) throw new Error(`waited ${within} ms in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
