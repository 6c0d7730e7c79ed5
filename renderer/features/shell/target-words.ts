import type { TargetSnapshot } from '../../../app/contract/targets.ts'
import type { DotTone } from '../../ui/dot.tsx'

export interface TargetWords {
  readonly tone: DotTone
  readonly label: string
  /** All of them, as long as there is room. */
  readonly urls: string
  /** What is not well; empty where all were reached. */
  readonly trouble: string
}

/** What the top bar says of the brokers that devices connect to; undefined where there are none but the workbench's. */
export function targetWords(targets: readonly TargetSnapshot[]): TargetWords | undefined {
  if (targets.length === 0) return undefined
  const failed = targets.filter(({ state }) => state === 'failed').length
  const untried = targets.filter(({ state }) => state === 'untried').length
  const isOne = targets.length === 1
  const trouble =
    failed > 0 ? count(failed, isOne, 'not reachable') : untried > 0 ? count(untried, isOne, 'not tried yet') : ''
  return {
    tone: failed > 0 ? 'red' : untried > 0 ? 'grey' : 'green',
    label: isOne ? 'Target' : `${targets.length} targets`,
    urls: targets.map(({ url }) => url).join(', '),
    trouble,
  }
}

function count(number: number, isOne: boolean, what: string): string {
  return isOne ? what : `${number} ${what}`
}

export function stateWords({ state, reason }: TargetSnapshot): string {
  if (state === 'failed') return `not reachable: ${reason}`
  return state === 'reached' ? 'reachable' : 'no device has tried to connect yet'
}

const tones = { untried: 'grey', reached: 'green', failed: 'red' } as const

export function toneOf({ state }: TargetSnapshot): DotTone {
  return tones[state]
}
