import { printableTextOf } from '../../../app/mqtt/decode-values.ts'
import { formatJson } from '../../ui/json-text.ts'

export type PayloadForm = 'text' | 'json' | 'hex'

/** How many characters of a text are laid out: a browser takes seconds for a mebibyte. */
export const mostCharacters = 64 * 1024

/** The forms in which a payload can be shown. */
export interface PayloadForms {
  /** Undefined where it is not text that people can read. */
  readonly text: string | undefined
  /** Undefined where it is no JSON object or array. */
  readonly json: string | undefined
  /** The form that says most. */
  readonly best: PayloadForm
}

export function payloadForms(payload: Uint8Array): PayloadForms {
  const text = printableTextOf(payload)
  // A number alone is JSON as well, and nothing is gained by saying so.
  const json = text !== undefined && /^\s*[{[]/.test(text) ? formatJson(text) : undefined
  return { text, json, best: json !== undefined ? 'json' : text !== undefined ? 'text' : 'hex' }
}
