import type { KeyboardEvent, ReactNode } from 'react'
import type { List } from './use-list.ts'
import './list-row.css'

export interface ListBoxProps {
  readonly label: string
  readonly list: List
  /** Where the list takes more keys than those that go from row to row. */
  readonly onKeyDown?: (event: KeyboardEvent) => void
  /** The rows in sight. */
  readonly children: ReactNode
}

/** A list that scrolls, of one row that is chosen among others. */
export function ListBox({ label, list, onKeyDown, children }: ListBoxProps) {
  return (
    <div className="list-scroll" ref={list.attach} onScroll={list.onScroll}>
      <div
        role="listbox"
        aria-label={label}
        tabIndex={0}
        className="list-rows"
        aria-activedescendant={list.active}
        style={{ height: list.length }}
        onKeyDown={onKeyDown ?? list.onKeyDown}
      >
        {children}
      </div>
    </div>
  )
}

export interface ListRowProps {
  readonly id: string
  readonly className: string
  /** In pixels, from the top of the list. */
  readonly top: number
  readonly height: number
  /** Before its text, in pixels. */
  readonly indent?: number | undefined
  readonly selected: boolean
  readonly title?: string | undefined
  readonly testId?: string | undefined
  readonly onClick: () => void
  readonly onDoubleClick?: () => void
  readonly children: ReactNode
}

export function ListRow(props: ListRowProps) {
  const { children, className, height, id, indent, onClick, onDoubleClick, selected, testId, title, top } = props
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list itself takes the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus and names its active option
    <div
      id={id}
      role="option"
      aria-selected={selected}
      className={`list-row ${className}`}
      style={{ top, height, paddingLeft: indent }}
      title={title}
      data-testid={testId}
      onClick={onClick}
      onDoubleClick={onDoubleClick}
    >
      {children}
    </div>
  )
}
