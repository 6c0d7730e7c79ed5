/** Why a broker has published a will: the words of `WillCause` of expect.d.ts. */
export const willCauses = [
  'connection lost',
  'keep alive',
  'session taken over',
  'protocol error',
  'disconnect with will',
  'session expired',
  'will delay passed',
  'disconnected by the broker',
  'server shutting down',
] as const

export type WillCause = (typeof willCauses)[number]
