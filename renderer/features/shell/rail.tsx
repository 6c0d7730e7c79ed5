import type { ReactNode } from 'react'
import { useStore } from '../../state/store.ts'
import { type ThemeChoice, type ThemeSetting, themeChoices } from '../../state/theme-choice.ts'
import { MoonIcon, ScreenIcon, SunIcon } from '../../ui/icons.tsx'
import './rail.css'

export interface RailEntry {
  readonly id: string
  readonly label: string
  readonly icon: ReactNode
}

export interface RailProps {
  readonly entries: readonly RailEntry[]
  readonly current: string
  readonly onOpen: (id: string) => void
  readonly theme: ThemeSetting
}

export function Rail({ entries, current, onOpen, theme }: RailProps) {
  return (
    <nav className="rail" aria-label="Screens">
      {entries.map((entry) => (
        <button
          key={entry.id}
          type="button"
          className="rail-entry"
          // A label may say where it can be divided.
          aria-label={entry.label.replaceAll('\u00ad', '')}
          aria-current={entry.id === current ? 'page' : undefined}
          onClick={() => onOpen(entry.id)}
        >
          {entry.icon}
          <span>{entry.label}</span>
        </button>
      ))}
      <span className="rail-space" />
      <ThemeSwitch theme={theme} />
    </nav>
  )
}

const themes: Record<ThemeChoice, { readonly label: string; readonly icon: ReactNode }> = {
  dark: { label: 'Dark', icon: <MoonIcon /> },
  light: { label: 'Light', icon: <SunIcon /> },
  system: { label: 'System', icon: <ScreenIcon /> },
}

function ThemeSwitch({ theme }: { readonly theme: ThemeSetting }) {
  const choice = useStore(theme.choice)
  const next = themeChoices[(themeChoices.indexOf(choice) + 1) % themeChoices.length] ?? 'system'
  return (
    <button
      type="button"
      className="rail-entry"
      aria-label={`Theme: ${choice}`}
      title={`Theme: ${choice}. Click for ${next}.`}
      onClick={() => theme.choose(next)}
    >
      {themes[choice].icon}
      <span>{themes[choice].label}</span>
    </button>
  )
}
