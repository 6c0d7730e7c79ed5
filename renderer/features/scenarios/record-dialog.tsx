import { useEffect, useState } from 'react'
import { messageOf } from '../../../app/base/errors.ts'
import type { Result } from '../../../app/contract/contract.ts'
import type { Call } from '../../state/script-documents.ts'
import { formatPlural } from '../../ui/format.ts'
import { Segments } from '../../ui/segments.tsx'
import { Preview, ScenarioForm } from './scenario-form.tsx'
import { fileNameOf } from './scenario-words.ts'

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
  const [name, setName] = useState('as it was done by hand')
  const [span, setSpan] = useState<(typeof spans)[number]['value']>('all')
  const [draft, setDraft] = useState<Result<'scenarios.draft'> | undefined>(undefined)
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const file = fileNameOf(name)
  useEffect(() => {
    let left = false
    const since = span === 'all' ? {} : { since: Date.now() - Number(span) }
    call('scenarios.draft', { name, ...since }).then(
      (next) => !left && setDraft(next),
      (error: unknown) => !left && setProblem(messageOf(error)),
    )
    return () => {
      left = true
    }
  }, [call, name, span])
  const create = async () => {
    if (draft === undefined) return
    try {
      const { path } = await call('scenarios.create', { name: file, text: draft.text })
      onCreated(path)
    } catch (error) {
      setProblem(messageOf(error))
    }
  }
  const isEmpty = draft === undefined || draft.deeds === 0
  return (
    <ScenarioForm
      title="Record as scenario"
      name={name}
      onName={(next) => {
        setName(next)
        setProblem(undefined)
      }}
      problem={problem}
      canCreate={!isEmpty && file !== ''}
      onCreate={create}
      onClose={onClose}
    >
      <div className="scenario-span">
        <Segments label="Of which time" segments={spans} value={span} onChange={setSpan} />
        <span role="status">{draft !== undefined && formatPlural(draft.deeds, 'deed')}</span>
      </div>
      {isEmpty ? (
        <p className="scenario-form-note">
          Nothing was done by hand in this time. Cut the power of a device on the Bench, drop a packet or cut a link
          among the Handshakes, end a Session: it is written down as you do it, and so is what came of it.
        </p>
      ) : (
        <Preview text={draft.text} file={file} />
      )}
    </ScenarioForm>
  )
}
