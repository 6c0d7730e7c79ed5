import { type RefCallback, useCallback, useState } from 'react'

/** The height of an element in pixels, kept up to date; 0 before it is there. */
export function useHeight<T extends HTMLElement>(): [RefCallback<T>, number] {
  const [height, setHeight] = useState(0)
  const ref = useCallback((element: T | null) => {
    if (element === null) return
    const observer = new ResizeObserver(([entry]) => setHeight(entry?.contentRect.height ?? 0))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [ref, height]
}
