import { type ReactNode, useCallback, useEffect, useId, useRef, useState } from 'react'
import './popover.css'

export interface PopoverProps {
  /** What the button says. */
  readonly label: ReactNode
  /** The name of what opens. */
  readonly title: string
  readonly disabled?: boolean
  /** What the button looks like. @default 'button' */
  readonly look?: 'button' | 'pill'
  /** @param close closes it and gives the focus back to the button. */
  readonly children: (close: () => void) => ReactNode
}

/** A button that opens a small panel below it. Escape, the button itself and a click elsewhere close it. */
export function Popover({ label, title, disabled, look = 'button', children }: PopoverProps) {
  const [open, setOpen] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const id = useId()
  const close = useCallback(() => {
    setOpen(false)
    button.current?.focus()
  }, [])
  useEffect(() => {
    if (!open) return
    // Wherever the focus is: what had it may be gone.
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === 'Escape') close()
    }
    const onPointerDown = (event: PointerEvent) => {
      if (event.target instanceof Node && root.current?.contains(event.target) !== true) setOpen(false)
    }
    document.addEventListener('pointerdown', onPointerDown)
    document.addEventListener('keydown', onKeyDown)
    return () => {
      document.removeEventListener('pointerdown', onPointerDown)
      document.removeEventListener('keydown', onKeyDown)
    }
  }, [open, close])
  return (
    <div className="popover" ref={root}>
      <button
        ref={button}
        type="button"
        className={look === 'pill' ? 'pill' : 'button button-plain button-small'}
        aria-expanded={open}
        aria-controls={id}
        disabled={disabled === true}
        onClick={() => setOpen(!open)}
      >
        {label}
      </button>
      {open && (
        <div className="popover-panel" id={id} role="dialog" aria-label={title}>
          {children(close)}
        </div>
      )}
    </div>
  )
}
