import type { ReactNode } from 'react'

function Icon({ size, children }: { readonly size: number; readonly children: ReactNode }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  )
}

export function GridIcon() {
  return (
    <Icon size={16}>
      <rect x="1.75" y="1.75" width="5" height="5" />
      <rect x="9.25" y="1.75" width="5" height="5" />
      <rect x="1.75" y="9.25" width="5" height="5" />
      <rect x="9.25" y="9.25" width="5" height="5" />
    </Icon>
  )
}

export function LinesIcon() {
  return (
    <Icon size={16}>
      <path d="M1.5 4.5h13M1.5 8h13M1.5 11.5h8.5" />
    </Icon>
  )
}

export function LadderIcon() {
  return (
    <Icon size={16}>
      <path d="M3.5 1.75v12.5M12.5 1.75v12.5M3.5 4.5l9 1.5M12.5 9.5l-9 1.5" />
    </Icon>
  )
}

export function PersonIcon() {
  return (
    <Icon size={16}>
      <circle cx="8" cy="5" r="2.75" />
      <path d="M3 13.75a5 5 0 0 1 10 0" />
    </Icon>
  )
}

export function TreeIcon() {
  return (
    <Icon size={16}>
      <path d="M3.5 1.75v10.5h4M3.5 5.5h4M10.5 5.5h3M10.5 12.25h3" />
    </Icon>
  )
}

export function PlayIcon() {
  return (
    <Icon size={16}>
      <path d="M4.5 2.5l8 5.5-8 5.5z" />
    </Icon>
  )
}

export function MoonIcon() {
  return (
    <Icon size={16}>
      <path d="M13.5 9.7A6 6 0 0 1 6.3 2.5a6 6 0 1 0 7.2 7.2Z" />
    </Icon>
  )
}

export function SunIcon() {
  return (
    <Icon size={16}>
      <circle cx="8" cy="8" r="2.9" />
      <path d="M8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3.05 3.05l1.1 1.1M11.85 11.85l1.1 1.1M12.95 3.05l-1.1 1.1M4.15 11.85l-1.1 1.1" />
    </Icon>
  )
}

export function ScreenIcon() {
  return (
    <Icon size={16}>
      <rect x="1.75" y="2.5" width="12.5" height="8.5" rx="1" />
      <path d="M5.5 13.75h5M8 11v2.75" />
    </Icon>
  )
}

export function BoltIcon() {
  return (
    <Icon size={13}>
      <path d="M9.2 1.5 3.5 9h4l-.8 5.5L12.5 7h-4l.7-5.5Z" />
    </Icon>
  )
}

export function PowerIcon() {
  return (
    <Icon size={13}>
      <path d="M8 1.75v6M4.4 4A5.5 5.5 0 1 0 11.6 4" />
    </Icon>
  )
}

export function UnplugIcon() {
  return (
    <Icon size={13}>
      <path d="M2 8h3.5M10.5 8H14M5.5 4.75v6.5M10.5 4.75v6.5" />
    </Icon>
  )
}

export function PlugIcon() {
  return (
    <Icon size={13}>
      <path d="M2 8h12M5.75 4.75v6.5M10.25 4.75v6.5" />
    </Icon>
  )
}

export function DownIcon() {
  return (
    <Icon size={12}>
      <path d="M8 2.5v10M3.75 8.5 8 12.75 12.25 8.5" />
    </Icon>
  )
}
