import { describe, expect, it } from 'vitest'
import { exchangeToShow, heldPacketOf, packetToOpen } from '../../../../../renderer/features/handshakes/focus.ts'
import { alarm, exchange, message, packet } from './messages.ts'

describe('opening a message', () => {
  it('looks at the packet that is held', () => {
    expect(heldPacketOf(alarm())).toBe(11)
    expect(packetToOpen(alarm())).toBe(11)
  })

  it('looks at the last packet where something is still to come', () => {
    const steps = [packet(5, 0, 'PUBLISH'), packet(6, 1, 'PUBREC')]
    expect(packetToOpen(message({ publisher: exchange({ state: 'waiting', steps }) }))).toBe(6)
  })

  it('looks at the PUBLISH of what is complete', () => {
    const steps = [packet(5, 0, 'PUBLISH'), packet(6, 1, 'PUBREC')]
    expect(packetToOpen(message({ publisher: exchange({ steps }) }))).toBe(5)
    expect(packetToOpen(message())).toBeUndefined()
  })
})

describe('the two sides that are shown', () => {
  it('are those of the packet that is looked at', () => {
    expect(exchangeToShow(alarm(), 2)?.clientId).toBe('gateway-berlin')
    expect(exchangeToShow(alarm(), 9)?.clientId).toBe('dashboard')
  })

  it('are those of the packet to open while a packet of another message is looked at', () => {
    expect(exchangeToShow(alarm(), 4711)?.clientId).toBe('dashboard')
    expect(exchangeToShow(alarm(), undefined)?.clientId).toBe('dashboard')
  })
})
