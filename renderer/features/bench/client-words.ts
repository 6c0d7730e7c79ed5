import type { ClientView, Device, Session } from '../../state/clients.ts'
import type { ChipTone } from '../../ui/chip.tsx'
import type { DotTone } from '../../ui/dot.tsx'
import { formatCount, formatSpan, formatWait } from '../../ui/format.ts'

/** A client's state as a row of the list says it. */
export interface ClientWords {
  readonly dot: DotTone
  readonly line: string
  /** Stands in place of the curve where there is something more pressing to say. */
  readonly chip: { readonly tone: ChipTone; readonly text: string } | undefined
  readonly connected: boolean
}

/** The file's name without its folders. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** @param now wall time in milliseconds. */
export function describeClient(client: ClientView, now: number): ClientWords {
  return client.device === undefined ? describeOutside(client, now) : describeDevice(client.device, client.session, now)
}

function describeDevice(device: Device, session: Session | undefined, now: number): ClientWords {
  const dot = deviceDot(device)
  switch (device.state) {
    case 'online':
      return {
        dot,
        line: joined(...device.faults, fileName(device.script), where(device, session)),
        chip: device.faults.length === 0 ? undefined : { tone: 'red', text: 'FAULT' },
        connected: true,
      }
    case 'off':
    case 'booting':
    case 'connecting':
      return { dot, line: joined(fileName(device.script), device.state), chip: undefined, connected: false }
    case 'backing off':
      return {
        dot,
        line: joined(nextAttempt(device, now), `attempt ${device.attempts + 1}`),
        chip: { tone: 'amber', text: 'BACKOFF' },
        connected: false,
      }
    case 'offline':
      return {
        dot,
        line: joined('disconnected', device.target === '' ? sessionLeft(session) : ''),
        chip: queuedChip(session),
        connected: false,
      }
    case 'power lost':
      return {
        dot,
        line: joined(`power lost ${formatSpan(now - device.since)} ago`, willLeft(session)),
        chip: willPublished(session) ? { tone: 'purple', text: 'WILL' } : queuedChip(session),
        connected: false,
      }
    case 'script error':
      return {
        dot,
        line: device.error?.message ?? device.reason,
        chip: { tone: 'red', text: 'ERROR' },
        connected: false,
      }
  }
}

export function deviceDot(device: Device): DotTone {
  if (device.error !== undefined) return 'red'
  switch (device.state) {
    case 'online':
      return device.faults.length === 0 ? 'green' : 'amber'
    case 'booting':
    case 'connecting':
    case 'backing off':
      return 'amber'
    case 'power lost':
    case 'script error':
      return 'red'
    case 'off':
    case 'offline':
      return 'grey'
  }
}

function describeOutside({ session, connection }: ClientView, now: number): ClientWords {
  const external = { tone: 'blue', text: 'EXTERNAL' } as const
  if (connection?.open === true) {
    const waiting = connection.clientId === undefined ? 'no CONNECT yet' : 'outside client'
    return { dot: 'green', line: joined(waiting, connection.remote), chip: external, connected: true }
  }
  if (session?.connected === true) return { dot: 'green', line: 'outside client', chip: external, connected: true }
  const left = willPublished(session)
    ? joined(`gone ${formatSpan(now - (session?.since ?? now))} ago`, 'will sent')
    : joined('offline', sessionLeft(session))
  return { dot: 'grey', line: left, chip: queuedChip(session) ?? external, connected: false }
}

function nextAttempt(device: Device, now: number): string {
  if (device.nextAttemptAt === undefined) return 'reconnecting'
  const wait = device.nextAttemptAt - now
  return wait <= 0 ? 'reconnecting now' : `reconnecting in ${formatWait(wait)}`
}

/** Of another broker's sessions nothing is known, but which one it is matters. */
function where(device: Device, session: Session | undefined): string {
  return device.target === '' ? sessionKind(session) : device.target
}

function sessionKind(session: Session | undefined): string {
  if (session === undefined) return ''
  return session.clean ? 'clean session' : 'persistent'
}

function sessionLeft(session: Session | undefined): string {
  if (session === undefined) return 'no session'
  return session.queued === 0 ? 'session kept' : `session kept, ${formatCount(session.queued)} queued`
}

function willPublished(session: Session | undefined): boolean {
  return session?.will?.state === 'published'
}

function willLeft(session: Session | undefined): string {
  if (willPublished(session)) return 'will sent'
  return session?.will?.state === 'armed' ? 'will armed' : ''
}

function queuedChip(session: Session | undefined): ClientWords['chip'] {
  return session === undefined || session.queued === 0 ? undefined : { tone: 'green', text: 'QUEUED' }
}

function joined(...parts: string[]): string {
  return parts.filter((part) => part !== '').join(' · ')
}
