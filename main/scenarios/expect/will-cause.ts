import { type WillCause, willCauses } from '../../../app/script-api/will-causes.ts'

/** How the connection has ended, by how the engine's words for it begin. What is not here, the broker has done. */
const endings: readonly (readonly [begins: string, cause: WillCause])[] = [
  ['connection lost', 'connection lost'],
  // All connections were lost with it; the will is published when it is back.
  ['the broker was killed', 'connection lost'],
  ['keep alive ran out', 'keep alive'],
  ['taken over by ', 'session taken over'],
  ['protocol error: ', 'protocol error'],
  ['the client sent DISCONNECT with ', 'disconnect with will'],
  ['the broker was stopped', 'server shutting down'],
]

/** What decided that it is published now, not at the end of the connection, by the engine's words. */
const delayed = / its delay of [\d.e+-]+ s has passed$/
const sessionEnds = ['its Session Expiry Interval has passed', 'its Session was ended by you']

/**
 * The causes that the engine's reason names, one or two: how the connection has ended, and what ended the delay of the will
 * where it had one [MQTT 5 §3.1.3.2.2].
 */
export function causesOf(reason: string): WillCause[] {
  const [, ending] = endings.find(([begins]) => reason.startsWith(begins)) ?? []
  const causes: WillCause[] = [ending ?? 'disconnected by the broker']
  if (delayed.test(reason)) causes.push('will delay passed')
  if (sessionEnds.some((end) => reason.endsWith(end))) causes.push('session expired')
  return causes
}

/** Whether a word of a scenario is one of the causes. */
export function isWillCause(text: string): text is WillCause {
  return willCauses.some((cause) => cause === text)
}
