import type { HeldPacket, WireState } from '../../../../../app/contract/wire.ts'

export const clientName = (connection: number) => `client-${connection}`

export function held(more: Partial<HeldPacket> = {}): HeldPacket {
  const octets = Uint8Array.of(0x62, 2, 0, 77)
  const direction = 'to client' as const
  return { packet: 1, connection: 5, direction, since: 0, by: 'type:pubrel', octets, length: 4, waiting: 0, ...more }
}

export function wire(more: Partial<WireState> = {}): WireState {
  const list = more.held ?? []
  const counts = { heldCount: list.length, waitingCount: 0 }
  return { holding: false, speed: 1, breakpoints: [], rules: [], held: [], ...counts, ...more }
}
