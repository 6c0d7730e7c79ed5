import { type Store, useStore } from '../../state/store.ts'
import { Button } from '../../ui/button.tsx'
import type { RulesCalls, Tell } from './calls.ts'
import { ClientsInput } from './clients-input.tsx'
import { outcomeWords } from './row-words.ts'
import { type Template, templates } from './templates.ts'

export interface LinkActionsProps {
  readonly disabled: boolean
  readonly clients: readonly string[]
  /** What is typed. */
  readonly pattern: Store<string>
  readonly call: RulesCalls
  readonly tell: Tell
  readonly onTemplate: (template: Template, clients: string) => void
}

/** What takes one click, for the clients that are named: rules that are wanted often, cutting and healing links. */
export function LinkActions(props: LinkActionsProps) {
  const { disabled, clients, call, tell, onTemplate } = props
  const typed = useStore(props.pattern)
  const pattern = typed.trim()
  const unnamed = pattern === '' ? 'Name a client first; * is every client' : undefined
  const cut = (how: 'rst' | 'fin') =>
    void tell(call.cut(pattern, how), ({ connections }) => outcomeWords('cut', connections, pattern))
  return (
    <section className="link-actions" aria-label="Quick rules and links">
      <ClientsInput label="for" value={typed} onChange={(text) => props.pattern.set(text)} known={clients} />
      <div className="link-buttons">
        {templates.map((template) => (
          <Button key={template.label} size="small" disabled={disabled} onClick={() => onTemplate(template, typed)}>
            {template.label}
          </Button>
        ))}
      </div>
      <div className="link-buttons">
        <Button
          size="small"
          kind="danger"
          disabled={disabled || unnamed !== undefined}
          title={unnamed ?? 'Ends their connections by RST: what is under way is lost'}
          onClick={() => cut('rst')}
        >
          Cut (RST)
        </Button>
        <Button
          size="small"
          kind="danger"
          disabled={disabled || unnamed !== undefined}
          title={unnamed ?? 'Ends their connections by FIN, without DISCONNECT'}
          onClick={() => cut('fin')}
        >
          Cut (FIN)
        </Button>
        <Button
          size="small"
          disabled={disabled || unnamed !== undefined}
          title={unnamed ?? 'Removes the rules that are for these clients and no others; a half-open link works again'}
          onClick={() => void tell(call.heal(pattern), ({ rules }) => outcomeWords('heal', rules, pattern))}
        >
          Heal
        </Button>
      </div>
    </section>
  )
}
