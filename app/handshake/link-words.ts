import type { ObservedClosing } from './observed.ts'

/** What is known of a Network Connection that has come to its end. */
export interface LostLink {
  readonly clientId: string
  readonly connection: number
  /** The client has sent DISCONNECT. */
  readonly disconnected: boolean
  /** What was done to the link as a whole, such as a cut, and by whom. */
  readonly fault: { readonly what: string; readonly by: string } | undefined
  readonly powerLoss: boolean
}

/** How a Network Connection came to its end, such as `link cut by cut after PUBREC` or `pump-01 closes the connection`. */
export function lostWords(link: LostLink, closing: ObservedClosing): string {
  const name = link.clientId === '' ? `connection ${link.connection}` : link.clientId
  const why = closing.reason === undefined ? '' : `: ${closing.reason}`
  if (link.powerLoss) return `${name} loses its power`
  if (closing.by === 'link') return cutWords(link, closing)
  if (closing.by === 'broker') return `the broker closes the connection of ${name}${why}`
  if (link.disconnected) return `${name} disconnects`
  switch (closing.cause) {
    case 'timeout':
      return `the connection of ${name} times out${why}`
    case 'rst':
      return `${name} resets the connection${why}`
    default:
      return `${name} closes the connection${why}`
  }
}

function cutWords({ fault }: LostLink, { reason }: ObservedClosing): string {
  if (fault !== undefined) {
    const what = fault.what.startsWith('cut') ? `link ${fault.what}` : fault.what
    return fault.by === '' || what.includes(fault.by) ? what : `${what} by ${fault.by}`
  }
  return reason === undefined ? 'link cut' : `link cut: ${reason}`
}

/** Such as `gateway-berlin reconnects after 5.0 s · session present`. */
export function reconnectedWords(clientId: string, after: number, sessionPresent: boolean): string {
  return `${clientId} reconnects after ${lengthWords(after)} · ${sessionPresent ? 'session present' : 'no session'}`
}

/** A length of time given in nanoseconds, in the unit that suits it. */
function lengthWords(nanoseconds: number): string {
  const ms = nanoseconds / 1e6
  if (ms < 10) return `${ms.toFixed(1)} ms`
  if (ms < 1000) return `${ms.toFixed(0)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const minutes = Math.floor(Math.round(ms / 1000) / 60)
  if (minutes < 60) return `${minutes} min ${Math.round(ms / 1000) % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
