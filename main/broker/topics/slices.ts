import type { Clock } from '../../../app/base/clock.ts'

/** How long it goes on before others have their turn, in milliseconds. */
const mostMs = 8

/**
 * Does long work a slice at a time, so that clients are served in between. It begins at once.
 *
 * @param work yields where it may be interrupted, about every half millisecond
 * @param isWanted asked before each slice
 * @returns what the work gives; undefined where it is not wanted any more
 */
export function inSlices<T>(
  clock: Clock,
  work: Generator<undefined, T>,
  isWanted: () => boolean,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const goOn = () => {
      if (!isWanted()) {
        resolve(undefined)
        return
      }
      try {
        const end = clock.monotonic() + mostMs * 1e6
        let step = work.next()
        while (step.done !== true && clock.monotonic() < end) step = work.next()
        if (step.done === true) resolve(step.value)
        else clock.after(0, goOn)
      } catch (error) {
        reject(error)
      }
    }
    goOn()
  })
}

/** Does it in one piece. */
export function atOnce<T>(work: Generator<undefined, T>): T {
  let step = work.next()
  while (step.done !== true) step = work.next()
  return step.value
}
