/**
 * Gives one message after the other, whoever publishes while one is being given out: the order is the same for everybody.
 *
 * @param give says to how many Sessions it went
 * @returns the same for one message; undefined where another one is being given out at the moment
 */
export function inOrder<T>(give: (message: T) => number | undefined): (message: T) => number | undefined {
  const later: T[] = []
  let isGiving = false
  return (message) => {
    if (isGiving) {
      later.push(message)
      return undefined
    }
    isGiving = true
    try {
      const went = give(message)
      for (let next = later.shift(); next !== undefined; next = later.shift()) give(next)
      return went
    } finally {
      isGiving = false
    }
  }
}
