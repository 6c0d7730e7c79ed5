import { useId, useState } from 'react'
import { starterText } from '../../../app/scenario/draft-text.ts'
import type { Call } from '../../state/script-documents.ts'
import { ScenarioForm } from './scenario-form.tsx'
import { useNaming } from './use-naming.ts'

export interface NewScenarioProps {
  readonly call: Call
  readonly scripts: readonly string[]
  readonly onClose: () => void
  readonly onCreated: (path: string) => void
}

/** Asks for a name, and makes a small scenario that passes. */
export function NewScenario({ call, onClose, onCreated, scripts }: NewScenarioProps) {
  const naming = useNaming('the power fails', call, onCreated)
  const [script, setScript] = useState(scripts[0])
  const id = useId()
  return (
    <ScenarioForm title="New scenario" naming={naming} text={starterText(naming.name, script)} onClose={onClose}>
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
    </ScenarioForm>
  )
}
