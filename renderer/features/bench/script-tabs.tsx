import { useEffect, useRef, useState } from 'react'
import { isDirty, type ScriptDocument } from '../../state/script-documents.ts'
import { Dot } from '../../ui/dot.tsx'
import { Popover } from '../../ui/popover.tsx'
import { fileName } from './client-words.ts'
import './script-tabs.css'

export interface ScriptTabsProps {
  readonly paths: readonly string[]
  readonly documents: ReadonlyMap<string, ScriptDocument>
  readonly current: string | undefined
  readonly onOpen: (path: string) => void
}

/** One tab for each script. Where there is no room for all, the strip scrolls, and a list beside it has all of them. */
export function ScriptTabs({ paths, documents, current, onOpen }: ScriptTabsProps) {
  const room = useRef<HTMLDivElement>(null)
  const strip = useRef<HTMLDivElement>(null)
  const row = useRef<HTMLDivElement>(null)
  const [hidden, setHidden] = useState<Hidden>(none)
  const measure = () => {
    if (room.current === null || strip.current === null || row.current === null) return
    const found = hiddenTabs(room.current, strip.current, row.current)
    setHidden((before) => (before.before === found.before && before.after === found.after ? before : found))
  }
  useOpenTabInSight({ strip, row, current, names: paths.join('\n'), onChange: measure })
  const count = hidden.before + hidden.after
  return (
    <div className="script-tabs-room" ref={room}>
      <div
        className="script-tabs"
        role="tablist"
        aria-label="Scripts"
        ref={strip}
        data-before={hidden.before > 0}
        data-after={hidden.after > 0}
        onScroll={measure}
        // A tab that is seen in part is focused without being scrolled to.
        onFocus={({ target }) => target.scrollIntoView({ inline: 'nearest', block: 'nearest' })}
      >
        <div className="script-tab-row" ref={row}>
          {paths.map((path) => {
            const dirty = isUnsaved(documents, path)
            return (
              <button
                key={path}
                type="button"
                role="tab"
                className="script-tab"
                aria-selected={path === current}
                title={dirty ? `${path} · not saved` : path}
                onClick={() => onOpen(path)}
              >
                {fileName(path)}
                {dirty && <Dot tone="amber" label="not saved" />}
              </button>
            )
          })}
        </div>
      </div>
      {count > 0 && (
        <Popover label={`${count} more`} title="All scripts">
          {(close) => (
            <ul className="script-list">
              {paths.map((path) => (
                <li key={path}>
                  <button
                    type="button"
                    aria-current={path === current}
                    title={path}
                    onClick={() => {
                      onOpen(path)
                      close()
                    }}
                  >
                    <span>{path}</span>
                    {isUnsaved(documents, path) && <Dot tone="amber" label="not saved" />}
                  </button>
                </li>
              ))}
            </ul>
          )}
        </Popover>
      )}
    </div>
  )
}

function isUnsaved(documents: ReadonlyMap<string, ScriptDocument>, path: string): boolean {
  const document = documents.get(path)
  return document !== undefined && isDirty(document)
}

/** How many tabs are out of sight, or seen in part, at either end. */
interface Hidden {
  readonly before: number
  readonly after: number
}

const none: Hidden = { before: 0, after: 0 }

/** @param room what there is for the strip and the button beside it: as wide whether there is a button or not */
function hiddenTabs(room: HTMLElement, strip: HTMLElement, row: HTMLElement): Hidden {
  // A pixel less is not seen: widths are fractions, and scrolling is not. Without the button there would be room for all.
  if (row.getBoundingClientRect().width <= room.getBoundingClientRect().width + 1) return none
  const { left, right } = strip.getBoundingClientRect()
  const tabs = [...row.children].map((tab) => tab.getBoundingClientRect())
  return {
    before: tabs.filter((tab) => tab.left < left - 1).length,
    after: tabs.filter((tab) => tab.left >= left - 1 && tab.right > right + 1).length,
  }
}

type Part = { readonly current: HTMLElement | null }

interface TabsInSight {
  readonly strip: Part
  readonly row: Part
  readonly current: string | undefined
  /** The names on the tabs, in their order. */
  readonly names: string
  readonly onChange: () => void
}

/** Keeps the open tab in sight, and calls back whenever other tabs may be out of it. Scrolling is not told. */
function useOpenTabInSight({ strip, row, current, names, onChange }: TabsInSight): void {
  const changed = useRef(onChange)
  changed.current = onChange
  useEffect(() => {
    if (strip.current === null || row.current === null) return
    const element = strip.current
    const observer = new ResizeObserver(() => {
      showOpenTab(element)
      changed.current()
    })
    // Its width depends on what stands beside it, which changes once a script is read.
    observer.observe(element)
    // That of the tabs on their names, on the font, and on which of them say that they are not saved.
    observer.observe(row.current)
    return () => observer.disconnect()
  }, [strip, row])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another open script, or another place of it, makes it scroll
  useEffect(() => {
    if (strip.current !== null) showOpenTab(strip.current)
    changed.current()
  }, [strip, current, names])
}

function showOpenTab(strip: HTMLElement): void {
  strip.querySelector('[aria-selected=true]')?.scrollIntoView({ inline: 'nearest', block: 'nearest' })
}
