import { useRef } from 'react'
import { browserClock } from './browser-clock.ts'
import { Store, useStore } from './store.ts'

const now = new Store(browserClock.now())
let ticking = false

/** Half a second is fine enough for everything that counts seconds, and one timer serves all of it. */
function tick(): void {
  now.set(browserClock.now())
  browserClock.after(500, tick)
}

/** Wall time in milliseconds, twice a second. */
export function useNow(): number {
  if (!ticking) {
    ticking = true
    tick()
  }
  return useStore(now)
}

/** The same, standing still while nothing is heard: what was true then must not be counted on. */
export function useHeardNow(heard: boolean): number {
  const present = useNow()
  const last = useRef(present)
  if (heard) last.current = present
  return last.current
}
