import * as v from 'valibot'
import { FaultlineError } from '../base/errors.ts'

/**
 * Checks a value that came over a transport.
 * @throws FaultlineError `invalid-message`, naming the place of the first mistake and how many there are.
 */
export function validate<S extends v.GenericSchema>(schema: S, value: unknown, what: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  const [issue, ...more] = result.issues
  const where = v.getDotPath(issue) ?? 'the value'
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`
  throw new FaultlineError({
    code: 'invalid-message',
    message: `${what}: ${where}: ${issue.message}${others}`,
    hint: 'the screen and the workbench may be of different versions: reload the page',
  })
}
