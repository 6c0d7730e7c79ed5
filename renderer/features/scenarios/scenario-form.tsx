import { type FormEvent, type ReactNode, useId } from 'react'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import type { Naming } from './use-naming.ts'
import '../../ui/input.css'
import '../../ui/text-box.css'
import './scenario-forms.css'

export interface ScenarioFormProps {
  readonly title: string
  readonly naming: Naming
  /** What is written; undefined while there is nothing to write. */
  readonly text: string | undefined
  readonly onClose: () => void
  readonly children: ReactNode
}

/** Asks for the name of a scenario that is about to be written, and shows it. */
export function ScenarioForm({ children, naming, onClose, text, title }: ScenarioFormProps) {
  const { create, file, name, problem, rename } = naming
  const id = useId()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (text !== undefined) void create(text)
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
          onChange={(event) => rename(event.target.value)}
        />
        {children}
        {text !== undefined && <Preview text={text} file={file} />}
        {problem !== undefined && (
          <p className="scenario-form-problem" role="alert">
            {problem}
          </p>
        )}
        <div className="dialog-end">
          <Button onClick={onClose}>Cancel</Button>
          <button type="submit" className="button button-primary" disabled={text === undefined || file === ''}>
            Create
          </button>
        </div>
      </form>
    </Dialog>
  )
}

/** What is about to be written, and where. */
function Preview({ file, text }: { readonly text: string; readonly file: string }) {
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
      <pre className="text-box scenario-preview" tabIndex={0} data-testid="scenario-preview">
        {text}
      </pre>
      <p className="scenario-form-path">
        {file === '' ? 'makes nothing yet: a name needs letters or digits' : `makes scenarios/${file}.scenario.ts`}
      </p>
    </>
  )
}
