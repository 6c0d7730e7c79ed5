import { useNow } from '../../state/use-now.ts'
import type { ConnectionState } from '../../state/workbench.ts'
import { Button } from '../../ui/button.tsx'
import './bars.css'

/** Shown while there is no workbench at the other end. What is on the screen is then what was last heard. */
export function ConnectionBanner({
  state,
  onRetry,
}: {
  readonly state: ConnectionState
  readonly onRetry: () => void
}) {
  const now = useNow()
  if (state.phase === 'open') return null
  return (
    <div className="banner" role="alert" data-testid="connection-banner">
      <span>{state.phase === 'connecting' ? 'Connecting to the workbench …' : describe(state, now)}</span>
      {state.phase !== 'connecting' && (
        <Button size="small" onClick={onRetry}>
          Try now
        </Button>
      )}
    </div>
  )
}

function describe(state: ConnectionState & { readonly phase: 'lost' | 'refused' }, now: number): string {
  const { message, hint } = state.error
  const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}${hint === undefined ? '' : `: ${hint}`}.`
  if (state.phase === 'refused') return sentence
  const seconds = Math.ceil((state.retryAt - now) / 1000)
  return `${sentence} ${seconds > 0 ? `Trying again in ${seconds} s.` : 'Trying again …'}`
}
