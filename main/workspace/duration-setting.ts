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
