import type { ConnectionFault } from './fault.ts'
import { choiceIn } from './settings.ts'

/** How a connection ends that is refused. */
const refusals = ['rst', 'fin'] as const

/** Nobody is at home: new Network Connections end at once. Those that are open stay. */
export const refuse: ConnectionFault = {
  level: 'connection',
  effect: 'refuse',
  name: 'refuse',
  title: 'refuse',
  group: 'connection',
  help: 'New connections end before the broker hears of them: for every client when they open, else at CONNECT.',
  settings: {
    how: { kind: 'choice', label: 'by', choices: refusals, initial: 'rst' },
  },
  describe(settings, { link }) {
    return `refuse ${link}${choiceIn(settings, 'how', refusals) === 'fin' ? ' by FIN' : ''}`
  },
}
