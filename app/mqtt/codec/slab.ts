/** As large as Node's own: what is kept of it keeps no more than this. */
const slabSize = 8192
const most = slabSize >>> 3

let slab = new ArrayBuffer(slabSize)
let used = 0

/**
 * Octets to write a packet into, all 0. Small ones are views of one ArrayBuffer, one after the other and never given
 * twice, because an ArrayBuffer for each costs far more than writing the packet: their `buffer` is not theirs alone, so
 * it must not be transferred to another thread.
 */
export function octetsFor(length: number): Uint8Array {
  if (length > most) return new Uint8Array(length)
  if (used + length > slabSize) {
    slab = new ArrayBuffer(slabSize)
    used = 0
  }
  const octets = new Uint8Array(slab, used, length)
  used += length
  return octets
}
