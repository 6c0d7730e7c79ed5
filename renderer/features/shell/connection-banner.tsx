import type { MouseEvent } from 'react'
import { useNow } from '../../state/use-now.ts'
import type { ConnectionState } from '../../state/workbench.ts'
import { Button } from '../../ui/button.tsx'
import '../../ui/notice.css'
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
    <div className="notice banner" role="alert" data-testid="connection-banner">
      <span>{state.phase === 'connecting' ? 'Connecting to the workbench …' : describe(state, now)}</span>
      {state.phase === 'refused' && (
        <a className="banner-link" href={location.href} onClick={reload}>
          Reload the page
        </a>
      )}
      {state.phase === 'lost' && (
        <Button size="small" onClick={onRetry}>
          Try now
        </Button>
      )}
    </div>
  )
}

/** The address has a `#`, so that following the link alone would go to a place in this page. */
function reload(event: MouseEvent) {
  event.preventDefault()
  location.reload()
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

function describe(state: ConnectionState & { readonly phase: 'lost' | 'refused' }, now: number): string {
  const { message, hint } = state.error
  const sentence = [message, hint].flatMap((part) => (part === undefined ? [] : `${capital(part)}.`)).join(' ')
  if (state.phase === 'refused') return sentence
  const seconds = Math.ceil((state.retryAt - now) / 1000)
  return `${sentence} ${seconds > 0 ? `Trying again in ${seconds} s.` : 'Trying again …'}`
}
