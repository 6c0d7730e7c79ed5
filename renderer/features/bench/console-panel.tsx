import { useEffect, useLayoutEffect, useRef } from 'react'
import type { ClientView } from '../../state/clients.ts'
import type { ConsoleLine, ConsoleStore } from '../../state/console-store.ts'
import { useStore } from '../../state/store.ts'
import { formatCount } from '../../ui/format.ts'
import './console-panel.css'

export interface ConsolePanelProps {
  readonly client: ClientView | undefined
  readonly consoles: ConsoleStore
  /** Asks the workbench for what a device said before. */
  readonly load: (device: string) => void
  /** False while there is no connection to ask over. */
  readonly connected: boolean
}

export function ConsolePanel({ client, consoles, load, connected }: ConsolePanelProps) {
  const device = client?.device?.id
  useEffect(() => {
    if (device !== undefined && connected) load(device)
  }, [device, connected, load])
  if (client === undefined || device === undefined) {
    const why = client === undefined ? 'Select a device to see its console.' : 'An outside client has no console here.'
    return <p className="pane-none">{why}</p>
  }
  return <ConsoleLines key={device} device={device} consoles={consoles} />
}

function ConsoleLines({ device, consoles }: { readonly device: string; readonly consoles: ConsoleStore }) {
  const { lines, dropped } = useStore(consoles.of(device))
  // Lines have no names, but they only ever leave at the top: what was said first keeps its number.
  const numbered = lines.map((line, i) => ({ number: dropped + i, line }))
  const scroller = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines are what moves the end
  useLayoutEffect(() => {
    const element = scroller.current
    if (element !== null && atEnd.current) element.scrollTop = element.scrollHeight
  }, [lines])
  return (
    <div
      className="console"
      role="log"
      aria-label={`Console of ${device}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it
      tabIndex={0}
      ref={scroller}
      onScroll={({ currentTarget: at }) => {
        atEnd.current = at.scrollHeight - at.scrollTop - at.clientHeight < 4
      }}
    >
      {dropped > 0 && <p className="console-line console-info">{formatCount(dropped)} older lines are gone</p>}
      {lines.length === 0 && <p className="pane-none">{device} has not said anything yet.</p>}
      {numbered.map(({ number, line }) => (
        <Line key={number} line={line} />
      ))}
    </div>
  )
}

function Line({ line }: { readonly line: ConsoleLine }) {
  const time = new Date(line.time)
  return (
    <p className={`console-line console-${line.level}`}>
      <time dateTime={time.toISOString()}>{time.toLocaleTimeString('en-GB')}</time>
      <span>{line.text}</span>
    </p>
  )
}
