import type { ConnectionSnapshot } from '../../../app/contract/contract.ts'
import type { Session } from '../../state/clients.ts'
import { formatSpan } from '../../ui/format.ts'

/**
 * What becomes of its session: in 3.1.1 Clean Session says it [MQTT-3.1.2-4]; in 5 Clean Start says only how it begins, and
 * the Session Expiry Interval how long it is kept.
 */
export function describeClean({ clean, protocolVersion }: Pick<Session, 'clean' | 'protocolVersion'>): string {
  if (protocolVersion === 5) return clean ? 'begins anew (clean start on)' : 'goes on (clean start off)'
  return clean ? 'not kept (clean session on)' : 'kept (clean session off)'
}

/** The broker gives up after one and a half times the keep alive without a packet [MQTT-3.1.2-24]. */
export function describeKeepAlive(
  { connected, keepAlive }: Pick<Session, 'connected' | 'keepAlive'>,
  connection: Pick<ConnectionSnapshot, 'open' | 'lastFromClientAt'> | undefined,
  now: number,
): string {
  if (keepAlive === 0) return 'off: silence is never too long'
  const heard = connection?.open === true ? connection.lastFromClientAt : undefined
  if (!connected || heard === undefined) return `${keepAlive} s`
  // The screen's clock ticks once in a while: a packet may have come since, and so from its future.
  const silent = Math.max(0, now - heard)
  const last = `${keepAlive} s · last packet ${formatSpan(silent)} ago`
  return silent > keepAlive * 1500 ? `${last}, too long` : last
}
