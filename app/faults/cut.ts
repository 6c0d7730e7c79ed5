import type { PacketFault } from './fault.ts'
import { choiceIn } from './settings.ts'

const ways = ['rst', 'fin'] as const
const moments = ['after', 'before'] as const

/** The Network Connection ends at a packet, without DISCONNECT. */
export const cut: PacketFault = {
  level: 'packet',
  name: 'cut',
  title: 'cut',
  group: 'connection',
  help: 'The connection ends before or after the chosen packet, both ways: by RST at once, by FIN in order.',
  settings: {
    how: { kind: 'choice', label: 'by', choices: ways, initial: 'rst' },
    when: { kind: 'choice', label: 'when', choices: moments, initial: 'after' },
  },
  decide: (settings) => ({
    kind: 'cut',
    how: choiceIn(settings, 'how', ways),
    when: choiceIn(settings, 'when', moments),
  }),
  describe(settings, { packets }) {
    const way = choiceIn(settings, 'how', ways) === 'fin' ? ' by FIN' : ''
    return `cut link ${choiceIn(settings, 'when', moments)} ${packets}${way}`
  },
}
