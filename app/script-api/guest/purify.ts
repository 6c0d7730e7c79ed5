import type { Random } from '../../base/random.ts'

/**
 * Makes the sandbox's own library repeatable: `Math.random` draws from a seeded stream, `Date` shows the workbench's
 * clock, and what would show when the garbage collector runs, or share memory, is taken away.
 */
export function purify(now: () => number, random: Random): void {
  Math.random = () => random.next()
  replaceDate(now)
  for (const name of ['SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry', 'performance']) {
    Reflect.deleteProperty(globalThis, name)
  }
}

function replaceDate(now: () => number): void {
  const Machine = Date
  const wallTime = () => Math.floor(now())
  function ClockDate(...args: unknown[]): unknown {
    // Date() as a function gives text, whatever its arguments.
    if (new.target === undefined) return new Machine(wallTime()).toString()
    return Reflect.construct(Machine, args.length === 0 ? [wallTime()] : args, new.target)
  }
  const define = (target: object, name: string, value: unknown) =>
    Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false })
  define(ClockDate, 'name', 'Date')
  define(ClockDate, 'length', 7)
  define(ClockDate, 'now', wallTime)
  define(ClockDate, 'parse', Machine.parse)
  define(ClockDate, 'UTC', Machine.UTC)
  ClockDate.prototype = Machine.prototype
  // The machine's own clock must not be reachable through a date's constructor.
  define(Machine.prototype, 'constructor', ClockDate)
  define(globalThis, 'Date', ClockDate)
}
