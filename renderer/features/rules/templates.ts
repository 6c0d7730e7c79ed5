import { breakpointKind, type RuleForm, startForm } from './rule-form.ts'

/** What is wanted often, and so takes one click: a form that somebody else has filled in. */
export interface Template {
  readonly label: string
  /** @param clients pattern of the clients that are meant; empty is every client. */
  form(clients: string): RuleForm
}

function template(label: string, kind: string, filter = '', limits: Readonly<Record<string, string>> = {}): Template {
  return {
    label,
    form(clients) {
      const start = startForm(kind)
      return { ...start, clients, filter, values: { ...start.values, ...limits } }
    },
  }
}

export const templates: readonly Template[] = [
  template('hold PUBREL', breakpointKind, 'type:pubrel'),
  template('drop first PUBREC', 'drop', 'type:pubrec', { times: '1' }),
  template('lose the third PUBACK', 'drop', 'type:puback', { nth: '3', times: '1' }),
  template('cut after PUBREC', 'cut', 'type:pubrec', { times: '1' }),
  template('latency 200 ms', 'latency'),
  template('half-open link', 'halfOpen'),
]
