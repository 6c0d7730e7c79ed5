import type { ReactNode } from 'react'
import './button.css'

export interface ButtonProps {
  readonly children: ReactNode
  readonly onClick: () => void
  readonly kind?: 'plain' | 'danger' | 'primary'
  readonly size?: 'normal' | 'small'
  readonly disabled?: boolean
  readonly title?: string
}

export function Button({ children, onClick, kind = 'plain', size = 'normal', disabled, title }: ButtonProps) {
  return (
    <button
      type="button"
      className={`button button-${kind} button-${size}`}
      onClick={onClick}
      disabled={disabled === true}
      title={title}
    >
      {children}
    </button>
  )
}
