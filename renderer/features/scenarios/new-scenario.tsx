import { useId, useState } from 'react'
import { messageOf } from '../../../app/base/errors.ts'
import { starterText } from '../../../app/scenario/draft-text.ts'
import type { Call } from '../../state/script-documents.ts'
import { Preview, ScenarioForm } from './scenario-form.tsx'
import { fileNameOf } from './scenario-words.ts'

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
  const create = async () => {
    try {
      const { path } = await call('scenarios.create', { name: file, text })
      onCreated(path)
    } catch (error) {
      setProblem(messageOf(error))
    }
  }
  return (
    <ScenarioForm
      title="New scenario"
      name={name}
      onName={(next) => {
        setName(next)
        setProblem(undefined)
      }}
      problem={problem}
      canCreate={file !== ''}
      onCreate={create}
      onClose={onClose}
    >
      <label htmlFor={id}>Its device</label>
      <select
        id={id}
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
    </ScenarioForm>
  )
}
