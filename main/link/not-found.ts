import { FaultlineError } from '../../app/base/errors.ts'

export function notFound(what: 'breakpoint' | 'rule', id: string): FaultlineError {
  return new FaultlineError({
    code: 'not-found',
    message: `there is no ${what} ${id}`,
    hint: 'it may have been removed meanwhile',
    details: { id },
  })
}
