import type { Ask } from '../../app/script-api/scenario-crossing.ts'

/** What it says of an expectation before it is judged. */
export function provisional({ expectation, soft, subject }: Extract<Ask, { do: 'expect' }>): string {
  const id = 'id' in subject ? subject.id : 'group' in subject ? subject.group : subject.is
  const part = ['will', 'session', 'exchanges'].includes(subject.is) ? `.${subject.is}` : ''
  return `expect${soft ? '.soft' : ''}(${id}${part}).${expectation.matcher}`
}

export function pollOf(matcher: string): string {
  return `expect.poll(…).${matcher}`
}

/** As the script has written it. */
function reading({ of, what }: Extract<Ask, { do: 'read' }>): string {
  switch (what) {
    case 'count':
    case 'messages':
      return `watch.${what}()`
    case 'connections':
      return 'broker.connections()'
    case 'hits':
      return 'hits() of a fault'
    default:
      return `${what}() of ${String(of)}`
  }
}

/** What a run waited for that was out of time; empty for what is not waited for. */
export function waitedFor(ask: Ask): string {
  switch (ask.do) {
    case 'log':
    case 'begin step':
    case 'end step':
    case 'end poll':
    case 'judged':
      return ''
    case 'poll':
      return pollOf(ask.matcher)
    case 'read':
      return reading(ask)
    case 'expect':
      return provisional(ask)
    case 'wire':
      return `wire.${ask.what.order}`
    case 'broker':
      return `broker.${ask.what.order}`
    case 'device':
      return `${ask.action} of ${ask.id}`
    case 'publish':
      return `publish to ${ask.topic} by ${ask.id}`
    default:
      return 'id' in ask ? `${ask.do} of ${ask.id}` : ask.do
  }
}
