import { FaultlineError } from '../../../app/base/errors.ts'
import { FilterProblem } from '../../../app/capture/filter-problem.ts'
import { MessageMatch, TextMatch } from '../../../app/scenario/match-message.ts'
import type { MessagePattern, TextPattern } from '../../../app/script-api/scenario-crossing.ts'

/** @throws FaultlineError `invalid-argument` where its regular expression cannot be used */
export function readMessage(pattern: MessagePattern): MessageMatch {
  return usable(() => new MessageMatch(pattern))
}

/** @throws FaultlineError as `readMessage` */
export function readText(pattern: TextPattern): TextMatch {
  return usable(() => new TextMatch(pattern))
}

export function describeText(pattern: TextPattern): string {
  return pattern.is === 'text' ? JSON.stringify(pattern.text) : `what matches /${pattern.source}/${pattern.flags}`
}

function usable<Read>(read: () => Read): Read {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof FilterProblem)) throw error
    throw new FaultlineError({
      code: 'invalid-argument',
      message: `a regular expression of what is expected cannot be used: ${error.message}`,
      hint: 'write it without looking ahead or back, and without back references',
    })
  }
}
