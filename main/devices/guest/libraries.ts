import { readFileSync } from 'node:fs'
import { type LibraryName, libraryNames } from '../../../app/script-api/crossing.ts'

/** The bundles of what is too big to be in every sandbox. They lie beside the guest's own. */
export class Libraries {
  readonly #guest: URL
  readonly #texts = new Map<LibraryName, string>()

  /** @param guest the bundle of `app/script-api/guest.ts` */
  constructor(guest: URL) {
    this.#guest = guest
  }

  /** The bundle as an expression; undefined when there is no library of this name. Read when it is first asked for. */
  text(asked: string): string | undefined {
    const name = libraryNames.find((known) => known === asked)
    if (name === undefined) return undefined
    const text = this.#texts.get(name) ?? readFileSync(new URL(`guest-${name}.js`, this.#guest), 'utf8')
    this.#texts.set(name, text)
    return text
  }
}
