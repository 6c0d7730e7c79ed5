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
  const strip = useRef<HTMLDivElement>(null)
  const [hidden, setHidden] = useState<Hidden>(none)
  const measure = () => {
    const found = strip.current === null ? none : hiddenTabs(strip.current)
    if (found.before !== hidden.before || found.after !== hidden.after) setHidden(found)
  }
  // After each drawing: a tab's width depends on its name, and on whether it says that it is not saved.
  useEffect(measure)
  useOpenTabInSight(strip, current, paths.indexOf(current ?? ''), measure)
  const count = hidden.before + hidden.after
  return (
    <>
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
    </>
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

function hiddenTabs(strip: HTMLElement): Hidden {
  const { left, right } = strip.getBoundingClientRect()
  const tabs = [...strip.children].map((tab) => tab.getBoundingClientRect())
  // A pixel less is not seen: widths are fractions, and scrolling is not.
  return {
    before: tabs.filter((tab) => tab.left < left - 1).length,
    after: tabs.filter((tab) => tab.left >= left - 1 && tab.right > right + 1).length,
  }
}

function useOpenTabInSight(
  strip: { readonly current: HTMLElement | null },
  current: string | undefined,
  place: number,
  onResize: () => void,
): void {
  const resized = useRef(onResize)
  resized.current = onResize
  useEffect(() => {
    const element = strip.current
    if (element === null) return
    // Its width depends on what stands beside it, which changes once a script is read.
    const observer = new ResizeObserver(() => {
      showOpenTab(element)
      resized.current()
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [strip])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another open script, or another place of it, makes it scroll
  useEffect(() => {
    if (strip.current !== null) showOpenTab(strip.current)
  }, [strip, current, place])
}

function showOpenTab(strip: HTMLElement): void {
  strip.querySelector('[aria-selected=true]')?.scrollIntoView({ inline: 'nearest', block: 'nearest' })
}
