import { type FormEvent, useEffect, useId, useState } from 'react'
import { messageOf } from '../../../app/base/errors.ts'
import type { Result } from '../../../app/contract/contract.ts'
import { deviceNameMistake, deviceNameRule } from '../../../app/device/device-name.ts'
import type { Call } from '../../state/script-documents.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import './new-device.css'

type Template = Result<'scripts.templates'>[number]

export interface NewDeviceProps {
  readonly call: Call
  readonly connected: boolean
  /** Names of scripts that there are, without folder and ending. */
  readonly taken: ReadonlySet<string>
  /** @param name without folder and ending */
  readonly onCreated: (path: string, name: string) => void
}

/** The button for a new device, and the dialog that it opens. */
export function NewDevice({ connected, ...props }: NewDeviceProps) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button
        type="button"
        className="new-device-button"
        disabled={!connected}
        aria-haspopup="dialog"
        title="Make a script from a template"
        onClick={() => setOpen(true)}
      >
        + New device
      </button>
      {open && <NewDeviceDialog {...props} onClose={() => setOpen(false)} />}
    </>
  )
}

function NewDeviceDialog(props: Omit<NewDeviceProps, 'connected'> & { readonly onClose: () => void }) {
  const { call, taken, onCreated, onClose } = props
  const { templates, problem: unread } = useTemplates(call)
  const [chosen, choose] = useState<string | undefined>(undefined)
  const [typed, setTyped] = useState<string | undefined>(undefined)
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const [busy, setBusy] = useState(false)
  const id = useId()
  const template = chosen ?? templates[0]?.id
  // What was not typed follows the template.
  const name = typed ?? (template === undefined ? '' : freeName(template, taken))
  const mistake = name === '' && typed === undefined ? undefined : nameMistake(name, taken)
  const shown = problem ?? mistake ?? unread
  const create = async () => {
    if (template === undefined || busy || mistake !== undefined) return
    setBusy(true)
    try {
      const { path } = await call('scripts.create', { name, template })
      onCreated(path, name)
      onClose()
    } catch (error) {
      setProblem(messageOf(error))
      setBusy(false)
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void create()
  }
  return (
    <Dialog title="New device" onClose={onClose}>
      <form className="new-device" onSubmit={submit} noValidate>
        <fieldset className="new-device-templates">
          <legend>Begin with</legend>
          {templates.map((each) => (
            <TemplateChoice key={each.id} template={each} checked={each.id === template} onChoose={choose} />
          ))}
        </fieldset>
        <label className="new-device-name" htmlFor={id}>
          Name
          <span>
            <input
              id={id}
              value={name}
              onChange={(event) => {
                setTyped(event.target.value.trim())
                setProblem(undefined)
              }}
              aria-invalid={(problem ?? mistake) !== undefined}
              aria-describedby={`${id}-rule ${id}-path`}
              autoComplete="off"
              spellCheck={false}
            />
          </span>
        </label>
        <p className="new-device-rule" id={`${id}-rule`}>
          A name: {deviceNameRule}.
        </p>
        <p className="new-device-path" id={`${id}-path`}>
          {mistake === undefined && name !== '' ? `makes devices/${name}.device.ts` : 'makes nothing yet'}
        </p>
        {shown !== undefined && (
          <p className="new-device-problem" role="alert">
            {shown}
          </p>
        )}
        <div className="new-device-end">
          <Button onClick={onClose}>Cancel</Button>
          <button
            type="submit"
            className="button button-primary"
            disabled={busy || name === '' || mistake !== undefined}
          >
            Create
          </button>
        </div>
      </form>
    </Dialog>
  )
}

function useTemplates(call: Call): { templates: readonly Template[]; problem: string | undefined } {
  const [templates, setTemplates] = useState<readonly Template[]>([])
  const [problem, setProblem] = useState<string | undefined>(undefined)
  useEffect(() => {
    let left = false
    call('scripts.templates', {}).then(
      (list) => !left && setTemplates(list),
      (error: unknown) => !left && setProblem(messageOf(error)),
    )
    return () => {
      left = true
    }
  }, [call])
  return { templates, problem }
}

interface TemplateChoiceProps {
  readonly template: Template
  readonly checked: boolean
  readonly onChoose: (id: string) => void
}

function TemplateChoice({ template: { id, title, description }, checked, onChoose }: TemplateChoiceProps) {
  return (
    <label className="new-device-template">
      <input type="radio" name="template" checked={checked} onChange={() => onChoose(id)} />
      <span>
        <b>{title}</b>
        <span>{description}</span>
      </span>
    </label>
  )
}

/** Said while it is typed; what only the workbench knows, it says when it is asked. */
function nameMistake(name: string, taken: ReadonlySet<string>): string | undefined {
  return deviceNameMistake(name) ?? (taken.has(name) ? `there is a script ${name}.device.ts already` : undefined)
}

/** The template's own name, with a number where it is taken. */
export function freeName(template: string, taken: ReadonlySet<string>): string {
  let name = template
  for (let n = 2; taken.has(name); n++) name = `${template}-${n}`
  return name
}
