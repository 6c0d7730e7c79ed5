/**
 * Reads one column of a text of comma separated values (RFC 4180): quoted fields may have separators, quotes and line
 * breaks in them. Semicolons and tabs separate as well, whichever the first line has.
 *
 * @param column a name in the first line, or a number from 1
 * @returns the cells below the names, top to bottom; with a number, the first line counts as well unless it is a name
 * @throws Error in words that follow the file's name
 */
export function readColumn(text: string, column: string | number): string[] {
  const rows = new Rows(text)
  const names = rows.next()
  if (names === undefined) throw new Error('is empty')
  const index = typeof column === 'number' ? column - 1 : names.findIndex((name) => name.trim() === column)
  if (names[index] === undefined) throw new Error(missing(column, names))
  const cells: string[] = []
  if (typeof column === 'number' && isNumber(names[index])) cells.push(names[index])
  for (let row = rows.next(); row !== undefined; row = rows.next()) {
    // A line with nothing in it is no row: files end with one or several.
    if (row.length > 1 || row[0] !== '') cells.push(row[index] ?? '')
  }
  return cells
}

/** The number in a cell, also with a decimal comma; undefined when it is none. */
export function numberIn(cell: string): number | undefined {
  const text = cell.trim().replace(/^([+-]?\d*),(\d+)$/, '$1.$2')
  const number = Number(text)
  return text !== '' && Number.isFinite(number) ? number : undefined
}

function isNumber(cell: string): boolean {
  return numberIn(cell) !== undefined
}

function missing(column: string | number, names: readonly string[]): string {
  if (typeof column === 'number') return `has no column ${column}: it has ${names.length}`
  return `has no column '${column}'; it has ${names.map((name) => `'${name.trim()}'`).join(', ')}`
}

/** Goes through a text once; what has been read is not kept. */
class Rows {
  readonly #text: string
  readonly #separator: string
  #at: number

  constructor(text: string) {
    this.#text = text
    this.#at = text.charCodeAt(0) === 0xfeff ? 1 : 0
    const first = /^[^\r\n]*/.exec(text)?.[0] ?? ''
    this.#separator = [';', '\t'].find((separator) => first.includes(separator)) ?? ','
  }

  next(): string[] | undefined {
    if (this.#at >= this.#text.length) return undefined
    const row: string[] = []
    for (;;) {
      row.push(this.#text[this.#at] === '"' ? this.#quoted() : this.#plain())
      if (this.#text[this.#at] !== this.#separator) break
      this.#at++
    }
    if (this.#text[this.#at] === '\r') this.#at++
    if (this.#text[this.#at] === '\n') this.#at++
    return row
  }

  #plain(): string {
    const from = this.#at
    while (this.#at < this.#text.length && !this.#ends(this.#text[this.#at] as string)) this.#at++
    return this.#text.slice(from, this.#at)
  }

  /** What comes after the closing quote belongs to the field, as spreadsheets read it. */
  #quoted(): string {
    let field = ''
    for (;;) {
      const end = this.#text.indexOf('"', this.#at + 1)
      if (end === -1) throw new Error('has a quote that is never closed')
      field += this.#text.slice(this.#at + 1, end)
      this.#at = end + 1
      if (this.#text[this.#at] !== '"') return field + this.#plain()
      field += '"'
    }
  }

  #ends(character: string): boolean {
    return character === this.#separator || character === '\n' || character === '\r'
  }
}
