import type { PacketFault } from './fault.ts'
import { numberIn } from './settings.ts'

/** The same octets come again at once. That is not a retry: DUP stays as it was. */
export const duplicate: PacketFault = {
  level: 'packet',
  name: 'duplicate',
  title: 'duplicate',
  group: 'order',
  help: 'The chosen packets arrive several times, octet for octet; unlike a retry, without DUP.',
  settings: {
    copies: { kind: 'number', label: 'arrives', unit: 'times', min: 2, max: 100, whole: true, initial: 2 },
  },
  decide: (settings) => ({ kind: 'repeat', copies: numberIn(settings, 'copies') }),
  describe(settings, { packets }) {
    const copies = numberIn(settings, 'copies')
    return copies === 2 ? `duplicate ${packets}` : `deliver ${packets} ${copies} times`
  },
}
