import type { ScenarioContext } from 'faultline'
import { mistake, shown } from '../../mistake.ts'
import { type Asks, nothing } from './asks.ts'

/** `step` of a scenario: tells the host when it begins and ends, and lets what its work throws pass. */
export function createStep(asks: Asks): ScenarioContext['step'] {
  // A step that is called before another one's work has begun is beside it, and not within it.
  const running = new Set<number>()
  return async (name, work) => {
    const { stack } = new Error()
    if (typeof name !== 'string' || name === '') throw mistake(`a step needs a name, not ${shown(name)}`)
    if (typeof work !== 'function') throw mistake(`the step '${name}' needs a function to run, not ${shown(work)}`)
    asks.begin()
    try {
      const begun = await asks.ask(
        () => ({ do: 'begin step', name, ...(running.size === 0 ? {} : { running: [...running] }) }),
        (answer) => (answer as { step: number }).step,
        stack,
      )
      let failed = true
      running.add(begun)
      try {
        const value = await work()
        failed = false
        return value
      } finally {
        running.delete(begun)
        await asks.ask(() => ({ do: 'end step', step: begun, failed }), nothing, stack)
      }
    } finally {
      asks.end()
    }
  }
}
