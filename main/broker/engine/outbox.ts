import type { Origin } from '../../../app/mqtt/network-connection.ts'
import type { Turn } from './turn.ts'

/** Who gets what the outbox lets go. */
export interface OutboxClient {
  writeNow(octets: Uint8Array, origin?: Origin): void
  hangUp(reason: string): void
}

/**
 * Holds back what goes to clients until what it rests on is written: nothing is acknowledged, and nothing is delivered,
 * that would not be there after `kill -9`.
 */
export interface Outbox {
  /** Nothing waits to be written: packets may go out directly. */
  readonly isOpen: boolean
  /** So much waits to be written that nothing more is to be taken from clients. */
  readonly isFull: boolean
  /** Nothing could be written for a while. */
  readonly isFailing: boolean
  /** Calls it once, when there is room again. Only where it is full. */
  whenRoom(goOn: () => void): void
  write(client: OutboxClient, octets: Uint8Array, origin: Origin | undefined): void
  end(client: OutboxClient, reason: string): void
}

interface Ground {
  readonly outbox: Outbox | undefined
  readonly turn: Turn
}

/** There is no time for another packet in this turn, or no room. */
export function isBusy({ outbox, turn }: Ground): boolean {
  return turn.isOver || outbox?.isFull === true
}

/** Calls it in a later turn: when there is time, and room for what has to be written first. */
export function whenThereIsRoom({ outbox, turn }: Ground, goOn: () => void): void {
  if (outbox?.isFull) outbox.whenRoom(goOn)
  else turn.next(goOn)
}
