import type { PacketFault } from './fault.ts'

/** The chosen packets are lost for certain. */
export const drop: PacketFault = {
  level: 'packet',
  name: 'drop',
  title: 'drop',
  group: 'loss',
  help: 'The chosen packets vanish; the connection stays.',
  settings: {},
  decide: () => ({ kind: 'drop' }),
  describe: (_settings, { packets }) => `drop ${packets}`,
}
