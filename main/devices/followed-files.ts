/** Which files of the workspace devices use, so that they are watched: a bounded number, because a script can make up names. */
export class FollowedFiles {
  readonly #most: number
  /** How many devices use each one. */
  readonly #users = new Map<string, number>()
  /** What is watched; a file that none uses any more is left when there is need of its place. */
  readonly #watched = new Set<string>()

  constructor(most: number) {
    this.#most = most
  }

  /**
   * One more device uses a file.
   *
   * @returns whether it is to be watched from now on, and what is not any more
   */
  use(path: string): { readonly follow: boolean; readonly leave: string | undefined } {
    this.#users.set(path, (this.#users.get(path) ?? 0) + 1)
    if (this.#watched.has(path)) return { follow: false, leave: undefined }
    const leave = this.#watched.size < this.#most ? undefined : this.#unused()
    if (leave !== undefined) this.#watched.delete(leave)
    if (this.#watched.size === this.#most) return { follow: false, leave: undefined }
    this.#watched.add(path)
    return { follow: true, leave }
  }

  /** A device does not use these any more. */
  release(paths: Iterable<string>): void {
    for (const path of paths) {
      const users = this.#users.get(path) ?? 0
      if (users > 1) this.#users.set(path, users - 1)
      else this.#users.delete(path)
    }
  }

  #unused(): string | undefined {
    for (const path of this.#watched) if (!this.#users.has(path)) return path
    return undefined
  }
}
