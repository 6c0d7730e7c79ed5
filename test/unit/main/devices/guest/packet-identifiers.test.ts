import { describe, expect, it } from 'vitest'
import { PacketIdentifiers } from '../../../../../main/devices/guest/packet-identifiers.ts'

describe('packet identifiers', () => {
  it('count up from 1 and begin again after 65535', () => {
    const ids = new PacketIdentifiers()
    for (let id = 1; id <= 65_535; id++) {
      expect(ids.allocate()).toBe(id)
      ids.deallocate(id)
    }
    expect(ids.allocate()).toBe(1)
    expect(ids.getLastAllocated()).toBe(1)
  })

  it('leave out those in use, and run out when all are', () => {
    const ids = new PacketIdentifiers()
    expect(ids.register(2)).toBe(true)
    expect(ids.register(2)).toBe(false)
    expect([ids.allocate(), ids.allocate()]).toEqual([1, 3])
    for (let left = 65_532; left > 0; left--) ids.allocate()
    expect(ids.allocate()).toBeNull()
    ids.deallocate(40_000)
    expect(ids.allocate()).toBe(40_000)
    ids.clear()
    expect(ids.register(2)).toBe(true)
  })
})
