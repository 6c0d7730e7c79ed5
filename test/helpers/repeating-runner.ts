import type { RunnerTestCase } from 'vitest'
import { VitestTestRunner } from 'vitest/runners'

/**
 * Runs each test twenty times. A property so tries twenty times the cases, from other seeds each time: fast-check looks at
 * the edges most in its first hundred cases, so that a longer run of one seed would find less.
 */
export default class RepeatingRunner extends VitestTestRunner {
  override async onBeforeRunTask(test: RunnerTestCase): Promise<void> {
    test.repeats = 19
    await super.onBeforeRunTask(test)
  }
}
