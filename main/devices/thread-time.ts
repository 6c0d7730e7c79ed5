import { readFileSync, readlinkSync } from 'node:fs'

/** Linux counts in hundredths of a second, for programs on every machine. */
const tick = 10

/**
 * How long a thread of this process has had a core for itself, in milliseconds.
 *
 * @param thread as the system numbers it
 * @returns undefined where the system does not tell: only Linux does
 */
export function threadTime(thread: number): number | undefined {
  if (process.platform !== 'linux' || thread === 0) return undefined
  try {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'latin1')
    // The second field is a name that can hold anything; user and system time are the 14th and 15th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * tick
  } catch {
    // The thread has just ended, or there is no /proc: nothing is known then.
    return undefined
  }
}

/** The number of the thread that asks, as the system counts; 0 where it does not tell. */
export function thisThread(): number {
  if (process.platform !== 'linux') return 0
  try {
    return Number(/(\d+)$/.exec(readlinkSync('/proc/thread-self'))?.[1])
  } catch {
    // Without /proc, or where it is forbidden, the devices run all the same.
    return 0
  }
}
