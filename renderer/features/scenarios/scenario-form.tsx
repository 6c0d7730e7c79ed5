import { type FormEvent, type ReactNode, useId } from 'react'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import './scenario-forms.css'

export interface ScenarioFormProps {
  readonly title: string
  readonly name: string
  readonly onName: (name: string) => void
  /** Why it could not be made. */
  readonly problem: string | undefined
  readonly canCreate: boolean
  readonly onCreate: () => Promise<void>
  readonly onClose: () => void
  readonly children: ReactNode
}

/** Asks for the name of a scenario that is about to be written. */
export function ScenarioForm(props: ScenarioFormProps) {
  const { canCreate, children, name, onClose, onCreate, onName, problem, title } = props
  const id = useId()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void onCreate()
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="scenario-form" onSubmit={submit}>
        <label htmlFor={id}>What it shows</label>
        <input
          id={id}
          className="input"
          value={name}
          autoComplete="off"
          onChange={(event) => onName(event.target.value)}
        />
        {children}
        {problem !== undefined && (
          <p className="scenario-form-problem" role="alert">
            {problem}
          </p>
        )}
        <div className="scenario-form-end">
          <Button onClick={onClose}>Cancel</Button>
          <button type="submit" className="button button-primary" disabled={!canCreate}>
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
