import type { ReactNode } from 'react'
import type { Stats } from '../../../app/contract/contract.ts'
import type { About } from '../../state/workbench.ts'
import { Dot } from '../../ui/dot.tsx'
import { formatCount } from '../../ui/format.ts'
import './bars.css'

export interface TopBarProps {
  readonly about: About | undefined
  readonly stats: Stats | undefined
  readonly connected: boolean
  /** Leaves out what is not urgent, because something else needs the room. */
  readonly narrow?: boolean
  /** What stands at the right. */
  readonly children?: ReactNode
}

export function TopBar({ about, stats, connected, narrow = false, children }: TopBarProps) {
  return (
    <header className="top-bar">
      <h1 className="brand">
        Fault<em>line</em>
      </h1>
      {about !== undefined && (
        <>
          <span className="workspace" title={about.workspace.path}>
            {about.workspace.name}
          </span>
          <span className="pill" data-testid="broker">
            <Dot tone={connected ? 'green' : 'grey'} />
            <b>Embedded broker</b>
            <span className="pill-detail">{about.broker.url}</span>
          </span>
        </>
      )}
      {stats !== undefined && connected && !narrow && (
        <>
          <span className="pill" data-testid="clients">
            <b className="figure">{formatCount(stats.clients)}</b> {stats.clients === 1 ? 'client' : 'clients'}
          </span>
          <span className="pill" data-testid="packet-rate">
            <b className="figure">{formatCount(stats.packetsPerSecond)}</b> packets/s
          </span>
        </>
      )}
      {children}
    </header>
  )
}
