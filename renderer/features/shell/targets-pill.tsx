import type { TargetSnapshot } from '../../../app/contract/targets.ts'
import { Dot } from '../../ui/dot.tsx'
import { Popover } from '../../ui/popover.tsx'
import { stateWords, targetWords, toneOf } from './target-words.ts'
import './bars.css'

/** The brokers that devices connect to and that are not the workbench's own; a click tells more of each. */
export function TargetsPill({
  targets,
  connected,
}: {
  readonly targets: readonly TargetSnapshot[]
  readonly connected: boolean
}) {
  const words = targetWords(targets)
  if (words === undefined) return null
  const label = (
    <>
      <Dot tone={connected ? words.tone : 'grey'} />
      <b>{words.label}</b>
      <span className="pill-detail">{words.urls}</span>
      {connected && words.trouble !== '' && <span className={`pill-trouble-${words.tone}`}>{words.trouble}</span>}
    </>
  )
  return (
    <span className="targets" data-testid="targets">
      <Popover label={label} title="What devices connect to" look="pill">
        {() => (
          <ul className="targets-list">
            {targets.map((target) => (
              <li key={target.url}>
                <Dot tone={connected ? toneOf(target) : 'grey'} />
                <code>{target.url}</code>
                <span className="targets-state">{connected ? stateWords(target) : 'not known'}</span>
              </li>
            ))}
          </ul>
        )}
      </Popover>
    </span>
  )
}
