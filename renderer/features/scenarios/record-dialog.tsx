import { useEffect, useState } from 'react'
import type { Result } from '../../../app/contract/contract.ts'
import type { Call } from '../../state/script-documents.ts'
import { formatPlural } from '../../ui/format.ts'
import { Segments } from '../../ui/segments.tsx'
import { ScenarioForm } from './scenario-form.tsx'
import { useNaming } from './use-naming.ts'

export interface RecordDialogProps {
  readonly call: Call
  readonly onClose: () => void
  readonly onCreated: (path: string) => void
}

const spans = [
  { value: 'all', label: 'Everything' },
  { value: '600000', label: 'The last 10 min' },
  { value: '60000', label: 'The last minute' },
] as const

/** Makes a scenario of what was done by hand. */
export function RecordDialog({ call, onClose, onCreated }: RecordDialogProps) {
  const naming = useNaming('as it was done by hand', call, onCreated)
  const { name, refuse } = naming
  const [span, setSpan] = useState<(typeof spans)[number]['value']>('all')
  const [draft, setDraft] = useState<Result<'scenarios.draft'> | undefined>(undefined)
  useEffect(() => {
    let left = false
    const since = span === 'all' ? {} : { since: Date.now() - Number(span) }
    call('scenarios.draft', { name, ...since }).then(
      (next) => !left && setDraft(next),
      (error: unknown) => !left && refuse(error),
    )
    return () => {
      left = true
    }
  }, [call, name, refuse, span])
  const isEmpty = draft === undefined || draft.deeds === 0
  return (
    <ScenarioForm title="Record as scenario" naming={naming} text={isEmpty ? undefined : draft.text} onClose={onClose}>
      <div className="scenario-span">
        <Segments label="Of which time" segments={spans} value={span} onChange={setSpan} />
        <span role="status">{draft !== undefined && formatPlural(draft.deeds, 'deed')}</span>
      </div>
      {isEmpty && (
        <p className="scenario-form-note">
          Nothing was done by hand in this time. Cut the power of a device on the Bench, drop a packet or cut a link
          among the Handshakes, end a Session: it is written down as you do it, and so is what came of it.
        </p>
      )}
    </ScenarioForm>
  )
}
