import type { Amount } from '../../../app/script-api/scenario-crossing.ts'

export function fitsAmount({ atLeast, atMost }: Amount, count: number): boolean {
  return (atLeast === undefined || count >= atLeast) && (atMost === undefined || count <= atMost)
}

/** Such as `3 messages`, `at least 1 message` or `2 to 4 messages`. */
export function describeAmount({ atLeast, atMost }: Amount, what: string): string {
  const named = (count: number) => `${count} ${what}${count === 1 ? '' : 's'}`
  if (atLeast === undefined) return atMost === undefined ? `any ${what}s` : `at most ${named(atMost)}`
  if (atMost === undefined) return `at least ${named(atLeast)}`
  return atLeast === atMost ? named(atLeast) : `${atLeast} to ${named(atMost)}`
}
