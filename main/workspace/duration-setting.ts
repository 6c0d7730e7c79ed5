import * as v from 'valibot'
import { milliseconds } from '../../app/script-api/duration.ts'

/** A length of time as users write it; in milliseconds. */
export const duration = v.pipe(
  v.unknown(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      return milliseconds(dataset.value, 'it')
    } catch {
      addIssue({
        message: "must be a length of time, a number of milliseconds or text such as '250ms', '30s' or '2m'",
      })
      return NEVER
    }
  }),
)

/** A whole number of seconds, as the protocol has them, or a length of time as users write it; in seconds. */
export function seconds(most: number) {
  return v.pipe(
    v.unknown(),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const { value } = dataset
      const given = typeof value === 'string' ? inSeconds(value) : value
      if (typeof given === 'number' && Number.isInteger(given) && given >= 0 && given <= most) return given
      addIssue({
        message: `must be a whole number of seconds from 0 to ${most}, or a length of time such as '30s' or '2h'`,
      })
      return NEVER
    }),
  )
}

function inSeconds(text: string): number | undefined {
  try {
    return milliseconds(text, 'it') / 1000
  } catch {
    // Undefined says it: it is no length of time.
    return undefined
  }
}
