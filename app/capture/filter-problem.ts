import type { FilterError } from './filter-ast.ts'

/** Thrown inside of the reader of filters; its door turns it into a `FilterError`. */
export class FilterProblem extends Error implements FilterError {
  readonly position: number
  readonly length: number
  readonly expected: readonly string[]

  constructor(position: number, length: number, what: string, expected: readonly string[]) {
    super(`at character ${ordinal(position)}: ${what}`)
    this.position = position
    this.length = length
    this.expected = expected
  }
}

/** People count characters from 1. */
export function ordinal(position: number): number {
  return position + 1
}

/** A piece of the filter in a message, in quotes and not too long. */
export function quote(piece: string): string {
  const short = piece.length > 40 ? `${piece.slice(0, 40)}…` : piece
  return short.startsWith('"') && short.endsWith('"') && short.length > 1 ? short : `"${short}"`
}
