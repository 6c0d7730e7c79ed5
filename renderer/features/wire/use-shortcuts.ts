import { useEffect, useRef } from 'react'
import { type Shortcut, shortcutOf } from './shortcuts.ts'

/** Hears the keys before anything else on the page does. */
export function useShortcuts(
  can: { readonly letGo: boolean; readonly deliver: boolean },
  run: (shortcut: Shortcut) => void,
): void {
  const latest = useRef({ can, run })
  useEffect(() => {
    latest.current = { can, run }
  })
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const shortcut = shortcutOf(event, latest.current.can)
      if (shortcut === undefined) return
      event.preventDefault()
      event.stopPropagation()
      // A key that is kept down would let go of packets that nobody has seen.
      if (!event.repeat) latest.current.run(shortcut)
    }
    window.addEventListener('keydown', onKeyDown, { capture: true })
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true })
  }, [])
}
