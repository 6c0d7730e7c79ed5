import type { Session } from '../../state/clients.ts'
import type { ChipTone } from '../../ui/chip.tsx'
import type { DotTone } from '../../ui/dot.tsx'
import { formatCount, formatPlural, formatSpan, formatWait } from '../../ui/format.ts'

/**
 * - `connected`: its client is there
 * - `kept`: its client is not there, and it waits for it
 * - `ended`: there is no Session any more; its will was its last word
 */
export type SessionPhase = 'connected' | 'kept' | 'ended'

export function phaseOf({ connected, expiry }: Pick<Session, 'connected' | 'expiry'>): SessionPhase {
  if (connected) return 'connected'
  return expiry === 0 ? 'ended' : 'kept'
}

export const phaseTones: Record<SessionPhase, { readonly chip: ChipTone; readonly dot: DotTone }> = {
  connected: { chip: 'green', dot: 'green' },
  kept: { chip: 'amber', dot: 'amber' },
  ended: { chip: 'grey', dot: 'grey' },
}

export const versionNames = { 3: 'MQTT 3.1', 4: 'MQTT 3.1.1', 5: 'MQTT 5' } as const

/** A time that runs out, to the second while it is short: `4.2 s`, `48 s`, `4 min 10 s`, `2 h 5 min`. */
export function formatCountdown(ms: number): string {
  if (ms < 60_000) return formatWait(ms)
  const seconds = Math.floor(ms / 1000)
  if (seconds >= 3600) return formatSpan(ms)
  const rest = seconds % 60
  return rest === 0 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 60)} min ${rest} s`
}

const handling = ['', 'retained only if new', 'no retained'] as const

/** The options of a Subscription that are not as they are without saying [MQTT 5 §3.8.3.1]. */
export function optionsOf({ noLocal, retainAsPublished, retainHandling }: Session['subscriptions'][number]): string[] {
  return [
    ...(noLocal ? ['no local'] : []),
    ...(retainAsPublished ? ['retain as published'] : []),
    ...(retainHandling === 0 ? [] : [handling[retainHandling]]),
  ]
}

/** Messages that wait to be sent. Of a client that is away the broker counts those in flight among them, and here they are not. */
export function waitingOf({ connected, inflight, queued }: Pick<Session, 'connected' | 'inflight' | 'queued'>): number {
  return connected ? queued : Math.max(0, queued - inflight)
}

/** That there is no room on a Network Connection for a moment is as it should be; from here on, in milliseconds, it is told. */
const leastCongestedMs = 2000

/** For how many milliseconds messages have waited for room on its Network Connection; undefined where there is some. */
export function congestedFor({ blockedSince }: Pick<Session, 'blockedSince'>, now: number): number | undefined {
  const ms = blockedSince === undefined ? 0 : now - blockedSince
  return ms < leastCongestedMs ? undefined : ms
}

/** What stands below its name: what waits, or for how long. */
export function describeLine(session: Session, now: number): string {
  const { expiresAt, incoming, inflight, protocolVersion, subscriptions, will } = session
  const parts: string[] = [versionNames[protocolVersion]]
  const waiting = waitingOf(session)
  if (phaseOf(session) === 'ended') {
    parts.push(`ended ${formatSpan(now - session.since)} ago`)
    if (will !== undefined) parts.push(`will ${will.state}`)
    return parts.join(' · ')
  }
  if (expiresAt !== undefined) parts.push(`ends in ${formatCountdown(expiresAt - now)}`)
  const congested = congestedFor(session, now)
  if (congested !== undefined) parts.push(`congested for ${formatSpan(congested)}`)
  if (waiting > 0) parts.push(`${formatCount(waiting)} waiting`)
  if (inflight + incoming > 0) parts.push(`${formatCount(inflight + incoming)} in flight`)
  if (will?.state === 'delayed') parts.push('will delayed')
  parts.push(subscriptions.length === 0 ? 'no subscription' : formatPlural(subscriptions.length, 'subscription'))
  return parts.join(' · ')
}

/** For how long it is kept when its client leaves. */
export function describeKept({ connected, endReason, expiry, expiresAt }: Session, now: number): string {
  if (expiry === undefined) return 'for ever'
  if (expiresAt !== undefined) return `ends in ${formatCountdown(expiresAt - now)}`
  if (!connected) return endReason === undefined ? 'it has ended' : `it has ended: ${endReason}`
  return expiry === 0 ? 'ends with its connection' : `for ${formatCountdown(expiry * 1000)} after its client leaves`
}

/** What becomes of its will where it is disconnected, or that there is nobody any more to be disconnected. */
export function describeDisconnect({ connected, expiry, will }: Session, now: number): string {
  if (!connected) {
    const left = 'The client has left by itself meanwhile'
    if (will?.state !== 'delayed' || will.until === undefined) return `${left}.`
    return `${left}: its will goes out in ${formatCountdown(Math.max(0, will.until - now))}, unless it is back before.`
  }
  if (will?.state !== 'armed') return 'It has no will: nothing is published.'
  // Where the Session ends first it is then [MQTT 5 §3.1.3.2.2].
  const delay = Math.min(will.delay, expiry ?? Number.POSITIVE_INFINITY)
  if (delay === 0) return 'Its will is published: to its watchers the client has failed.'
  return `Its will is published ${formatCountdown(delay * 1000)} later, unless the client is back before.`
}

/** Milliseconds for which the broker shows a Session that has ended and left no will behind. */
const shownMs = 10 * 60_000

/** How long one that has ended is still shown. */
export function describeShown({ since, will }: Pick<Session, 'since' | 'will'>, now: number): string {
  const until = 'It stays here until its client connects again'
  if (will?.state === 'published') return `${until}.`
  return `${until}, for ${formatCountdown(Math.max(0, since + shownMs - now))} at the longest.`
}
