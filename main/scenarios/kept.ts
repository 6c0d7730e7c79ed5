import { mostKept, shortened } from '../../app/scenario/bounds.ts'

/** Characters of a text that comes to an entry when the list is full. */
const whenFull = 100

/** A list of a report: it takes so many entries, and so many characters of texts in them, and counts what it leaves out. */
export class Kept<Entry> {
  readonly #entries: Entry[] = []
  readonly #most: number
  #characters = 0
  #leftOut = 0

  constructor(most: number) {
    this.#most = most
  }

  get entries(): readonly Entry[] {
    return this.#entries
  }

  get leftOut(): number {
    return this.#leftOut
  }

  /** What it weighs in a report, in octets, about. */
  get size(): number {
    return this.#entries.length * 200 + this.#characters
  }

  /** @returns whether it is kept */
  add(entry: Entry): boolean {
    const hasRoom = this.#hasRoom
    if (hasRoom) this.#entries.push(entry)
    else this.#leftOut += 1
    return hasRoom
  }

  /** As if it had never been added. @param texts what `text` has given for it: there is room for others in their place */
  remove(entry: Entry, ...texts: readonly string[]): void {
    const at = this.#entries.lastIndexOf(entry)
    if (at === -1) {
      this.#leftOut -= 1
      return
    }
    this.#entries.splice(at, 1)
    for (const text of texts) this.#characters -= text.length
  }

  /** The text as an entry keeps it; of one that was kept when there was room still, hardly any when there is none. */
  text(text: string): string {
    if (!this.#hasRoom) return ownText(text, whenFull)
    const kept = ownText(text)
    this.#characters += kept.length
    return kept
  }

  get #hasRoom(): boolean {
    return this.#entries.length < this.#most && this.#characters < mostKept.texts
  }
}

/** Of a text that is too long the part that is kept, without a hold on the rest: what is sliced holds the whole in V8. */
export function ownText(text: string, most: number = mostKept.text): string {
  return text.length <= most ? text : (JSON.parse(JSON.stringify(shortened(text, most))) as string)
}
