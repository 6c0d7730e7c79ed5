/**
 * What was expected did not come. The host knows of it before the script does, so a rejection that nobody handles is no
 * error of the script: the scenario has failed already.
 */
export class ExpectationError extends Error {
  override readonly name = 'ExpectationError'
  readonly #known = true

  static is(value: unknown): boolean {
    return typeof value === 'object' && value !== null && #known in value && value.#known
  }
}

/** What the scenario asked for makes no sense as things are, or could not be done. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
}
