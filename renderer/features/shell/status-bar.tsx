import type { Stats } from '../../../app/contract/contract.ts'
import type { About } from '../../state/workbench.ts'
import { Dot } from '../../ui/dot.tsx'
import { formatOctets, formatPlural } from '../../ui/format.ts'
import './bars.css'

export interface StatusBarProps {
  readonly about: About | undefined
  readonly stats: Stats | undefined
  readonly connected: boolean
  readonly scriptErrors: number
}

export function StatusBar({ about, stats, connected, scriptErrors }: StatusBarProps) {
  return (
    <footer className="status-bar">
      {stats !== undefined && connected ? (
        <span className="status-item" data-testid="captured">
          <Dot tone="green" />
          capturing · {formatPlural(stats.captured, 'record')} · {formatOctets(stats.ringOctets)} of memory
          {stats.ringCut > 0 && ` · ${formatOctets(stats.ringCut)} of very large packets not kept`}
        </span>
      ) : (
        <span className="status-item">
          <Dot tone={connected ? 'grey' : 'amber'} />
          {connected ? 'connected' : 'not connected'}
        </span>
      )}
      <span className={scriptErrors > 0 ? 'status-item status-bad' : 'status-item'} data-testid="script-errors">
        {formatPlural(scriptErrors, 'script error')}
      </span>
      <span className="status-space" />
      {stats !== undefined && connected && (
        <span className="status-item">
          main {formatOctets(stats.memory)} · loop {stats.loopDelay.toFixed(0)} ms
        </span>
      )}
      {about !== undefined && <span className="status-item">Faultline {about.version}</span>}
    </footer>
  )
}
