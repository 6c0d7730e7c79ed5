import type { Origin } from '../../../app/mqtt/network-connection.ts'

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
  write(client: OutboxClient, octets: Uint8Array, origin: Origin | undefined): void
  end(client: OutboxClient, reason: string): void
}
