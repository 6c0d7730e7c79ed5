import fc from 'fast-check'

/** Thirty times the cases of the gate, and others each time; a failure names the seed that finds it again. */
fc.configureGlobal({ numRuns: 3000, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: false })
