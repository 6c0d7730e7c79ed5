import type { ReactNode } from 'react'

function Icon({ children }: { readonly children: ReactNode }) {
  return (
    <svg
      width={13}
      height={13}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.7"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  )
}

export function HoldIcon() {
  return (
    <Icon>
      <path d="M5 2.5v11M11 2.5v11" strokeWidth="2.4" />
    </Icon>
  )
}

export function GoIcon() {
  return (
    <Icon>
      <path d="M3.5 2 13.5 8 3.5 14Z" fill="currentColor" />
    </Icon>
  )
}

export function StepIcon() {
  return (
    <Icon>
      <path d="M2 8h8M6.5 4.5 10 8l-3.5 3.5M13.5 3.5v9" />
    </Icon>
  )
}

export function DropIcon() {
  return (
    <Icon>
      <path d="m3.5 3.5 9 9M12.5 3.5l-9 9" />
    </Icon>
  )
}

export function TwiceIcon() {
  return (
    <Icon>
      <path d="M2 5h8.5M7.5 2 10.5 5l-3 3M5 11h8.5M10.5 8l3 3-3 3" />
    </Icon>
  )
}

export function EditIcon() {
  return (
    <Icon>
      <path d="m2.5 13.5.7-3L10.5 3.2l2.3 2.3L5.5 12.8Z" />
    </Icon>
  )
}
