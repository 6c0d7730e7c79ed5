import type { ExchangeSnapshot, MessageSnapshot } from '../../../app/contract/messages.ts'
import type { PacketStep } from './ladder-words.ts'

/** All exchanges of a message, the publisher's first. */
export function exchangesOf(message: MessageSnapshot): ExchangeSnapshot[] {
  return message.publisher === undefined ? [...message.exchanges] : [message.publisher, ...message.exchanges]
}

/** The exchange that a packet belongs to. */
export function exchangeOfPacket(message: MessageSnapshot, packet: number | undefined): ExchangeSnapshot | undefined {
  if (packet === undefined) return undefined
  return exchangesOf(message).find(({ steps }) => packetSteps(steps).some(({ number }) => number === packet))
}

/** The first packet of the message that is held now. */
export function heldPacketOf(message: MessageSnapshot): number | undefined {
  return first(allPackets(message).filter(({ fate }) => fate === 'held'))
}

/**
 * The packet to look at when a message is opened: the one that is held; otherwise the last one where something is still
 * to come; otherwise the first, which is the PUBLISH with the payload.
 */
export function packetToOpen(message: MessageSnapshot): number | undefined {
  const held = heldPacketOf(message)
  if (held !== undefined) return held
  const unfinished = exchangesOf(message).find(({ state }) => state === 'waiting' || state === 'lost')
  const last = unfinished === undefined ? undefined : packetSteps(unfinished.steps).at(-1)
  return last?.number ?? first(allPackets(message))
}

/** The exchange whose two sides are shown: the selected packet's, otherwise that of the packet to open. */
export function exchangeToShow(message: MessageSnapshot, packet: number | undefined): ExchangeSnapshot | undefined {
  return (
    exchangeOfPacket(message, packet) ?? exchangeOfPacket(message, packetToOpen(message)) ?? exchangesOf(message)[0]
  )
}

function allPackets(message: MessageSnapshot): PacketStep[] {
  return exchangesOf(message).flatMap(({ steps }) => packetSteps(steps))
}

function packetSteps(steps: ExchangeSnapshot['steps']): PacketStep[] {
  return steps.filter((step) => step.kind === 'packet')
}

function first(steps: readonly PacketStep[]): number | undefined {
  return steps.length === 0 ? undefined : Math.min(...steps.map(({ number }) => number))
}
