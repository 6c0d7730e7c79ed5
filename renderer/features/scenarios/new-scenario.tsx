import { type FormEvent, useId, useState } from 'react'
import { messageOf } from '../../../app/base/errors.ts'
import { starterText } from '../../../app/scenario/draft-text.ts'
import type { Call } from '../../state/script-documents.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { fileNameOf } from './scenario-words.ts'
import './scenario-forms.css'

export interface NewScenarioProps {
  readonly call: Call
  readonly scripts: readonly string[]
  readonly onClose: () => void
  readonly onCreated: (path: string) => void
}

/** Asks for a name, and makes a small scenario that passes. */
export function NewScenario({ call, onClose, onCreated, scripts }: NewScenarioProps) {
  const [name, setName] = useState('the power fails')
  const [script, setScript] = useState(scripts[0])
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const id = useId()
  const file = fileNameOf(name)
  const text = starterText(name, script)
  const create = async (event: FormEvent) => {
    event.preventDefault()
    try {
      const { path } = await call('scenarios.create', { name: file, text })
      onCreated(path)
    } catch (error) {
      setProblem(messageOf(error))
    }
  }
  return (
    <Dialog title="New scenario" onClose={onClose}>
      <form className="scenario-form" onSubmit={(event) => void create(event)}>
        <label htmlFor={id}>What it shows</label>
        <input
          id={id}
          className="input"
          value={name}
          autoComplete="off"
          onChange={(event) => {
            setName(event.target.value)
            setProblem(undefined)
          }}
        />
        <label htmlFor={`${id}-device`}>Its device</label>
        <select
          id={`${id}-device`}
          className="input"
          value={script ?? ''}
          onChange={(event) => setScript(event.target.value === '' ? undefined : event.target.value)}
        >
          {scripts.map((each) => (
            <option key={each}>{each}</option>
          ))}
          <option value="">none: only clients that the scenario drives</option>
        </select>
        <Preview text={text} file={file} />
        {problem !== undefined && (
          <p className="scenario-form-problem" role="alert">
            {problem}
          </p>
        )}
        <div className="scenario-form-end">
          <Button onClick={onClose}>Cancel</Button>
          <button type="submit" className="button button-primary" disabled={file === ''}>
            Create
          </button>
        </div>
      </form>
    </Dialog>
  )
}

/** What is about to be written, and where. */
export function Preview({ file, text }: { readonly text: string; readonly file: string }) {
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
      <pre className="scenario-preview" tabIndex={0} data-testid="scenario-preview">
        {text}
      </pre>
      <p className="scenario-form-path">
        {file === '' ? 'makes nothing yet: a name needs letters or digits' : `makes scenarios/${file}.scenario.ts`}
      </p>
    </>
  )
}
