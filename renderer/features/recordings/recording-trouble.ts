import type { SpillState } from '../../../app/contract/captures.ts'
import { formatPlural } from '../../ui/format.ts'

/** What is wrong with the recording that is written, or that was written last; undefined where nothing is. */
export function troubleOf({ path, problem, lost }: SpillState): string | undefined {
  const lacks = `${formatPlural(lost, 'record')} left the memory before ${lost === 1 ? 'it' : 'they'} could be written`
  if (path !== undefined) return lost > 0 ? `the recording has gaps: ${lacks}` : problem
  const parts = [
    ...(problem === undefined ? [] : [`recording stopped: ${problem}`]),
    ...(lost === 0 ? [] : [`the recording has gaps: ${lacks}`]),
  ]
  return parts.length === 0 ? undefined : parts.join('; ')
}
