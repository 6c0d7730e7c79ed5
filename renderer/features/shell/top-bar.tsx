import type { ReactNode } from 'react'
import type { Stats } from '../../../app/contract/contract.ts'
import type { TargetSnapshot } from '../../../app/contract/targets.ts'
import type { About } from '../../state/workbench.ts'
import { formatCount } from '../../ui/format.ts'
import { TargetsPill } from './targets-pill.tsx'
import './bars.css'

export interface TopBarProps {
  readonly about: About | undefined
  /** Other brokers that devices connect to. */
  readonly targets: readonly TargetSnapshot[]
  /** The workbench's own broker, where it is known. */
  readonly broker?: ReactNode
  readonly stats: Stats | undefined
  readonly connected: boolean
  /** Leaves out what is not urgent, because something else needs the room. */
  readonly narrow?: boolean
  /** What stands at the right. */
  readonly children?: ReactNode
}

export function TopBar({ about, broker, targets, stats, connected, narrow = false, children }: TopBarProps) {
  return (
    <header className={classOf(targets, narrow)}>
      <h1 className="brand">
        Fault<em>line</em>
      </h1>
      {about !== undefined && (
        <>
          <span className="workspace" title={about.workspace.path}>
            {about.workspace.name}
          </span>
          {broker}
          <TargetsPill targets={targets} connected={connected} />
        </>
      )}
      {stats !== undefined && connected && !narrow && (
        <>
          <span className="pill pill-stat" data-testid="clients">
            <b className="figure">{formatCount(stats.clients)}</b> {stats.clients === 1 ? 'client' : 'clients'}
          </span>
          <span className="pill pill-stat" data-testid="packet-rate">
            <b className="figure">{formatCount(stats.packetsPerSecond)}</b> packets/s
          </span>
        </>
      )}
      {children}
    </header>
  )
}

function classOf(targets: readonly TargetSnapshot[], narrow: boolean): string {
  return ['top-bar', targets.length > 0 && 'top-bar-targets', narrow && 'top-bar-narrow'].filter(Boolean).join(' ')
}
