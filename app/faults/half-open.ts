import type { ConnectionFault } from './fault.ts'

/** Silence: octets vanish, the sockets stay, nobody learns of it until a keep alive runs out. */
export const halfOpen: ConnectionFault = {
  level: 'connection',
  effect: 'half-open',
  name: 'halfOpen',
  title: 'half-open',
  group: 'connection',
  help: 'All octets vanish and the connection seems to stay, as with a pulled cable; only a keep alive finds out.',
  settings: {},
  describe: (_settings, { link }) => `half-open link for ${link}`,
}
