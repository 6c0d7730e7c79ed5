import { FaultlineError } from '../base/errors.ts'
import type { Captured } from './captured.ts'
import type { FilterError } from './filter-ast.ts'
import { compile } from './filter-compile.ts'
import { type Completion, completionsAt } from './filter-complete.ts'
import type { KnownNames } from './filter-offers.ts'
import { parse } from './filter-parser.ts'
import { FilterProblem } from './filter-problem.ts'
import { FilterSubject } from './filter-subject.ts'
import type { CompiledFilter, ConnectionNames } from './subject.ts'

/**
 * Reads a filter; the language is described in filter-parser.ts.
 *
 * @throws FaultlineError `invalid-argument` whose message says the position and what was expected; `details` are those
 * of the `FilterError`.
 */
export function compileFilter(text: string): CompiledFilter {
  const result = parseFilter(text)
  if ('filter' in result) return result.filter
  const { message, position, length, expected } = result.error
  throw new FaultlineError({
    code: 'invalid-argument',
    message: `the filter cannot be read: ${message}`,
    hint: 'such as: client:pump-* type:publish qos>=1 topic:plant/+/status not dup',
    details: { position, length, expected },
  })
}

/** Reads a filter that is being typed: a mistake in it is an answer, and no exception. */
export function parseFilter(text: string): { readonly filter: CompiledFilter } | { readonly error: FilterError } {
  try {
    const matches = compile(parse(text))
    const subject = new FilterSubject()
    return {
      filter: {
        text,
        matches: (record: Captured, names: ConnectionNames) => {
          subject.set(record, names)
          return matches(subject)
        },
      },
    }
  } catch (error) {
    if (error instanceof FilterProblem) return { error }
    throw error
  }
}

/**
 * What could be typed at the cursor, the most fitting first; at most 50.
 *
 * @param cursor offset in the text
 * @param known names that are offered for clients and topics
 */
export function completeFilter(
  text: string,
  cursor: number,
  known: KnownNames = { clients: [], topics: [] },
): Completion[] {
  return completionsAt(text, cursor, known)
}

export type { Completion, FilterError, KnownNames }
